"""The stage of one case in one language: a receiver of its own, the words in braces, and what was seen at the end."""

import contextlib
import itertools
import json
import socket
import threading
import time
from typing import NamedTuple

import judge
from programs import Receiver, until

API_KEY = "phc_hogwire_network_key_0123456789"
# How long nginx may take to note what it has answered.
LATE = 5
DEFAULTS = {
    "event": {"DistinctId": "u-1", "EventName": "e"},
    "identity": {"DistinctId": "u-1"},
    "page": {"DistinctId": "u-1", "PageUrl": "https://shop.example/"},
}


class Stage:
    """One case of one language: a receiver, and what the words in braces stand for."""

    # What tells one stage's requests from those of all others, in nginx's log too; ports come again.
    numbers = itertools.count(1)

    def __init__(self, case, programs):
        self.case, self.programs, self.number = case, programs, next(self.numbers)
        self.held = contextlib.ExitStack()

    def __enter__(self):
        self.receiver = None
        if self.case.receiver is not None:
            self.start_receiver(self.case.receiver, self.case.script)
        else:
            # Taken, but nobody listens on it: nginx finds its upstream down, and no other program gets the port.
            self.place = self.held.enter_context(socket.socket())
            self.place.bind(("127.0.0.1", 0))
            self.port = self.place.getsockname()[1]
        return self

    def __exit__(self, *_):
        self.held.close()

    def start_receiver(self, settings, script=()):
        self.receiver = self.held.enter_context(Receiver(self.programs.build, settings, script))
        self.port = self.receiver.port

    def fill(self, value):
        """The value with every word in braces replaced."""
        text = json.dumps(value)
        words = {**self.programs.words, "{place}": f"{self.port}/{self.number}"}
        if self.receiver:
            address = self.receiver.url.partition("://")[2]
            words |= {"{receiver}": self.receiver.url, "{receiver_address}": address, "{receiver_port}": str(self.port)}
            if "{ca_file}" in text:
                authority = self.receiver.certificates["certificate_authority_pem"]
                words["{ca_file}"] = self.programs.write(f"receiver-{self.port}.pem", authority)
        for word, meaning in words.items():
            text = text.replace(word, meaning)
        return json.loads(text)

    def line(self):
        config = {"api_key": API_KEY, "timeout_ms": 10_000, **self.case.config}
        if self.case.line:
            return self.fill({**self.case.line, "config": config})
        given = {**DEFAULTS[self.case.operation], **self.case.input}
        return self.fill({"do": "call", "operation": self.case.operation, "input": given, "config": config})

    @contextlib.contextmanager
    def recovery(self):
        """Brings the upstream up once nginx has said that it is down; not where the case wants it to stay down."""
        if self.case.receiver is not None or self.case.script:
            yield
            return
        recovery = threading.Thread(target=self.recover)
        recovery.start()
        try:
            yield
        finally:
            recovery.join()

    def recover(self):
        until(lambda: any(seen.status == "502" for seen in self.seen()), "a 502 of nginx")
        self.place.close()
        self.start_receiver({"bind": f"127.0.0.1:{self.port}"})

    def seen_by_nginx(self):
        """What nginx noted, once that is all that is expected of it: it notes a request only after it has answered."""
        wanted = self.case.expect.get("connections", 1 if "through" in self.case.expect else 0)

        # Fewer than expected are a difference, and the judge's to tell.
        with contextlib.suppress(TimeoutError):
            until(lambda: len({noted.connection for noted in self.seen()}) >= wanted, "nginx's notes", LATE)
        return self.seen()

    def seen(self):
        return self.programs.seen_by_nginx(self.number)

    def stored(self):
        return self.receiver.stored(self.case.expect["stored"]) if self.receiver else []


class Result(NamedTuple):
    """What came of a case in one language."""

    seconds: float
    answer: dict
    differences: list


def run_case(case, adapter, shared, programs):
    """Runs a case in the process that all share, or in one of its own where it needs an environment of its own."""
    with Stage(case, programs) as stage, contextlib.ExitStack() as own:
        process = own.enter_context(adapter.start(stage.fill(case.environment))) if case.environment else shared
        line = stage.line()
        started = time.monotonic()
        with stage.recovery():
            for _ in range(case.times):
                answer = process.ask(line)
            seconds = time.monotonic() - started
        stored = stage.stored()
        seen = stage.seen_by_nginx()
        through = sorted({noted.proxy for noted in seen if noted.proxy})
        connections = len({noted.connection for noted in seen})
        found = judge.differences(case, answer, seconds, stored, through, connections)
        return Result(seconds, answer, list(found))
