"""Every Python block of the guide, and the Python quick start of the project's README, runs as it stands."""

import re
import subprocess
import sys

import pytest

from conftest import ROOT

GUIDES = [ROOT / "bindings-python" / "README.md", ROOT / "README.md"]
BLOCKS = {
    f"{guide.parent.name}:{number}": block
    for guide in GUIDES
    for number, block in enumerate(re.findall(r"^```python\n(.*?)^```$", guide.read_text(), re.MULTILINE | re.DOTALL))
}
# What pytest would do with a block that shows tests.
RUN_TESTS = """
for name, value in list(globals().items()):
    if name.startswith("test_"):
        value()
"""


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_runs(receiver, block, tmp_path):
    code = BLOCKS[block].replace("https://us.i.posthog.com", receiver.url)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code + RUN_TESTS], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert receiver.stored() or receiver.url not in code or "not outcome" in code


def test_both_guides_have_blocks():
    assert len(BLOCKS) >= 8
    assert {name.split(":")[0] for name in BLOCKS} == {guide.parent.name for guide in GUIDES}
