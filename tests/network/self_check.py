"""Proves that the suite can say no: wrong expectations, and a process that leaks, have to be found out."""

import dataclasses
import os
import threading

import leaks
from cases import CASES, Case, accepted, delivered, failed, queue
from stage import run_case

GOOD = Case("self-check: a call", {"host": "{receiver}"}, accepted())
REFUSED = Case("self-check: nobody listens", {"host": "{refused}"}, failed("network", "not_sent", attempts=3))
QUEUED = Case("self-check: a queue", {"host": "{receiver}"}, delivered(3), line=queue(3))

# A case, what is changed about it, and what has to be said about that; nothing for the cases as they are.
WRONG = [
    (GOOD, {}, None),
    (REFUSED, {}, None),
    (QUEUED, {}, None),
    (GOOD, {"expect": accepted(ErrorCode="timeout")}, "ErrorCode is 'ok', not 'timeout'"),
    (GOOD, {"expect": accepted(Delivery="unknown")}, "Delivery is 'accepted'"),
    (GOOD, {"expect": accepted(StatusCode=500)}, "StatusCode is 200"),
    (GOOD, {"expect": accepted(OriginalStatusCode=201)}, "OriginalStatusCode is 200"),
    (GOOD, {"expect": accepted(Attempts=2)}, "Attempts is 1"),
    (GOOD, {"expect": accepted(RetryAfterMs=2000)}, "RetryAfterMs is None"),
    (GOOD, {"expect": accepted(Warnings=["unexpected_answer"])}, "warnings [], not"),
    (GOOD, {"expect": accepted(message="proxy")}, "the message does not say 'proxy'"),
    (GOOD, {"expect": accepted(stored=2)}, "1 events were stored, not 2"),
    (GOOD, {"expect": accepted(through="proxy")}, "went through [], not ['proxy']"),
    (GOOD, {"expect": accepted(connections=2)}, "0 connections, not 2"),
    (GOOD, {"within": 0.0001}, "more than 0.0001 s"),
    (REFUSED, {"expect": failed("network", "unknown", attempts=3)}, "Delivery is 'not_sent'"),
    (QUEUED, {"expect": delivered(4)}, "3 events were told of as accepted, not 4"),
    (QUEUED, {"expect": delivered(3, ["rate_limited"])}, "on_error was told of []"),
    (QUEUED, {"script": [{"status": 401}]}, "dropped: "),
]


def run(adapter, programs):
    """What was not found out, as sentences."""
    failures = []
    with adapter.start() as process:
        for case, changes, sentence in WRONG:
            found = run_case(dataclasses.replace(case, **changes), adapter, process, programs).differences
            if sentence is None:
                failures += [f"{case.name}: {difference}" for difference in found]
            elif not any(sentence in difference for difference in found):
                failures.append(f"{case.name} with {changes}: {sentence!r} was not said, only {found}")
    unknown = {*leaks.MIX} - {case.name for case in CASES}
    failures += [f"self-check: leaks.py names {name!r}, which is no case" for name in unknown]
    return failures + leak_failures()


def leak_failures():
    """A descriptor and a thread of this very process, kept while it is counted."""
    before, done = leaks.Census(os.getpid()), threading.Event()
    kept, thread = os.pipe(), threading.Thread(target=done.wait)
    thread.start()
    try:
        found = " ".join(leaks.Census(os.getpid()).beyond(before))
    finally:
        done.set()
        thread.join()
        for descriptor in kept:
            os.close(descriptor)
    return [f"self-check: a leak of {kind} was not found" for kind in ("descriptors", "threads") if kind not in found]
