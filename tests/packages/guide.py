"""The quick start of a guide: the program a reader copies first."""

import re

from conftest import ROOT

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HOST = "https://us.i.posthog.com"


def blocks(guide, language):
    """All blocks of a language in a guide."""
    text = (ROOT / guide).read_text(encoding="utf-8")
    return [block for fence, block in FENCE.findall(text) if fence == language]


def quick_start(guide, language, host):
    """The first program of that language, talking to that host."""
    program = blocks(guide, language)[0]
    assert HOST in program, program
    return program.replace(HOST, host)
