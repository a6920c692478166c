//! The Rust blocks of every page are programs: each is built, run against a receiver, and has to print what it says it prints.
//!
//! `tests/pages.json` names the pages; the guide's own lines for `Cargo.toml` say what the programs depend on.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and is a host: it reads files"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hogwire_receiver::{Receiver, Settings};

/// The host in the blocks.
const CLOUD: &str = r#""https://us.i.posthog.com""#;
/// What stands for it: the receiver's port would be another in each run, and all would be compiled anew.
const ENVIRONMENT: &str = r#"std::env::var("POSTHOG_HOST").unwrap()"#;

/// The contents of the fenced blocks of a language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    text.split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect()
}

/// What lines that print say they print: `println!(..); // 200 accepted`, where `...` stands for anything.
fn promises(program: &str) -> Vec<&str> {
    program
        .lines()
        .filter(|line| line.contains("println!(") && !line.contains("eprintln!("))
        .filter_map(|line| line.split_once("// "))
        .flat_map(|(_, promise)| promise.split("..."))
        .map(str::trim)
        .collect()
}

/// A package with a program for each block.
fn package(folder: &Path, root: &Path, dependencies: &str, programs: &[(String, String)]) {
    let bin = folder.join("src/bin");
    fs::create_dir_all(&bin).unwrap();
    for file in fs::read_dir(&bin).unwrap() {
        let file = file.unwrap().path();
        let is_wanted = programs
            .iter()
            .any(|(name, _)| file.file_stem().is_some_and(|stem| stem == name.as_str()));
        if !is_wanted {
            fs::remove_file(file).unwrap();
        }
    }
    // The same profile as the workspace's, so that its builds of the dependencies are used again.
    let manifest = format!(
        "[package]\nname = \"hogwire-pages\"\nedition = \"2024\"\n{dependencies}\n[patch.crates-io]\nhogwire = {{ path = {:?} }}\n[workspace]\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n[profile.dev.package.\"*\"]\ndebug = false\n[profile.dev.package.zlib-rs]\nopt-level = 1\ndebug = false\n",
        env!("CARGO_MANIFEST_DIR")
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    for (name, program) in programs {
        let file = bin.join(format!("{name}.rs"));
        // Untouched, it need not be compiled again.
        if fs::read_to_string(&file).ok().as_ref() != Some(program) {
            fs::write(file, program).unwrap();
        }
    }
}

#[test]
fn rust_blocks_run_and_print_what_they_promise() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = |page: &str| fs::read_to_string(root.join(page)).unwrap();
    let list: serde_json::Value = serde_json::from_str(&read("tests/pages.json")).unwrap();
    let receiver = Receiver::start(Settings::default()).unwrap();
    let mut programs = Vec::new();
    for page in list["pages"].as_array().unwrap() {
        let page = page.as_str().unwrap();
        for (number, block) in blocks(&read(page), "rust").into_iter().enumerate() {
            let name = format!("page-{}-{number}", page.replace(['/', '.'], "-").to_lowercase());
            programs.push((name, block.replace(CLOUD, ENVIRONMENT)));
        }
    }
    assert!(programs.len() >= 9, "only {} blocks", programs.len());
    let guide = read("core/README.md");
    let [dependencies] = blocks(&guide, "toml")[..] else {
        unreachable!("the guide has one block for Cargo.toml");
    };

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    package(&folder, root, dependencies, &programs);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    // What cargo tells a test about itself. Build scripts ask for it: one would be taken to have changed, here and in the next build.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&*name);
        }
    }
    let built = cargo
        .args(["build", "--quiet", "--offline", "--bins", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));

    for (name, program) in &programs {
        receiver.reset();
        let path: PathBuf = target.join("debug").join(name);
        let output = Command::new(path)
            .env("POSTHOG_API_KEY", "phc_x")
            .env("POSTHOG_HOST", receiver.url())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{name}");
        let promises = promises(program);
        assert!(!promises.is_empty(), "{name} shows nothing");
        for promise in promises {
            assert!(
                printed.contains(promise),
                "{name} promises {promise:?} and prints\n{printed}"
            );
        }
        let speaks = program.contains(ENVIRONMENT) || program.contains("or_from_env");
        assert_eq!(receiver.stored().is_empty(), !speaks, "{name}");
    }
}
