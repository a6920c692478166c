"""Makes what is measured: hogwire's packages from the release build, the official clients in a scratch folder."""

import os
import shutil
import subprocess
import sys

from paths import PROJECT, RELEASE, SCRATCH, TARGET, WORKERS
from workers import HOGWIRE, OFFICIAL, OFFICIAL_DIRECT, PYTHON, write_payloads

POSTHOG_PYTHON = "posthog==7.91.1"
POSTHOG_NODE = "posthog-node@5.70.0"
# The floor of JSON in Python; left out where it cannot be installed.
ORJSON = "orjson==3.13.0"
GCC = ("gcc", "-std=gnu99", "-O2", "-Wall", "-Wextra", "-Werror")


def _run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, **options)


def _tried(what, install, *keys):
    """Whether `install` went well; an official client that did not is left out, with a line saying so."""
    try:
        install()
        return None
    except (OSError, subprocess.CalledProcessError) as error:
        for clients, language in keys:
            clients.pop(language, None)
        line = f"{what} could not be installed and is left out ({error})"
        print(line, file=sys.stderr)
        return line


def install(languages):
    """Lines about what is left out."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    write_payloads()
    for name in ("bare", "usage"):
        _run(*GCC, WORKERS / "c" / f"{name}.c", "-o", SCRATCH / f"hogwire-bench-{name}")
    left_out = []
    for language in languages:
        left_out += {"python": _python, "node": _node, "rust": _rust, "c": _c}[language]()
    for clients in (HOGWIRE, OFFICIAL, OFFICIAL_DIRECT):
        for language in [language for language in clients if language not in languages]:
            del clients[language]
    return [line for line in left_out if line]


def _version(python):
    """What a Python says of itself; None when it is not there."""
    try:
        return subprocess.run([python, "-VV"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def _python():
    if _version(PYTHON) != _version(sys.executable):
        shutil.rmtree(SCRATCH / "python", ignore_errors=True)
        _run(sys.executable, "-m", "venv", SCRATCH / "python")
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet")
    left_out = [
        _tried(
            POSTHOG_PYTHON,
            lambda: _run(*pip, "install", POSTHOG_PYTHON),
            (OFFICIAL, "python"),
            (OFFICIAL_DIRECT, "python"),
        ),
        _tried(ORJSON, lambda: _run(*pip, "install", "--only-binary", ":all:", ORJSON)),
    ]
    wheels = SCRATCH / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    _run(*pip, "wheel", "--no-deps", "--wheel-dir", wheels, PROJECT / "bindings-python")
    _run(*pip, "install", "--no-deps", "--force-reinstall", *wheels.glob("*.whl"))
    return left_out


def _node():
    folder = SCRATCH / "node"
    folder.mkdir(exist_ok=True)
    (folder / "package.json").write_text('{"private": true}\n')
    # The addon's package is named beside the main one, whose optional dependencies are the registry's to find.
    npm = ("npm", "install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--omit=optional")
    binding = PROJECT / "bindings-node"
    library = {"HOGWIRE_NODE_LIBRARY": str(RELEASE / "libhogwire_node.so")}
    environment = {**os.environ, **library, "CARGO_TARGET_DIR": str(TARGET)}
    _run(sys.executable, PROJECT / "packaging" / "third_party.py", TARGET / "LICENSE-THIRD-PARTY.txt")
    for kind in ("main", "platform"):
        _run("node", binding / "scripts" / "package.js", kind, env=environment, stdout=subprocess.DEVNULL)
    left_out = _tried(
        POSTHOG_NODE,
        lambda: _run(*npm, POSTHOG_NODE, *tarballs(), cwd=folder),
        (OFFICIAL, "node"),
        (OFFICIAL_DIRECT, "node"),
    )
    if left_out:
        _run(*npm, *tarballs(), cwd=folder)
    return [left_out]


def tarballs():
    """What npm installs: the package, and the one with this platform's addon."""
    return sorted((TARGET / "packages").glob("hogwire-*.tgz"))


def _rust():
    # Outside the source tree, so that its Cargo.lock is nobody's business.
    project = SCRATCH / "workers" / "posthog-rs"
    shutil.copytree(WORKERS / "rust", SCRATCH / "workers" / "rust", dirs_exist_ok=True)
    shutil.copytree(WORKERS / "posthog-rs", project, dirs_exist_ok=True)
    cargo = (
        "cargo",
        "build",
        "--quiet",
        "--release",
        "--manifest-path",
        project / "Cargo.toml",
        "--target-dir",
        SCRATCH / "cargo",
    )
    built = SCRATCH / "cargo" / "release" / "hogwire-bench-posthog-rs"

    def build(name, *features):
        _run(*cargo, *features)
        shutil.copy2(built, SCRATCH / name)

    return [
        _tried(
            "posthog-rs (async)",
            lambda: build("posthog-rs-asynchronous", "--features", "asynchronous"),
            (OFFICIAL, "rust"),
        ),
        _tried("posthog-rs (blocking)", lambda: build("posthog-rs-blocking"), (OFFICIAL_DIRECT, "rust")),
    ]


def _c():
    soname = RELEASE / "libhogwire.so.0"
    if not soname.is_symlink():
        soname.symlink_to("libhogwire.so")
    _run(
        *GCC, f"-I{PROJECT / 'bindings-c' / 'include'}",
        WORKERS / "c" / "worker.c", "-o", SCRATCH / "hogwire-bench-c",
        f"-L{RELEASE}", "-lhogwire", f"-Wl,-rpath,{RELEASE}", "-lpthread",
    )  # fmt: skip
    return []
