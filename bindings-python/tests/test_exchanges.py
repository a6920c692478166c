"""Real exchanges with the receiver: what is Python's own about them. What answers mean is the vectors' to say."""

import logging
import os
import signal
import threading

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


@pytest.mark.parametrize(
    "call",
    [
        send,
        lambda client: client.execute("event", {"DistinctId": "user-1", "EventName": "bought"}),
        lambda client: client.send_batch([{"Operation": "event", "DistinctId": "user-1", "EventName": "bought"}] * 2),
    ],
    ids=["event", "execute", "send_batch"],
)
def test_a_signal_during_a_call_is_raised_when_it_ends(receiver, call):
    receiver.script({"delay_ms": 1000, "judge": True})

    def interrupt():
        receiver.wait(requests=1)
        os.kill(os.getpid(), signal.SIGUSR1)

    def stop(*_):
        raise KeyboardInterrupt

    # The logger is the first code of Python's that runs after a call.
    assert logging.getLogger("hogwire").isEnabledFor(logging.ERROR)
    before = signal.signal(signal.SIGUSR1, stop)
    thread = threading.Thread(target=interrupt)
    try:
        with hogwire.Client("phc_test", host=receiver.url) as client:
            thread.start()
            with pytest.raises(KeyboardInterrupt):
                call(client)
    finally:
        signal.signal(signal.SIGUSR1, before)
        thread.join()
