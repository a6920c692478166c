//! The committed header is exactly what the sources say. `BLESS=1 cargo test -p hogwire-c` writes it anew.

use std::error::Error;
use std::fs;
use std::path::Path;

/// The files of the header, in the order of its chapters.
const CHAPTERS: &[&str] = &[
    "status",
    "library",
    "config",
    "client",
    "operations",
    "batch",
    "outcome",
    "queue_options",
    "queue",
    "queue_operations",
    "receipt",
    "report",
    "own_http",
    "request",
    "transport",
    "before_send",
    "recording",
];

fn generated() -> Result<String, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml"))?;
    let mut builder = cbindgen::Builder::new().with_config(config);
    for chapter in CHAPTERS {
        builder = builder.with_src(folder.join(format!("src/{chapter}.rs")));
    }
    let mut header = Vec::new();
    builder.generate()?.write(&mut header);
    Ok(String::from_utf8(header)?)
}

#[test]
fn the_committed_header_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/hogwire.h");
    let generated = generated().unwrap();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "include/hogwire.h is not what the sources say; run BLESS=1 cargo test -p hogwire-c and read the difference"
    );
}
