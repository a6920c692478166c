"""After many failing calls, nothing may be left in a client's process: no connection, no descriptor, no thread."""

import contextlib
import dataclasses
import os
import time
from pathlib import Path

from programs import until
from stage import Stage

# These cases take turns. Every call makes a new client, so that whole clients are counted too; what one client holds
# over many calls is core/tests/leaks.rs's to count.
MIX = [
    "TLS: private authority, ca_file",
    "TLS: expired certificate",
    "TLS: client certificate missing, alert",
    "TLS: https to a plain port",
    "TLS: the handshake is never answered",
    "proxy: CONNECT",
    "proxy: http, password missing",
    "proxy: CONNECT, wrong password",
    "proxy: CONNECT is never answered",
    "SOCKS5: TLS, named at the proxy",
    "SOCKS5: wrong password",
    "SOCKS5: target down",
    "nginx: path prefix",
    "nginx: client_max_body_size 413",
    "nginx: 502 while the upstream is down",
    "nginx: 301 to another place",
    "a name that does not resolve",
    "nobody takes the connection",
    "nobody listens",
    "accepts, never answers",
    "one byte of the body a second",
    "endless body",
    "bad chunking",
    "Content-Length too long, keeps open",
    "Content-Length too short",
    "closes before it has read the request",
]

# Short, as there are many; long enough that most calls meet what they are there for.
HURRY = {"max_retries": 0, "timeout_ms": 2000, "connect_timeout_ms": 1000}
SLOW = {"timeout_ms": 60, "connect_timeout_ms": 60}
WARM_UP = 3
PATIENCE = 20
# Go starts threads of its own when it likes, and keeps them. A leak would be one for each call of a kind: 40.
RUNTIMES = {"go": 4}
# What a language's runtime waits with for files and timers, made when it first needs to; hogwire makes none.
POLLERS = ("anon_inode:[eventpoll]", "anon_inode:[eventfd]")
# A client's threads are gone within milliseconds of its end; a runtime's own come and go more slowly.
QUIET = 1.0


class Census:
    """What a process holds."""

    def __init__(self, pid):
        self.connections = self.descriptors = 0
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            # One that was closed just now does not count.
            with contextlib.suppress(FileNotFoundError):
                target = os.readlink(descriptor)
                self.connections += target.startswith("socket:")
                self.descriptors += target not in POLLERS
        self.threads = len(list(Path(f"/proc/{pid}/task").iterdir()))

    def beyond(self, other, language=""):
        """What there is more of here, as sentences."""
        for kind, count in vars(self).items():
            spare = RUNTIMES.get(language, 0) if kind == "threads" else 0
            if count > vars(other)[kind] + spare:
                yield f"{count} {kind}, {vars(other)[kind]} before"


@dataclasses.dataclass
class Found:
    """What was there before and after, and what should not have been."""

    language: str
    calls: int
    before: Census
    after: Census
    differences: list

    def __str__(self):
        counts = [f"{kind} {vars(self.before)[kind]} -> {count}" for kind, count in vars(self.after).items()]
        return f"{self.language}: {self.calls} calls: {', '.join(counts)}"


def quiet(pid):
    """A census once nothing has changed for a while."""
    census, since, end = Census(pid), time.monotonic(), time.monotonic() + PATIENCE
    while time.monotonic() < min(since + QUIET, end):
        time.sleep(0.05)
        now = Census(pid)
        if vars(now) != vars(census):
            census, since = now, time.monotonic()
    return census


def judged(language, calls, before, pid):
    """What there is once no more is left than before, or when that has been waited for long enough."""
    with contextlib.suppress(TimeoutError):
        until(lambda: not list(Census(pid).beyond(before, language)), "nothing left behind", PATIENCE)
    after = Census(pid)
    found = [f"after {calls} calls, {language}: {difference}" for difference in after.beyond(before, language)]
    return Found(language, calls, before, after, found)


def check(adapter, cases, programs, calls):
    """Makes so many calls of the cases that can run, in one process."""
    mix = [case for case in cases if case.name in MIX]
    rounds = -(-calls // max(len(mix), 1))
    with adapter.start() as process, contextlib.ExitStack() as stages:
        lines = []
        for case in mix:
            slow = SLOW if case.expect["ErrorCode"] == "timeout" else {}
            hurried = dataclasses.replace(
                case,
                config={**case.config, **HURRY, **slow},
                # Also for the warm-up; what stays down has no receiver to be scripted.
                script=case.script[:1] * (rounds + WARM_UP),
            )
            lines.append(stages.enter_context(Stage(hurried, programs)).line())
        codes = [set() for _ in mix]

        def play(number):
            for _ in range(number):
                for line, seen in zip(lines, codes, strict=True):
                    seen.add(process.ask(line)["outcome"]["ErrorCode"])

        play(WARM_UP)
        before = quiet(process.pid)
        play(rounds)
        found = judged(adapter.name, rounds * len(mix), before, process.pid)
    for case, seen in zip(mix, codes, strict=True):
        if case.expect["ErrorCode"] not in seen:
            found.differences.append(
                f"{case.name}, {adapter.name}, in the mix: {seen}, never {case.expect['ErrorCode']}"
            )
    return found
