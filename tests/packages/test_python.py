"""The wheel and the source distribution, as pip meets them."""

import email
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, TARGET, need, package, run, version
from guide import quick_start

VERSIONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]


def interpreter(wanted):
    """A Python of that version, on the path or one of pyenv's; None where there is none."""
    folders = [Path(folder) for folder in os.environ["PATH"].split(os.pathsep)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for folder in [*folders, *sorted(pyenv.glob(f"versions/{wanted}.*/bin"))]:
        program = folder / f"python{wanted}"
        if program.exists():
            # pyenv's shims are there for versions that are not switched on, and fail.
            show = [program, "-c", "import sys; print(sys.version)"]
            if subprocess.run(show, capture_output=True, text=True, check=False).stdout.startswith(f"{wanted}."):
                return program
    return None


def environment(folder, python=sys.executable):
    """An environment of its own, with nothing in it."""
    run(python, "-m", "venv", folder, cwd=folder.parent)
    return folder / "bin/python"


def quick_start_works(python, folder, receiver):
    (folder / "quick_start.py").write_text(
        quick_start("bindings-python/README.md", "python", receiver.url), encoding="utf-8"
    )
    told = run(python, "-W", "error", "quick_start.py", cwd=folder)
    assert "accepted" in told, told
    assert "User Signed Up" in receiver.stored()
    assert run(python, "-c", "import hogwire; print(hogwire.__version__)", cwd=folder).strip() == version()


@pytest.mark.parametrize("wanted", VERSIONS)
def test_the_wheel_in_an_empty_environment(wanted, tmp_path, receiver):
    found = interpreter(wanted)
    if found is None:
        pytest.skip(f"there is no Python {wanted} here")
    python = environment(tmp_path / "venv", found)
    run(python, "-m", "pip", "install", "--quiet", "--no-index", package("*.whl"), cwd=tmp_path)
    quick_start_works(python, tmp_path, receiver)


def test_one_python_at_least_was_there():
    assert [wanted for wanted in VERSIONS if interpreter(wanted)]


def test_the_source_distribution_builds_in_an_empty_environment(tmp_path, receiver):
    """In the dev profile, with the dependencies that are built already: what is shown is that nothing is missing."""
    python = environment(tmp_path / "venv")
    dev = "--config-settings=build-args=--profile dev"
    run(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        dev,
        package("*[0-9].tar.gz"),
        cwd=tmp_path,
        CARGO_TARGET_DIR=str(TARGET),
    )
    quick_start_works(python, tmp_path, receiver)


def test_the_wheel_is_one_for_all_pythons_and_most_linux_systems():
    need("objdump")
    wheel = package("*.whl")
    _, _, python, abi, platform = wheel.stem.split("-")
    assert (python, abi) == ("cp310", "abi3")
    tools = Path(sys.executable).parent
    told = " ".join(run(tools / "auditwheel", "show", wheel, cwd=wheel.parent).split())
    consistent = re.search(r'is consistent with the following platform tag: "(\w+)"', told)
    assert consistent, told
    assert consistent[1] in platform.split("."), told
    assert "libhogwire" not in told
    assert re.search(r"manylinux_2_\d+_", platform), platform
    # Only the stable interface is used; anything else ends the audit with a failure.
    told = " ".join(run(tools / "abi3audit", "--strict", "--summary", wheel, cwd=wheel.parent).split())
    assert ": 1 extensions scanned; 0 ABI version mismatches and 0 ABI violations found" in told


def test_what_the_wheel_holds():
    with zipfile.ZipFile(package("*.whl")) as wheel:
        names = {name for name in wheel.namelist() if not name.startswith(f"hogwire-{version()}.dist-info/")}
        sources = {
            f"hogwire/{path.name}"
            for path in (ROOT / "bindings-python/python/hogwire").iterdir()
            if path.suffix in (".py", ".pyi", ".typed")
        }
        assert names == sources | {"hogwire/py.typed", "hogwire/_native.abi3.so"}
        metadata = email.message_from_bytes(wheel.read(f"hogwire-{version()}.dist-info/METADATA"))
        assert f"hogwire-{version()}.dist-info/licenses/LICENSE" in wheel.namelist()
    assert metadata["Name"] == "hogwire"
    assert metadata["Version"] == version()
    assert metadata["Requires-Python"] == ">=3.10"
    assert metadata["License-Expression"] == "MIT"
    for field in ("Summary", "Keywords", "Author"):
        assert metadata[field], field
    assert "Typing :: Typed" in metadata.get_all("Classifier")
    assert metadata.get_payload().startswith("# hogwire for Python")


def test_what_the_source_distribution_holds():
    with tarfile.open(package("*[0-9].tar.gz")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "Cargo.lock",
        "Cargo.toml",
        "PKG-INFO",
        "pyproject.toml",
        "core/src/lib.rs",
        "core/LICENSE",
        "bindings-python/LICENSE",
    } <= names
    # The receiver comes along because the core's manifest names it among its development dependencies.
    folders = {
        name.partition("/")[0] if not name.startswith("tests/") else "/".join(name.split("/")[:2])
        for name in names
        if "/" in name
    }
    assert folders == {"bindings-python", "core", "python", "tests/receiver"}
    assert not [name for name in names if name.endswith((".so", ".pyc"))]


@pytest.mark.parametrize(
    "checker",
    [["mypy", "--strict"], ["pyright", "--warnings"], ["pyright", "--ignoreexternal", "--verifytypes", "hogwire"]],
)
def test_types_are_complete_for_a_user(checker, tmp_path):
    """A strict project that installed the wheel, and sees nothing of this checkout."""
    python = environment(tmp_path / "venv")
    tool = {"mypy": "mypy==2.4.1", "pyright": "pyright==1.1.414"}[checker[0]]
    run(python, "-m", "pip", "install", "--quiet", tool, package("*.whl"), cwd=tmp_path)
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(ROOT / "bindings-python/tests/typed/program.py", project)
    (project / "pyproject.toml").write_text('[tool.pyright]\ntypeCheckingMode = "strict"\n', encoding="utf-8")
    files = [] if "--verifytypes" in checker else ["program.py"]
    pyright = {"PYRIGHT_PYTHON_CACHE_DIR": str(TARGET / "pyright"), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    activated = {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    told = run(python, "-m", *checker, *files, cwd=project, **pyright, **activated)
    assert re.search(r"no issues found in 1 source|0 errors, 0 warnings|completeness score: 100%", told), told
