"""Sizes of what users install, and what it brings along."""

import json
import subprocess

from install import tarballs
from paths import BENCH, PROJECT, RELEASE, SCRATCH
from tables import table
from workers import OFFICIAL, PYTHON


def _output(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, **options).stdout


def _python(name):
    return json.loads(_output(PYTHON, BENCH / "harness" / "needs.py", name))


def _tree(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def _node(name):
    modules, wanted, found = SCRATCH / "node" / "node_modules", [name], set()
    while wanted:
        package = wanted.pop()
        if package not in found:
            found.add(package)
            manifest = json.loads((modules / package / "package.json").read_text())
            wanted += manifest.get("dependencies", {})
    return [len(found) - 1, sum(_tree(modules / package) for package in found)]


def _crates(folder, *options):
    tree = _output("cargo", "tree", "--edges", "normal", "--prefix", "none", "--format", "{p}", *options, cwd=folder)
    return len({line.split(" (")[0] for line in tree.splitlines() if line}) - 1


def measure(languages, rounds):
    rows = {}

    def size(*key, bytes, installed=None, dependencies=None):
        rows[key] = [{"bytes": bytes, "installed": installed, "dependencies": dependencies}]

    if "python" in languages:
        needs, installed = _python("hogwire")
        wheel = next((SCRATCH / "wheels").glob("*.whl"))
        size("python", "hogwire", "wheel", bytes=wheel.stat().st_size, installed=installed, dependencies=needs)
        if "python" in OFFICIAL:
            needs, installed = _python("posthog")
            size("python", "posthog", "with what it needs", bytes=None, installed=installed, dependencies=needs)
    if "node" in languages:
        needs, installed = _node("hogwire")
        installed += _tree(SCRATCH / "node" / "node_modules" / "@hogwire")
        packed = sum(tarball.stat().st_size for tarball in tarballs())
        size("node", "hogwire", "tarballs", bytes=packed, installed=installed, dependencies=needs)
        if "node" in OFFICIAL:
            needs, installed = _node("posthog-node")
            size("node", "posthog-node", "with what it needs", bytes=None, installed=installed, dependencies=needs)
    if "rust" in languages:
        crates = _crates(PROJECT, "--package", "hogwire")
        program = (RELEASE / "hogwire-bench-rust").stat().st_size
        size("rust", "hogwire", "a program with it", bytes=program, dependencies=crates)
        if "rust" in OFFICIAL:
            project = SCRATCH / "workers" / "posthog-rs"
            crates = _crates(project, "--package", "posthog-rs")
            program = (SCRATCH / "posthog-rs-asynchronous").stat().st_size
            size("rust", "posthog-rs", "a program with it", bytes=program, dependencies=crates)
    if "c" in languages:
        size("c", "hogwire", "libhogwire.so", bytes=(RELEASE / "libhogwire.so").stat().st_size, dependencies=0)
        size("c", "hogwire", "libhogwire.a", bytes=(RELEASE / "libhogwire.a").stat().st_size, dependencies=0)
    return rows


def render(results, floors):
    def megabytes(value):
        return "" if value is None else f"{value / 1e6:.2f}"

    rows = [
        [*key, megabytes(run["bytes"]), megabytes(run["installed"]), run["dependencies"]]
        for key, [run] in results.items()
    ]
    return (
        "### Sizes\n\nFrom the release build. Dependencies: packages needed at run time; crates, in Rust.\n\n"
        + table(["language", "client", "what", "MB", "MB installed", "dependencies"], rows)
    )
