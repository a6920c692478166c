"""The code blocks of the README files, as programs with the output they promise."""

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

# What a line that prints says it prints: `printf(...); /* 200 accepted */` and `std::cout << ...; // 200`.
PROMISE = re.compile(r"(?:printf|std::cout).*;\s*(?:/\* (.*?) \*/|// (.*))$", re.MULTILINE)


class Block:
    """One block: its language, its program, and the texts its output has to hold."""

    def __init__(self, name: str, language: str, code: str, host: str) -> None:
        self.name = name
        self.language = language
        whole = code if re.search(r"\bint main\(", code) else FRAME.replace("BLOCK", code)
        self.program = whole.replace("https://us.i.posthog.com", host)
        promises = [first or second for first, second in PROMISE.findall(code)]
        # "..." stands for anything.
        self.parts = [part.strip() for promise in promises for part in promise.split("...") if part.strip()]


def read_blocks(path: Path, host: str) -> list[Block]:
    """All C and C++ blocks of a file."""
    found = re.findall(r"^```(c|cpp)\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names = (f"{path.parent.name}-README-{number}" for number in range(1, len(found) + 1))
    return [Block(name, language, code, host) for name, (language, code) in zip(names, found)]
