"""The crate as it would be uploaded, used by a program in an empty folder."""

import pytest
from conftest import ROOT, TARGET, package, run, version
from guide import quick_start

MANIFEST = """
[package]
name = "program"
edition = "2024"
[dependencies]
hogwire = {{ path = "hogwire-{version}", {features} }}
[workspace]
# As in hogwire's workspace, so that its builds of the dependencies are used again.
[profile.dev]
debug = "line-tables-only"
[profile.dev.package."*"]
debug = false
[profile.dev.package.zlib-rs]
opt-level = 1
debug = false
"""
WITHOUT_TRANSPORT = """
use hogwire::{Config, CreateEvent, Response, build, interpret};

fn main() {
    let config = Config::builder("phc_example").build().unwrap();
    let request = build(CreateEvent::new("user-12345", "User Signed Up"), &config, 1_795_420_800_000, 7, 1).unwrap();
    let outcome = interpret(&request, &Ok(Response::new(200, r#"{"status":"Ok"}"#)), 1_795_420_800_000);
    println!("{} {}", outcome.status_code, outcome.delivery);
}
"""


def cargo(*words, cwd):
    return run("cargo", *words, "--quiet", "--offline", cwd=cwd, CARGO_TARGET_DIR=str(TARGET))


@pytest.fixture
def project(tmp_path):
    """A program that depends on the unpacked crate."""

    def project(features, program):
        run("tar", "-xzf", package("*.crate"), cwd=tmp_path)
        (tmp_path / "src").mkdir()
        (tmp_path / "src/main.rs").write_text(program, encoding="utf-8")
        (tmp_path / "Cargo.toml").write_text(MANIFEST.format(version=version(), features=features), encoding="utf-8")
        (tmp_path / "Cargo.lock").write_bytes((ROOT / "Cargo.lock").read_bytes())
        return tmp_path

    return project


def test_the_quick_start(project, receiver):
    told = cargo("run", cwd=project("", quick_start("core/README.md", "rust", receiver.url)))
    assert told.startswith("200 accepted\n"), told
    assert "User Signed Up" in receiver.stored()


def test_without_a_transport_it_builds_and_interprets(project):
    folder = project("default-features = false", WITHOUT_TRANSPORT)
    assert cargo("run", cwd=folder) == "200 accepted\n"
    tree = cargo("tree", "--edges", "normal", "--prefix", "none", cwd=folder)
    assert "hogwire" in tree
    assert not [line for line in tree.splitlines() if line.split()[0] in ("ureq", "rustls", "ring")]


def test_what_the_crate_holds(tmp_path):
    run("tar", "-xzf", package("*.crate"), cwd=tmp_path)
    folder = tmp_path / f"hogwire-{version()}"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    sources = {str(path.relative_to(ROOT / "core")) for path in (ROOT / "core/src").rglob("*.rs")}
    # cargo adds the state of git where there is one.
    assert files - {".cargo_vcs_info.json"} == sources | {
        "Cargo.toml",
        "Cargo.toml.orig",
        "Cargo.lock",
        "README.md",
        "LICENSE",
    }
    manifest = (folder / "Cargo.toml").read_text(encoding="utf-8")
    for field in ("description", "license", "readme", "keywords", "categories", "rust-version"):
        assert f"\n{field} = " in manifest, field
