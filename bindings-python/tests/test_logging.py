"""One debug line per outcome, and per event that a queue does not take, for whoever asks; nothing otherwise."""

import logging
import subprocess
import sys

import pytest

import hogwire
from conftest import answering
from hogwire.testing import RecordingTransport


def test_a_line_per_outcome(caplog):
    caplog.set_level(logging.DEBUG, logger="hogwire")
    with hogwire.Client("phc_x", transport=answering()) as client:
        outcome = client.create_event(distinct_id="u", event_name="e")
        client.create_event(distinct_id="", event_name="e")
        client.execute("event", {})
    first, second, third = [record.getMessage() for record in caplog.records]
    assert first == f"ok: accepted, status 200, attempts 1, event {outcome.event_uuid}"
    assert second.startswith("invalid_input: not_sent, status 0, attempts 0, event None: DistinctId is missing")
    assert third.startswith("invalid_input")
    assert {record.name for record in caplog.records} == {"hogwire"}


def test_a_line_per_event_that_a_queue_does_not_take(caplog):
    caplog.set_level(logging.DEBUG, logger="hogwire")
    client = hogwire.Client("phc_x", transport=answering(), before_send=lambda event: event["event"] != "e" or None)
    with client.queue(flush_interval=3600) as queue:
        queue.create_event(distinct_id="", event_name="e")
        queue.execute("event", {"DistinctId": "u"})
        dropped = queue.create_event(distinct_id="u", event_name="e")
    queue.create_event(distinct_id="u", event_name="late")
    assert [record.getMessage() for record in caplog.records] == [
        "invalid_input: not queued, event None: DistinctId is missing or empty; the operation event needs it.",
        "invalid_input: not queued, event None: EventName is missing or empty; the operation event needs it.",
        f"dropped: not queued, event {dropped.event_uuid}: the event was dropped by a before_send hook",
        "closed: not queued, event None: the queue is closed; make a new one",
    ]


def test_a_handler_that_sends_what_is_logged_is_told_once():
    transport = RecordingTransport()
    client = hogwire.Client("phc_x", transport=transport)
    queue = client.queue()

    class Sending(logging.Handler):
        def emit(self, record):
            # Not without end, even if it goes wrong.
            if len(transport.requests) < 10:
                client.create_event(distinct_id="u", event_name=record.levelname)
                queue.create_event(distinct_id="", event_name=record.levelname)

    logger, handler = logging.getLogger("hogwire"), Sending()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        for _ in range(2):
            client.create_event(distinct_id="u", event_name="bought")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert [event["event"] for event in transport.events] == ["bought", "DEBUG"] * 2
    queue.close()
    client.close()


def test_silence_unless_asked(caplog):
    caplog.set_level(logging.INFO, logger="hogwire")
    with hogwire.Client("phc_x", transport=answering()) as client:
        client.create_event(distinct_id="u", event_name="e")
        client.queue().create_event(distinct_id="", event_name="e")
    assert caplog.records == []


@pytest.mark.parametrize(
    ("configured", "printed"),
    [("", True), ("logging.getLogger('hogwire').addHandler(logging.NullHandler())", False)],
    ids=["not configured", "a handler of its own"],
)
def test_what_a_hook_raises_is_printed_where_logging_has_no_handler(configured, printed):
    code = f"""
import logging, hogwire
{configured}
with hogwire.Client("phc_x", transport=lambda request, timeout: (200, {{}}, b"")) as client:
    with client.queue(on_delivered=lambda uuids, delivery: 1 / 0) as queue:
        queue.create_event(distinct_id="u", event_name="e")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert ("on_delivered raised" in done.stderr) == ("ZeroDivisionError" in done.stderr) == printed


def test_a_program_without_logging_stays_without_it():
    code = """
import sys, hogwire
hogwire.Client("phc_x", transport=lambda request, timeout: (200, {}, b"")).create_event(distinct_id="u", event_name="e")
assert "logging" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
