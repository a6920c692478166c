"""Writes the licences of what is linked into the libraries, as their terms ask: `python third_party.py FILE`."""

import json
import subprocess
import sys
from pathlib import Path

LIBRARIES = {"hogwire-c", "hogwire-node", "hogwire-python"}
LICENCE_FILES = ("LICENSE", "LICENCE", "COPYRIGHT", "NOTICE", "UNLICENSE")


def linked(metadata):
    """The packages whose code is in a library: what they depend on, but for build scripts, macros and tests."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    waiting = [name for name, package in packages.items() if package["name"] in LIBRARIES]
    seen = set()
    while waiting:
        name = waiting.pop()
        is_macro = any("proc-macro" in target["kind"] for target in packages[name]["targets"])
        if name in seen or is_macro:
            continue
        seen.add(name)
        dependencies = nodes[name]["deps"]
        waiting += [one["pkg"] for one in dependencies if any(kind["kind"] is None for kind in one["dep_kinds"])]
    # Those of this workspace come with its own LICENSE.
    return sorted((packages[name] for name in seen if packages[name]["source"]), key=lambda package: package["name"])


def texts(package):
    """The licence files of a package."""
    folder = Path(package["manifest_path"]).parent
    # zstd-sys has its C library in a folder.
    found = sorted([*folder.iterdir(), *folder.glob("*/*")])
    files = [path for path in found if path.is_file() and path.name.upper().startswith(LICENCE_FILES)]
    return [path.read_text(encoding="utf-8", errors="replace").strip() for path in files]


def main(destination):
    version = subprocess.run(["rustc", "-vV"], capture_output=True, check=True, text=True).stdout
    host = next(line.split()[1] for line in version.splitlines() if line.startswith("host:"))
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", host]
    metadata = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    holders = {}
    heads = ["The libraries of hogwire contain these crates, and the C code in some of them:\n"]
    for package in linked(metadata):
        name = f"{package['name']} {package['version']}"
        heads.append(f"  {name}: {package['license']}")
        for text in texts(package):
            holders.setdefault(text, []).append(name)
    parts = [f"{'-' * 100}\n{', '.join(names)}\n\n{text}" for text, names in holders.items()]
    Path(destination).write_text("\n\n".join(["\n".join(heads), *parts]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
