"""Real exchanges with the receiver that do not end well: codes and delivery as the contract's tables say."""

import logging
import os
import signal
import threading
import time

import pytest

import hogwire
from conftest import REFUSED

CALLS = {
    "alias": lambda client: client.create_alias(distinct_id="user-1", alias="visitor-1"),
    "event": lambda client: client.create_event(distinct_id="user-1", event_name="bought"),
    "identity": lambda client: client.create_identity(distinct_id="user-1"),
    "page": lambda client: client.track_page(distinct_id="user-1", page_url="https://shop.example/"),
    "screen": lambda client: client.track_screen(distinct_id="user-1", screen_view_name="Home"),
}

# What the server does -> its status, the code, the delivery, whether a retry may help, and StatusCode where not 500.
ANSWERS = {
    "429": ({"status": 429}, 429, "rate_limited", "rejected", True, dict.fromkeys(CALLS, 429)),
    "500": ({"status": 500}, 500, "server_error", "unknown", True, {}),
    "503": ({"status": 503}, 503, "server_error", "unknown", True, {"identity": 503}),
    "400": ({"status": 400}, 400, "rejected", "rejected", False, {"identity": 400, "page": 400}),
    "401": ({"status": 401}, 401, "unauthorized", "rejected", False, {"identity": 401, "page": 401}),
    "413": ({"status": 413}, 413, "too_large", "rejected", False, {"identity": 413, "page": 413}),
    "302": ({"status": 302}, 302, "redirected", "rejected", False, {"identity": 302, "page": 302}),
    "quota": (
        {"status": 200, "body": '{"status":1,"quota_limited":["events"]}'},
        200,
        "quota_exceeded",
        None,
        False,
        dict.fromkeys(CALLS, 429),
    ),
    "cut": ({"cut": "before_answer"}, 0, "network", "unknown", True, {}),
    "broken": ({"raw": "not HTTP at all\r\n\r\n"}, 0, "network", "unknown", True, {}),
}


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_every_cell_of_the_table(receiver, operation, answer):
    step, original, code, delivery, retryable, status = ANSWERS[answer]
    # A connection that breaks before any byte of the answer may be replaced once; every one of them has to break.
    receiver.script(step, step)
    with hogwire.Client("phc_test", host=receiver.url, max_retries=0) as client:
        outcome = CALLS[operation](client)
    assert (outcome.original_status_code, outcome.error_code, outcome.retryable) == (original, code, retryable)
    assert outcome.status_code == status.get(operation, 500)
    assert delivery in (None, outcome.delivery)
    assert outcome.error_message
    assert not outcome


@pytest.mark.parametrize("operation", CALLS)
def test_a_time_out(receiver, operation):
    receiver.script({"delay_ms": 3000})
    started = time.monotonic()
    with hogwire.Client("phc_test", host=receiver.url, timeout=0.2) as client:
        outcome = CALLS[operation](client)
    assert time.monotonic() - started < 2
    assert (outcome.error_code, outcome.delivery, outcome.original_status_code) == ("timeout", "unknown", 0)
    assert outcome.status_code == (504 if operation == "page" else 500)
    assert outcome.retryable


@pytest.mark.parametrize("operation", CALLS)
def test_a_refused_connection(operation):
    with hogwire.Client("phc_test", host=REFUSED, max_retries=0) as client:
        outcome = CALLS[operation](client)
    assert (outcome.error_code, outcome.delivery, outcome.original_status_code) == ("network", "not_sent", 0)
    assert (outcome.status_code, outcome.attempts) == (500, 1)


def test_retries_keep_the_event(receiver):
    receiver.script({"status": 503}, {"status": 500}, {"judge": True})
    with hogwire.Client("phc_test", host=receiver.url, max_retries=2) as client:
        outcome = CALLS["event"](client)
    assert (outcome.status_code, outcome.attempts) == (200, 3)
    assert len(receiver.requests()) == 3
    [event] = receiver.stored()
    assert event["uuid"] == outcome.event_uuid


def test_retry_after_in_seconds(receiver):
    receiver.script({"status": 429, "headers": [["Retry-After", "7"]]})
    with hogwire.Client("phc_test", host=receiver.url) as client:
        outcome = CALLS["event"](client)
    assert outcome.retry_after == 7.0
    assert outcome.to_dict()["RetryAfterMs"] == 7000


def test_a_page_that_is_no_posthog(receiver):
    receiver.script({"status": 200, "body": "<html>Welcome</html>"})
    with hogwire.Client("phc_test", host=receiver.url) as client:
        outcome = CALLS["event"](client)
    assert (outcome.status_code, outcome.delivery) == (200, "unknown")
    assert outcome.data == {"raw_content": "<html>Welcome</html>"}
    assert [warning.code for warning in outcome.warnings] == ["unexpected_answer"]


def test_sixteen_threads_share_a_client(own_receiver):
    outcomes = []
    with hogwire.Client("phc_test", host=own_receiver.url, timeout=30) as client:

        def send():
            for number in range(25):
                outcomes.append(
                    client.create_event(distinct_id="user-1", event_name="bought", properties={"n": number})
                )

        threads = [threading.Thread(target=send) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(outcomes) == 400
    assert all(outcomes)
    assert len({outcome.event_uuid for outcome in outcomes}) == 400
    stats = own_receiver.wait(stored=400)
    assert stats["peak_connections"] <= 32


def test_connections_are_bounded_by_an_option(own_receiver):
    own_receiver.script(*[{"delay_ms": 30} for _ in range(8)])
    with hogwire.Client("phc_test", host=own_receiver.url, max_connections=2) as client:
        threads = [threading.Thread(target=CALLS["event"], args=(client,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    stats = own_receiver.wait(stored=8)
    assert stats["peak_connections"] <= 2


def test_other_threads_run_during_io(receiver):
    receiver.script({"delay_ms": 1000})
    outcomes = []
    with hogwire.Client("phc_test", host=receiver.url) as client:
        thread = threading.Thread(target=lambda: outcomes.append(CALLS["event"](client)))
        thread.start()
        # Had the call kept the interpreter's lock, this thread would see the request only after its answer.
        receiver.wait(requests=1)
        assert outcomes == []
        thread.join()
    assert outcomes[0].ok


@pytest.mark.parametrize(
    "call",
    [
        CALLS["event"],
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
