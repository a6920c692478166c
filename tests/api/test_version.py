"""One version everywhere: what each package says of itself, in its files and at run time, is what Cargo.toml says."""

import ctypes
import json
import os
import re
import subprocess
from pathlib import Path

import hogwire
import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def table(name, head):
    """The lines of one table of a TOML file."""
    return re.search(rf"^\[{re.escape(head)}\]\n(.*?)(?=^\[|\Z)", read(name), re.MULTILINE | re.DOTALL)[1]


VERSION = re.search(r'^version = "(.*)"', table("Cargo.toml", "workspace.package"), re.MULTILINE)[1]


def c_library():
    library = ctypes.CDLL(os.path.join(os.environ.get("HOGWIRE_BUILD", TARGET / "debug"), "libhogwire.so"))
    library.hogwire_version.restype = ctypes.c_char_p
    return library


def node_version():
    program = "console.log(require('./bindings-node').version)"
    return subprocess.run(["node", "-e", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def c_makefile():
    words = ["make", "--no-print-directory", "-C", str(ROOT / "bindings-c"), "version"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


PLACES = {
    "Cargo.toml's dependency": lambda: re.search(
        r'^hogwire = .*version = "([^"]*)"', table("Cargo.toml", "workspace.dependencies"), re.MULTILINE
    )[1],
    "CHANGELOG.md": lambda: re.search(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)[1],
    "package.json": lambda: json.loads(read("bindings-node/package.json"))["version"],
    "package-lock.json": lambda: json.loads(read("bindings-node/package-lock.json"))["version"],
    "package-lock.json, the package": lambda: json.loads(read("bindings-node/package-lock.json"))["packages"][""][
        "version"
    ],
    "the C library": lambda: c_library().hogwire_version().decode(),
    "the C library's .pc, CMake files and soname": c_makefile,
    "the Python package": lambda: hogwire.__version__,
    "the Node package": node_version,
}


@pytest.mark.parametrize("place", PLACES)
def test_one_version_everywhere(place):
    assert PLACES[place]() == VERSION


@pytest.mark.parametrize("name", ["core", "bindings-c", "bindings-python", "bindings-node"])
def test_every_package_takes_the_workspace_s(name):
    assert "version.workspace = true\n" in table(f"{name}/Cargo.toml", "package")


def test_python_s_project_file_takes_the_crate_s():
    project = table("bindings-python/pyproject.toml", "project")
    assert 'dynamic = ["version"]\n' in project
    assert "\nversion =" not in project


@pytest.mark.parametrize("name", ["core", "bindings-python"])
def test_the_licence_that_goes_into_a_package_is_the_project_s(name):
    assert read(f"{name}/LICENSE") == read("LICENSE")


def test_the_soname_carries_the_abi_of_the_header():
    abi = re.search(r"#define HOGWIRE_ABI_VERSION (\d+)", read("bindings-c/include/hogwire.h"))[1]
    assert f"libhogwire.so.{abi}" in read("bindings-c/build.rs")
    assert f"libhogwire.{abi}.dylib" in read("bindings-c/build.rs")
    assert c_library().hogwire_abi_version() == int(abi)
