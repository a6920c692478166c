"""`hogwire.testing`: what it records, and what it can be told to answer."""

import inspect
import pydoc

import pytest

import hogwire
import hogwire.testing

SEND = {"distinct_id": "user-1", "event_name": "bought"}


@pytest.fixture
def transport():
    return hogwire.testing.RecordingTransport()


@pytest.mark.parametrize("protocol", ["v0", "v1", "auto"])
@pytest.mark.parametrize("compression", [None, "gzip"])
def test_it_records_events_of_calls_and_queues(transport, protocol, compression):
    with hogwire.Client("phc_test", transport=transport, protocol=protocol, compression=compression) as client:
        outcome = client.create_event(**SEND, properties={"n": 1})
        assert outcome.delivery == ("accepted" if protocol == "v0" else "stored")
        with client.queue() as queue:
            receipt = queue.create_event(**SEND)
    assert [event["uuid"] for event in transport.events] == [outcome.event_uuid, receipt.event_uuid]
    assert transport.events[0]["properties"]["n"] == 1
    assert len(transport.requests) == 2
    transport.clear()
    assert transport.events == transport.requests == []


@pytest.mark.parametrize("compression", ["deflate", "zstd"])
def test_compressions_of_v1(transport, compression):
    with hogwire.Client("phc_test", transport=transport, protocol="v1", compression=compression) as client:
        outcome = client.create_event(**SEND)
    assert outcome.delivery == "stored"
    assert [event["uuid"] for event in hogwire.testing.events_of(transport.requests[0])] == [outcome.event_uuid]


def test_it_answers_as_told(transport):
    transport.answer(429, headers={"Retry-After": "7"})
    transport.answer(200, {"status": "Ok", "quota_limited": ["events"]})
    transport.fail(TimeoutError("no answer"))
    with hogwire.Client("phc_test", transport=transport, max_retries=0) as client:
        limited = client.create_event(**SEND)
        assert (limited.error_code, limited.retry_after) == ("rate_limited", 7.0)
        assert client.create_event(**SEND).error_code == "quota_exceeded"
        assert client.create_event(**SEND).error_code == "timeout"
        assert client.create_event(**SEND).ok


@pytest.mark.parametrize(
    ("failure", "code", "delivery"),
    [
        ("timeout", "timeout", "unknown"),
        ("network", "network", "unknown"),
        ("tls", "tls", "not_sent"),
        (TimeoutError, "timeout", "unknown"),
        (ConnectionRefusedError, "network", "not_sent"),
        (ConnectionResetError("cut"), "network", "unknown"),
    ],
)
def test_it_fails_as_told(transport, failure, code, delivery):
    transport.fail(failure)
    transport.fail(failure)
    with hogwire.Client("phc_test", transport=transport, max_retries=0) as client:
        for _ in range(2):
            outcome = client.create_event(**SEND)
            assert (outcome.error_code, outcome.delivery) == (code, delivery), outcome.error_message
        assert client.create_event(**SEND).ok


@pytest.mark.parametrize("failure", [None, 5, b"timeout", int, object(), ("timeout",)])
def test_what_is_no_failure_is_refused(transport, failure):
    with pytest.raises(TypeError, match=r"^failure must be one of timeout, network, tls, or an exception, not "):
        transport.fail(failure)
    with hogwire.Client("phc_test", transport=transport) as client:
        assert client.create_event(**SEND).ok


def test_an_unknown_failure_is_refused(transport):
    with pytest.raises(
        ValueError, match=r"^unknown failure 'slow'; use one of timeout, network, tls, or an exception$"
    ):
        transport.fail("slow")
    with pytest.raises(ValueError, match=r"^unknown failure") as raised:
        transport.fail("x" * 1_000_000)
    assert len(str(raised.value)) < 200


def test_an_event_that_is_sent_again_is_one_event(transport):
    transport.answer(503)
    with hogwire.Client("phc_test", transport=transport) as client:
        assert client.create_event(**SEND).attempts == 2
    assert (len(transport.requests), len(transport.events)) == (2, 1)


def test_it_is_documented():
    for name in hogwire.testing.__all__:
        assert inspect.getdoc(getattr(hogwire.testing, name))
    assert "RecordingTransport" in pydoc.render_doc(hogwire.testing)
