"""Writes the licences of what is linked into the libraries, as their terms ask: `python third_party.py FILE`."""

import html
import json
import re
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


def standard_library():
    """The licence texts of Rust's standard library and the crates in it, from the page that comes with the compiler."""
    folder = Path(output("rustc", "--print", "sysroot").strip()) / "share/doc/rust"
    page = (folder / "COPYRIGHT-library.html").read_text(encoding="utf-8")
    notices = re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)
    licences = [(folder / f"licenses/{name}.txt").read_text(encoding="utf-8") for name in ("Apache-2.0", "Unicode-3.0")]
    return [text.strip() for text in [*licences, *map(html.unescape, notices)]]


def output(*command):
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout


def main(destination):
    version = dict(line.split(": ", 1) for line in output("rustc", "-vV").splitlines()[1:])
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", version["host"]]
    metadata = json.loads(output(*command))
    heads = ["The libraries of hogwire contain these crates, and the C code in some of them:\n"]
    holders = {}

    def held(name, licence, found):
        heads.append(f"  {name}: {licence}")
        for text in dict.fromkeys(found):
            holders.setdefault(text, []).append(name)

    for package in linked(metadata):
        found = texts(package)
        # Some crates come without a text, which is then that of the others under the same licence.
        by = "" if found else f", by {', '.join(package['authors'])}"
        held(f"{package['name']} {package['version']}", package["license"] + by, found)
    standard = f"Rust's standard library {version['release']}"
    held(standard, "Apache-2.0 OR MIT, by the Rust Project Developers, and the crates in it", standard_library())
    parts = [f"{'-' * 100}\n{', '.join(names)}\n\n{text}" for text, names in holders.items()]
    Path(destination).write_text("\n\n".join(["\n".join(heads), *parts]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
