"""What holds for every package: its size, its version, and that it says nothing of the machine it was made on."""

import tarfile
import zipfile
from pathlib import Path

import pytest
from conftest import PACKAGES, ROOT, TARGET, package, run, version

MEGABYTE = 1 << 20
ALL = ["*.whl", "*[0-9].tar.gz", "hogwire-[0-9]*.tgz", "hogwire-[a-z]*.tgz", "hogwire-c-*.tar.gz", "*.crate"]

LIBRARIES = ["*.whl", "hogwire-[a-z]*.tgz", "hogwire-c-*.tar.gz"]


def contents(path):
    """The files of an archive, with what stands in them."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            yield from ((name, archive.read(name)) for name in archive.namelist())
        return
    with tarfile.open(path) as archive:
        yield from ((member.name, archive.extractfile(member).read()) for member in archive if member.isfile())


@pytest.mark.parametrize("pattern", ALL)
def test_nothing_tells_of_the_builder(pattern):
    builder = [str(place).encode() for place in {ROOT, TARGET, Path.home()} if len(place.parts) > 1]
    for name, data in contents(package(pattern)):
        assert not [place for place in builder if place in data], name


@pytest.mark.parametrize("pattern", ALL)
def test_the_version_is_in_the_name_and_the_licence_inside(pattern):
    assert version() in package(pattern).name
    licence = (ROOT / "LICENSE").read_bytes()
    assert [name for name, data in contents(package(pattern)) if name.endswith("LICENSE") and data == licence]


@pytest.mark.parametrize("pattern", LIBRARIES)
def test_the_licences_of_what_is_linked_in_are_passed_on(pattern):
    texts = [data.decode() for name, data in contents(package(pattern)) if name.endswith("LICENSE-THIRD-PARTY.txt")]
    assert len(texts) == 1
    for part in (
        "  ring ",
        "  zstd-sys ",
        "  ureq ",
        "Meta Platforms",
        "ISC License",
        "Apache License",
        "  Rust's standard library ",
    ):
        assert part in texts[0], part


@pytest.mark.parametrize(
    ("pattern", "limit"), [("*.whl", 2.5), ("hogwire-[0-9]*.tgz", 0.1), ("hogwire-[a-z]*.tgz", 2.5)]
)
def test_packages_stay_small(pattern, limit):
    assert package(pattern).stat().st_size <= limit * MEGABYTE


@pytest.mark.parametrize("pattern", LIBRARIES)
def test_libraries_stay_small(pattern):
    libraries = {
        name: len(data)
        for name, data in contents(package(pattern))
        if name.endswith((".node", ".dylib", ".dll")) or ".so" in name
    }
    assert libraries
    assert max(libraries.values()) <= 4 * MEGABYTE, libraries


def test_the_checksums_are_right():
    lines = (PACKAGES / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(ALL)
    run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=PACKAGES)
