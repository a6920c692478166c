"""The public API of each language is what is checked in beside this file, so that a change to it shows in review.

`make bless` writes the listings anew. Each is made from the real thing: rustdoc's pages, the C header, the installed
Python package, the Node package and its declarations.
"""

import difflib
import os
import subprocess
from pathlib import Path

import c_listing
import pytest
import python_listing
import rust_listing

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def node():
    done = subprocess.run(["node", HERE / "node_listing.js"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


LISTINGS = {
    "rust": lambda: rust_listing.listing(TARGET / "doc/hogwire"),
    "c": lambda: c_listing.listing(ROOT / "bindings-c/include/hogwire.h"),
    "python": python_listing.listing,
    "node": node,
}


@pytest.mark.parametrize("language", LISTINGS)
def test_the_public_api_is_the_listed_one(language):
    path = HERE / f"{language}.txt"
    lines = LISTINGS[language]()
    assert len(lines) > 50
    if os.environ.get("BLESS") == "1":
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    listed = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    changes = list(difflib.unified_diff(listed, lines, f"tests/api/{path.name}", "the code", lineterm="", n=0))
    assert not changes, "make bless, if this is wanted:\n" + "\n".join(changes)
