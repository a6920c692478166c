"""Real exchanges with the receiver: what is Python's own about them. What answers mean is the vectors' to say."""

import contextlib
import logging
import os
import signal
import threading
import time

import pytest

import hogwire
from conftest import running


def send(client):
    return client.create_event(distinct_id="user-1", event_name="bought")


def test_retry_after_in_seconds(receiver):
    receiver.script({"status": 429, "headers": [["Retry-After", "7"]]})
    with hogwire.Client("phc_test", host=receiver.url) as client:
        outcome = send(client)
    assert outcome.retry_after == 7.0
    assert outcome.to_dict()["RetryAfterMs"] == 7000


def test_sixteen_threads_share_a_client(own_receiver):
    outcomes = []
    with hogwire.Client("phc_test", host=own_receiver.url, timeout=30) as client:

        def send_many():
            outcomes.extend(send(client) for _ in range(25))

        with running(*[send_many] * 16):
            pass
    assert len(outcomes) == 400
    assert all(outcomes)
    assert len({outcome.event_uuid for outcome in outcomes}) == 400
    stats = own_receiver.wait(stored=400)
    assert stats["peak_connections"] <= 32


def test_connections_are_bounded_by_an_option(own_receiver):
    own_receiver.script(*[{"delay_ms": 30} for _ in range(8)])
    client = hogwire.Client("phc_test", host=own_receiver.url, max_connections=2)
    with client, running(*[lambda: send(client)] * 8):
        pass
    stats = own_receiver.wait(stored=8)
    assert stats["peak_connections"] <= 2


def test_other_threads_run_during_io(receiver):
    receiver.script({"delay_ms": 1000})
    outcomes = []
    client = hogwire.Client("phc_test", host=receiver.url)
    with client, running(lambda: outcomes.append(send(client))):
        # Had the call kept the interpreter's lock, this thread would see the request only after its answer.
        receiver.wait(requests=1)
        assert outcomes == []
    assert outcomes[0].ok


@contextlib.contextmanager
def signalled_once_asked(receiver, handler):
    """Sends this process a signal once the receiver has a request, and again until one is handled: the first may
    come just before the wait for the answer."""
    handled = threading.Event()

    def interrupt():
        receiver.wait(requests=1)
        os.kill(os.getpid(), signal.SIGUSR1)
        while not handled.wait(0.1):
            os.kill(os.getpid(), signal.SIGUSR1)

    def handle(*_):
        if not handled.is_set():
            handled.set()
            handler()

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        with running(interrupt):
            yield
    finally:
        signal.signal(signal.SIGUSR1, before)


class Stop(BaseException):
    """What a handler may raise."""


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, TimeoutError, Stop])
@pytest.mark.parametrize(
    "call",
    [
        send,
        lambda client: client.execute("event", {"DistinctId": "user-1", "EventName": "bought"}),
        lambda client: client.send_batch([{"Operation": "event", "DistinctId": "user-1", "EventName": "bought"}] * 2),
    ],
    ids=["event", "execute", "send_batch"],
)
def test_what_a_signals_handler_raises_ends_the_call(own_receiver, call, raised):
    own_receiver.script({"delay_ms": 60_000})

    def stop():
        raise raised

    # The logger is the first code of Python's that runs after a call.
    assert logging.getLogger("hogwire").isEnabledFor(logging.ERROR)
    with hogwire.Client("phc_test", host=own_receiver.url, timeout=60.0) as client:
        began = time.monotonic()
        with signalled_once_asked(own_receiver, stop), pytest.raises(raised):
            call(client)
        assert time.monotonic() - began < 30
        # The next call has a connection of its own, and nothing of the signal is left.
        assert send(client).attempts == 1
    assert own_receiver.wait(requests=2)["requests"] == 2


def test_a_signal_whose_handler_returns_does_not_end_the_call(own_receiver):
    own_receiver.script({"delay_ms": 300, "judge": True})
    handled = []
    client = hogwire.Client("phc_test", host=own_receiver.url)
    with client, signalled_once_asked(own_receiver, lambda: handled.append(True)):
        outcome = send(client)
    assert handled
    assert (outcome.delivery, outcome.attempts) == ("accepted", 1)
