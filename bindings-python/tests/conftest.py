"""The receiver program, and clients that talk to it."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import threading
import time
import urllib.request

import pytest

import hogwire

ROOT = pathlib.Path(__file__).parents[2]
# The machine's own proxy has no business between a client and the receiver.
for name in [name for name in os.environ if name.upper() in {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}]:
    del os.environ[name]
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / "target" / "hypothesis"))
for name in ("POSTHOG_API_KEY", "POSTHOG_HOST"):
    os.environ.pop(name, None)


def fenced(page, language):
    """The blocks of a language on a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def blocks(language):
    """Page, number and text of every block of a language, but for those that `tests/pages.json` says run elsewhere."""
    pages = json.loads((ROOT / "tests" / "pages.json").read_text(encoding="utf-8"))
    elsewhere = {(block["page"], block["starts"]) for block in pages["stories"] + pages["exceptions"]}
    for page in pages["pages"]:
        for number, block in enumerate(fenced(page, language)):
            if (page, block.split("\n", 1)[0]) not in elsewhere:
                yield page, number, block


class Receiver:
    """An embedded PostHog-like server: can be scripted, and asked what it saw."""

    def __init__(self, program, *flags):
        self.process = subprocess.Popen(
            [program, "--until-stdin-closes", *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.url = json.loads(self.process.stdout.readline())["url"]

    def page(self, path, value=None):
        data = None if value is None else json.dumps(value).encode()
        with urllib.request.urlopen(f"{self.url}/_receiver/{path}", data, timeout=30) as answer:
            return json.load(answer)

    def script(self, *steps):
        self.page("script", list(steps))

    def stored(self):
        return [event["data"] for event in self.page("stored")]

    def requests(self):
        return self.page("requests")

    def wait(self, **wanted):
        query = "&".join(f"{name}={value}" for name, value in wanted.items())
        answer = self.page(f"wait?{query}&within_ms=10000")
        assert answer["reached"], answer["stats"]
        return answer["stats"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture(scope="session")
def receiver_program():
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return os.environ.get("HOGWIRE_RECEIVER", str(target / "debug" / "hogwire-receiver"))


@pytest.fixture(scope="session")
def running_receiver(receiver_program):
    receiver = Receiver(receiver_program)
    yield receiver
    receiver.stop()


@pytest.fixture
def receiver(running_receiver):
    running_receiver.page("reset", {})
    return running_receiver


@pytest.fixture
def own_receiver(receiver_program):
    """A receiver nobody else has used: for counting connections."""
    receiver = Receiver(receiver_program)
    yield receiver
    receiver.stop()


@pytest.fixture(scope="session")
def running_v1_receiver(receiver_program):
    receiver = Receiver(receiver_program, "--v1")
    yield receiver
    receiver.stop()


@pytest.fixture
def v1_receiver(running_v1_receiver):
    running_v1_receiver.page("reset", {})
    return running_v1_receiver


@pytest.fixture
def client(receiver):
    with hogwire.Client("phc_test", host=receiver.url) as client:
        yield client


# Port 1 (tcpmux), which no system serves any more.
REFUSED = "http://127.0.0.1:1"


def wait_until(is_so, within=10.0):
    """Waits for a condition that nobody announces."""
    until = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.001)


@contextlib.contextmanager
def running(*functions):
    """Has each function run in a thread of its own, and waits for them at the end."""
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()


def answering(status=200, body=b'{"status":"Ok"}', headers=()):
    """A transport that gives this answer."""
    return lambda request, timeout: (status, headers, body)


@pytest.fixture
def offline():
    """A client that reaches nobody, and the events it would have sent."""
    sent = []

    def transport(request, timeout):
        sent.append(json.loads(request.body)["batch"][0])
        return 200, {}, b'{"status":"Ok"}'

    client = hogwire.Client("phc_test", transport=transport)
    client_and_events = client, sent
    yield client_and_events
    client.close()
