"""The code blocks of all pages in the languages of this library, as programs with the output they promise.

`tests/pages.json` names the pages, and the blocks that run elsewhere.
"""

import json
import re
from pathlib import Path

# Around a block that is only a piece of a program: it may use `client`.
FRAME = """
#include <hogwire.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    const char *frame_options = "{\\"api_key\\": \\"phc_your_project_key\\", \\"host\\": \\"https://us.i.posthog.com\\"}";
    hogwire_client *client = NULL;
    if (hogwire_client_new(frame_options, strlen(frame_options), &client) != HOGWIRE_OK) {
        return 1;
    }
    BLOCK
    hogwire_client_free(client);
    return 0;
}
"""

# Around a block for a CMakeLists.txt that has a target `program`.
CMAKE_FRAME = """
cmake_minimum_required(VERSION 3.16)
project(program C)
add_executable(program program.c)
"""

# What a line that prints says it prints: `printf(...); /* 200 accepted */`, `std::cout << ...; // 200`, `fmt.Println(...) // 200`.
PROMISE = re.compile(r"(?:printf|std::cout|fmt\.Print).*[;)]\s*(?:/\* (.*?) \*/|// (.*))$", re.MULTILINE)


class Block:
    """One block: its language, its program, and the texts its output has to hold."""

    def __init__(self, name: str, language: str, code: str, host: str) -> None:
        self.name = name
        self.language = language
        if language == "cmake":
            code = CMAKE_FRAME + code
        elif language == "c" and not re.search(r"\bint main\(", code):
            code = FRAME.replace("BLOCK", code)
        self.program = code.replace("https://us.i.posthog.com", host)
        promises = [first or second for first, second in PROMISE.findall(code)]
        # "..." stands for anything.
        self.parts = [part.strip() for promise in promises for part in promise.split("...") if part.strip()]


def fenced(text: str, languages: str) -> list[tuple[str, str]]:
    """The blocks of some languages (`c|cpp`) in a text, each with its language."""
    return re.findall(rf"^```({languages})\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def read_blocks(root: Path, host: str) -> list[Block]:
    """All C, C++, CMake and Go blocks of all pages."""
    listed = json.loads((root / "tests/pages.json").read_text(encoding="utf-8"))
    elsewhere = {(block["page"], block["starts"]) for block in listed["stories"] + listed["exceptions"]}
    blocks = []
    for page in listed["pages"]:
        found = fenced((root / page).read_text(encoding="utf-8"), "c|cmake|cpp|go")
        for number, (language, code) in enumerate(found, start=1):
            if (page, code.split("\n", 1)[0]) not in elsewhere:
                name = f"{page.removesuffix('.md').replace('/', '-')}-{number}"
                blocks.append(Block(name, language, code, host))
    return blocks
