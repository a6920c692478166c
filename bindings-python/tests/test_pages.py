"""Every Python block of every page runs as it stands; `tests/pages.json` names the pages and what runs elsewhere."""

import os
import subprocess
import sys

import pytest

from conftest import blocks

BLOCKS = {f"{page}:{number}": block for page, number, block in blocks("python")}
# What pytest would do with a block that shows tests.
RUN_TESTS = """
for name, value in list(globals().items()):
    if name.startswith("test_"):
        value()
"""


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_runs(receiver, block, tmp_path):
    code = BLOCKS[block].replace("https://us.i.posthog.com", receiver.url)
    # A file and not `-c`: worker processes import the program they belong to.
    program = tmp_path / "block.py"
    program.write_text(code + (RUN_TESTS if "\ndef test_" in code else ""))
    done = subprocess.run(
        [sys.executable, "-W", "error", program],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"POSTHOG_API_KEY": "phc_x", "POSTHOG_HOST": receiver.url},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert receiver.stored() or receiver.url not in code or "not outcome" in code


def test_the_guide_has_blocks():
    assert sum(name.startswith("bindings-python/README.md:") for name in BLOCKS) >= 15
