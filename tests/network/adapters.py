"""The languages: the conformance suite's adapters, started as tests/adapters/adapters.json says."""

import contextlib
import json
import os
import selectors
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROXY_VARIABLES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}

# How long one line may take: far more than the slowest case.
PATIENCE = 60


class Adapter:
    """A language, as adapters.json describes it."""

    def __init__(self, entry, build):
        self.name, self.library = entry["name"], entry["library"]
        self.folders = {"{root}": ROOT, "{target}": build.parent, "{build}": build}
        self.command = [self.fill(word) for word in entry["command"]]
        self.needs = [self.fill(path) for path in entry["needs"]]
        self.variables = {name: self.fill(value) for name, value in entry.get("environment", {}).items()}

    def fill(self, text):
        for word, folder in self.folders.items():
            text = text.replace(word, str(folder))
        return text

    def missing(self):
        return next((path for path in self.needs if not (ROOT / path).exists()), None)

    def start(self, environment=()):
        # The machine's own proxy has no business between a client and the programs here.
        inherited = {name: value for name, value in os.environ.items() if name.lower() not in PROXY_VARIABLES}
        return Process(self, {**inherited, **self.variables, **dict(environment)})


class Process:
    """A running adapter."""

    def __init__(self, adapter, environment):
        self.name = adapter.name
        pipe = subprocess.PIPE
        self.child = subprocess.Popen(adapter.command, stdin=pipe, stdout=pipe, cwd=ROOT, env=environment)
        self.readable = selectors.DefaultSelector()
        self.readable.register(self.child.stdout, selectors.EVENT_READ)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.child.stdin.close()
        try:
            self.child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child.stdout.close()
        self.readable.close()

    @property
    def pid(self):
        """The process that speaks to the library: the C adapters run behind one that reads their lines for them."""
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text().split()
        return int(children[0]) if children else self.child.pid

    def ask(self, line):
        """Sends a line; gives the answer to it."""
        self.child.stdin.write(json.dumps(line).encode() + b"\n")
        self.child.stdin.flush()
        if not self.readable.select(PATIENCE):
            raise TimeoutError(f"{self.name} gave no answer within {PATIENCE} s")
        answer = self.child.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} ended with {self.child.wait()}")
        return json.loads(answer)


def adapters(build):
    entries = json.loads((ROOT / "tests/adapters/adapters.json").read_text())
    return [Adapter(entry, build) for entry in entries]
