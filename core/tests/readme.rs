//! The Rust blocks of the project's README are programs: each is built and run against a receiver, and its event must arrive.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and is a host: it reads files"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use hogwire_receiver::{Receiver, Settings};

/// The contents of the fenced blocks of a language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    text.split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect()
}

#[test]
fn rust_blocks_run_and_their_event_arrives() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let programs = blocks(&readme, "rust");
    assert!(!programs.is_empty(), "the README has no Rust block");

    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    fs::create_dir_all(package.join("src/bin")).unwrap();
    // The same profile as the workspace's, so that its builds of the dependencies are used again.
    let manifest = format!(
        "[package]\nname = \"hogwire-readme\"\nedition = \"2024\"\n[dependencies]\nhogwire = {{ path = {:?} }}\n[workspace]\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n[profile.dev.package.\"*\"]\ndebug = false\n[profile.dev.package.zlib-rs]\nopt-level = 1\ndebug = false\n",
        env!("CARGO_MANIFEST_DIR")
    );
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    for (number, program) in programs.iter().enumerate() {
        let receiver = Receiver::start(Settings::default()).unwrap();
        let program = program.replace("https://us.i.posthog.com", &receiver.url());
        fs::write(package.join(format!("src/bin/block{number}.rs")), program).unwrap();
        let output = Command::new(env!("CARGO"))
            .args([
                "run",
                "--quiet",
                "--offline",
                "--bin",
                &format!("block{number}"),
                "--manifest-path",
            ])
            .arg(package.join("Cargo.toml"))
            .env(
                "CARGO_TARGET_DIR",
                Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap(),
            )
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(printed.starts_with("200 accepted\n-1 "), "{printed}");
        assert_eq!(receiver.stored().len(), 1);
    }
}
