"""What all package tests share: the packages, an embedded receiver, and commands that know nothing of this checkout.

`make test-packages` builds the packages first. Everything is installed into empty folders outside the checkout.
"""

import json
import os
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PACKAGES = TARGET / "packages"

# Whatever would lead a program back to this checkout, or past the receiver, is taken out of its environment.
FOREIGN = (
    "HOGWIRE_",
    "POSTHOG_",
    "PYTHON",
    "PYO3_",
    "PIP_NO_",
    "NODE_",
    "CGO_",
    "PKG_CONFIG",
    "LD_",
    "CARGO_",
    "RUSTFLAGS",
    "MAKE",
    "VIRTUAL_ENV",
)
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.upper().startswith(FOREIGN) and not name.upper().endswith("_PROXY") or name in ("CARGO_HOME",)
} | {
    "GOTOOLCHAIN": "local",
    "GOCACHE": str(TARGET / "go-cache"),
    "GOFLAGS": "-mod=mod",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}


def run(*command, cwd, fails=False, timeout=600, **environment):
    """Runs a command in a folder and gives what it printed."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=ENVIRONMENT | environment, timeout=timeout,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode != 0) == fails, (
        f"{' '.join(map(str, command))}\nended with {done.returncode}\n{done.stdout}"
    )
    return done.stdout


def need(*programs):
    """Skips a test whose program is not installed; in CI, where HOGWIRE_REQUIRE_ALL=1, that is a failure."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        reason = f"not installed: {', '.join(missing)}"
        (pytest.fail if os.environ.get("HOGWIRE_REQUIRE_ALL") == "1" else pytest.skip)(reason)


def package(pattern):
    """The one file among the packages that has such a name."""
    found = sorted(PACKAGES.glob(pattern))
    assert len(found) == 1, f"{pattern}: {[path.name for path in found]}; make package"
    return found[0]


def version():
    """The version of the workspace, which all packages have."""
    lines = (ROOT / "Cargo.toml").read_text(encoding="utf-8").split("[workspace.package]")[1].splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("version"))


class Receiver:
    """An embedded PostHog-like server, and what it stored."""

    def __init__(self):
        program = os.environ.get("HOGWIRE_RECEIVER", TARGET / "debug/hogwire-receiver")
        self.process = subprocess.Popen(
            [program, "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.url = json.loads(self.process.stdout.readline())["url"]

    def page(self, path, value=None):
        data = None if value is None else json.dumps(value).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/_receiver/{path}", data, timeout=60) as answer:
            return json.load(answer)

    def stored(self):
        return [event["data"]["event"] for event in self.page("stored")]

    def stop(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


@pytest.fixture(scope="session")
def running_receiver():
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def receiver(running_receiver):
    running_receiver.page("reset", {})
    return running_receiver
