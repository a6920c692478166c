"""The C archive, unpacked by a stranger: from C, C++, Go and LuaJIT, by pkg-config and CMake, beside other Rust."""

import re
import shutil
import sys

import pytest
from conftest import ROOT, TARGET, need, package, run
from guide import blocks, quick_start

GUIDE = "bindings-c/README.md"
STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic"]
KIND = {"c": ["gcc", "-std=c99", *STRICT], "cpp": ["g++", "-std=c++17", *STRICT]}


@pytest.fixture
def unpacked(tmp_path):
    """The archive's folder, in an empty one."""
    archive = package("hogwire-c-*.tar.gz")
    run("tar", "-xzf", archive, cwd=tmp_path)
    return tmp_path / archive.name.removesuffix(".tar.gz")


@pytest.fixture
def place(unpacked):
    """What finds the library there."""
    return {"PKG_CONFIG_PATH": str(unpacked / "lib/pkgconfig"), "LD_LIBRARY_PATH": str(unpacked / "lib")}


def flags(place, cwd, *more):
    need("pkg-config")
    return run("pkg-config", "--cflags", "--libs", *more, "hogwire", cwd=cwd, **place).split()


@pytest.mark.parametrize("kind", ["shared", "static"])
def test_c_through_pkg_config(kind, place, tmp_path, receiver):
    (tmp_path / "quick_start.c").write_text(quick_start(GUIDE, "c", receiver.url), encoding="utf-8")
    words = flags(place, tmp_path, *(["--static"] if kind == "static" else []))
    if kind == "static":
        # Beside a shared library of the same name a linker prefers that one.
        words = ["-l:libhogwire.a" if word == "-lhogwire" else word for word in words]
    run(*KIND["c"], "quick_start.c", "-o", "quick_start", *words, cwd=tmp_path, **place)
    assert run("./quick_start", cwd=tmp_path, **(place if kind == "shared" else {})) == "200 accepted\n"
    assert receiver.stored() == ["User Signed Up"]


def test_cpp_through_pkg_config(place, tmp_path, receiver):
    (tmp_path / "quick_start.cpp").write_text(quick_start(GUIDE, "cpp", receiver.url), encoding="utf-8")
    run(*KIND["cpp"], "quick_start.cpp", "-o", "quick_start", *flags(place, tmp_path), cwd=tmp_path, **place)
    told = run("./quick_start", cwd=tmp_path, **place)
    assert told.startswith("200 accepted\n")
    assert receiver.stored() == ["User Signed Up", "Song Played"]


@pytest.mark.parametrize("kind", ["hogwire", "hogwire_static"])
def test_c_through_cmake(kind, unpacked, tmp_path, receiver):
    need("cmake")
    lines = blocks(GUIDE, "cmake")[0].replace("hogwire::hogwire)", f"hogwire::{kind})")
    project = (
        f"cmake_minimum_required(VERSION 3.16)\nproject(program C)\nadd_executable(program quick_start.c)\n{lines}"
    )
    (tmp_path / "CMakeLists.txt").write_text(project, encoding="utf-8")
    (tmp_path / "quick_start.c").write_text(quick_start(GUIDE, "c", receiver.url), encoding="utf-8")
    run("cmake", "-S", ".", "-B", "build", f"-DCMAKE_PREFIX_PATH={unpacked}", cwd=tmp_path)
    run("cmake", "--build", "build", cwd=tmp_path)
    assert run("build/program", cwd=tmp_path) == "200 accepted\n"
    assert receiver.stored() == ["User Signed Up"]


def test_go_through_cgo(place, tmp_path, receiver):
    need("go")
    example = (ROOT / "bindings-c/examples/go/main.go").read_text(encoding="utf-8")
    program = quick_start(GUIDE, "go", receiver.url) if blocks(GUIDE, "go") else example
    (tmp_path / "main.go").write_text(program, encoding="utf-8")
    shutil.copy(ROOT / "bindings-c/examples/go/go.mod", tmp_path)
    cflags = run("pkg-config", "--cflags", "hogwire", cwd=tmp_path, **place).strip()
    libs = run("pkg-config", "--libs", "hogwire", cwd=tmp_path, **place).strip()
    server = {"POSTHOG_API_KEY": "phc_your_project_key", "POSTHOG_HOST": receiver.url}
    told = run("go", "run", ".", cwd=tmp_path, CGO_CFLAGS=cflags, CGO_LDFLAGS=libs, **server, **place)
    assert told.startswith("200 accepted"), told
    assert "User Signed Up" in receiver.stored()


def test_luajit_through_its_ffi(place, tmp_path, receiver):
    need("luajit")
    shutil.copy(ROOT / "bindings-c/examples/quickstart.lua", tmp_path)
    server = {"POSTHOG_API_KEY": "phc_your_project_key", "POSTHOG_HOST": receiver.url}
    told = run("luajit", "quickstart.lua", cwd=tmp_path, **server, **place)
    assert re.fullmatch(r"200 accepted\n-1 Alias .*\n1 delivered, 0 pending\n", told), told
    assert receiver.stored() == ["User Signed Up", "Song Played"]


NEIGHBOUR = """
//! Another static library made of Rust, with the same crates inside.

/// Hashes with ring, compresses with zstd, and lets a panic unwind.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_works() -> i32 {
    let digest = ring::digest::digest(&ring::digest::SHA256, b"neighbour");
    let packed = zstd::bulk::compress(digest.as_ref(), 3).unwrap_or_default();
    let caught = std::panic::catch_unwind(|| assert!(std::env::args().count() > 99)).is_err();
    i32::from(digest.as_ref().len() == 32 && !packed.is_empty() && caught)
}
"""
NEIGHBOUR_MANIFEST = """
[package]
name = "neighbour"
edition = "2024"
[lib]
path = "neighbour.rs"
crate-type = ["staticlib"]
[dependencies]
ring = "0.17"
zstd = { version = "0.14.4", default-features = false }
[workspace]
# As in hogwire's workspace, so that its builds of the dependencies are used again.
[profile.dev]
debug = "line-tables-only"
[profile.dev.package."*"]
debug = false
"""


def test_two_rust_libraries_in_one_program(place, unpacked, tmp_path, receiver):
    (tmp_path / "neighbour.rs").write_text(NEIGHBOUR, encoding="utf-8")
    (tmp_path / "Cargo.toml").write_text(NEIGHBOUR_MANIFEST, encoding="utf-8")
    shutil.copy(ROOT / "Cargo.lock", tmp_path)
    run("cargo", "build", "--quiet", "--offline", cwd=tmp_path, CARGO_TARGET_DIR=str(TARGET))
    neighbour = TARGET / "debug/libneighbour.a"
    program = quick_start(GUIDE, "c", receiver.url).replace(
        "int main(void) {", "int neighbour_works(void);\nint main(void) {\n    if (!neighbour_works()) { return 2; }"
    )
    (tmp_path / "both.c").write_text(program, encoding="utf-8")
    compile_both = [*KIND["c"], "both.c", "-o", "both", f"-I{unpacked}/include"]
    system = flags(place, tmp_path, "--static")[2:]
    system = [word for word in system if word != "-lhogwire"]
    run(*compile_both, unpacked / "lib/libhogwire.a", neighbour, *system, cwd=tmp_path)
    assert "200 accepted" in run("./both", cwd=tmp_path)
    assert receiver.stored() == ["User Signed Up"]
    if sys.platform == "linux":
        # As cargo makes it, the library does clash: the test above proves something.
        told = run(*compile_both, TARGET / "release/libhogwire.a", neighbour, *system, cwd=tmp_path, fails=True)
        assert "multiple definition of" in told
