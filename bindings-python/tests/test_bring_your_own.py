"""`build` and `interpret`: requests and answers as plain data."""

import json
import pickle

import pytest

import hogwire
import hogwire.testing
from conftest import fenced

GIVEN = {"DistinctId": "user-1", "EventName": "bought", "Properties": {"plan": "pro"}}
NOW = 1_795_420_800_123


def built(**options):
    return hogwire.build("event", GIVEN, **{"api_key": "phc_secret", "now_ms": NOW, "seed": 7, **options})


def test_the_same_input_gives_the_same_bytes():
    assert built() == built()
    assert built().body == built().body
    assert built().event_uuid != built(seed=8).event_uuid
    assert built() != built(attempt=2)
    free = [hogwire.build("event", GIVEN, api_key="phc_x").event_uuid for _ in range(2)]
    assert free[0] != free[1]


def test_a_request_as_it_goes_out():
    request = built(attempt=3)
    assert request
    assert request.ok is True
    assert (request.method, request.url) == ("POST", "https://us.i.posthog.com/batch/")
    assert (request.operation, request.protocol, request.attempt) == ("event", "v0", 3)
    assert request.timestamp == "2026-11-23T08:00:00.123Z"
    assert dict(request.headers)["Content-Type"] == "application/json"
    body = json.loads(request.body)
    assert body["api_key"] == "phc_secret"
    assert body["batch"][0]["uuid"] == request.event_uuid
    assert request.warnings == ()


def test_a_refusal_is_an_outcome():
    refused = hogwire.build("event", {}, api_key="phc_x")
    assert isinstance(refused, hogwire.Outcome)
    assert not refused
    assert not refused.ok
    assert refused.status_code == -1
    assert hogwire.build("event", GIVEN, api_key="phc_x", disabled=True).error_code == "disabled"


def test_requests_are_values():
    request = built(compression="gzip")
    assert pickle.loads(pickle.dumps(request)) == request
    assert hogwire.Request.from_dict(request.to_dict()) == request
    assert hogwire.Request.from_dict(json.loads(json.dumps(request.to_dict()))) == request
    assert hash(request) == hash(built(compression="gzip"))
    assert "BodyBase64" in request.to_dict()
    assert built().to_dict()["Body"] == built().body.decode()
    with pytest.raises(AttributeError):
        request.url = "x"


@pytest.mark.parametrize("value", [None, {}, [], 5, {"Method": "POST"}, {1: 2}, {"Body": b""}])
def test_what_is_no_request_raises(value):
    with pytest.raises(ValueError, match="request"):
        hogwire.Request.from_dict(value)


def test_curl():
    assert built().to_curl().startswith("curl -X POST 'https://us.i.posthog.com/batch/'")
    assert "phc_***" in built().to_curl()


@pytest.mark.parametrize(
    ("status", "body", "code", "delivery"),
    [
        (200, b'{"status":1}', "ok", "accepted"),
        (200, '{"status":"Ok"}', "ok", "accepted"),
        (200, None, "ok", "unknown"),
        (401, bytearray(b"no"), "unauthorized", "rejected"),
        (503, b"\xff\xfe", "server_error", "unknown"),
        (0, b"", "network", "unknown"),
        (-5, b"", "network", "unknown"),
        (10**9, b"", "network", "unknown"),
    ],
)
def test_answers(status, body, code, delivery):
    outcome = hogwire.interpret(built(), status=status, body=body)
    assert (outcome.error_code, outcome.delivery, outcome.event_uuid) == (code, delivery, built().event_uuid)


@pytest.mark.parametrize("page", ["README.md", "bindings-python/README.md"])
@pytest.mark.parametrize(
    ("answer", "code", "delivery"),
    [
        ({}, "ok", "accepted"),
        ({"status": 401}, "unauthorized", "rejected"),
        ({"status": 503}, "server_error", "unknown"),
        ({"status": 302, "headers": [["Location", "/elsewhere"]]}, "redirected", "rejected"),
    ],
)
def test_what_the_guide_does_gives_an_outcome_for_every_answer(receiver, page, answer, code, delivery):
    [block] = [block for block in fenced(page, "python") if "hogwire.interpret(request, status=" in block]
    program, _, _ = block.replace("https://us.i.posthog.com", receiver.url).partition("assert outcome.delivery")
    receiver.script(answer)
    names = {}
    exec(program, names)
    assert (names["outcome"].error_code, names["outcome"].delivery) == (code, delivery)
    assert len(receiver.requests()) == 1


def test_headers_and_the_present():
    date = "Mon, 23 Nov 2026 08:00:07 GMT"
    for headers in ({"Retry-After": date}, [("retry-after", date)], [["Retry-After", date]]):
        outcome = hogwire.interpret(built(), status=429, headers=headers, now_ms=NOW)
        assert outcome.retry_after == pytest.approx(6.877)


@pytest.mark.parametrize(
    ("failure", "sent", "delivery"),
    [
        ("timeout", None, "unknown"),
        ("timeout", False, "not_sent"),
        ("network", None, "unknown"),
        ("network", True, "unknown"),
        ("tls", None, "not_sent"),
    ],
)
def test_failures(failure, sent, delivery):
    outcome = hogwire.interpret(built(), failure=failure, sent=sent)
    assert (outcome.error_code, outcome.delivery) == (failure, delivery)


def test_misuse_raises():
    for given in (
        {},
        {"status": 200, "failure": "timeout"},
        {"status": "200"},
        {"status": 200, "body": 5},
        {"status": 200, "headers": 5},
    ):
        with pytest.raises(TypeError):
            hogwire.interpret(built(), **given)
    with pytest.raises(TypeError):
        hogwire.interpret({"Method": "POST"}, status=200)
    with pytest.raises(ValueError, match="timeout, network, tls"):
        hogwire.interpret(built(), failure="internal")
    with pytest.raises(TypeError):
        hogwire.build("event", GIVEN)
    with pytest.raises(hogwire.ConfigError, match="api_key"):
        hogwire.build("event", GIVEN, api_key="phx_x")


OPERATIONS = "text, one of alias, event, group, identity, page, screen"
SEED = "an int from 0 to 18446744073709551615"
NOW_MS = "an int of 64 bits, Unix milliseconds"
ATTEMPT = "an int from 1 to 4294967295"


@pytest.mark.parametrize(
    ("call", "raised", "words"),
    [
        (lambda: built(now_ms="x"), TypeError, f"now_ms must be {NOW_MS}, not text"),
        (lambda: built(now_ms=1.5), TypeError, f"now_ms must be {NOW_MS}, not a float"),
        (lambda: built(now_ms=2**63), ValueError, f"now_ms must be {NOW_MS}, not 9223372036854775808"),
        (lambda: built(seed="x"), TypeError, f"seed must be {SEED}, not text"),
        (lambda: built(seed=-1), ValueError, f"seed must be {SEED}, not -1"),
        (lambda: built(seed=2**64), ValueError, f"seed must be {SEED}, not 18446744073709551616"),
        (lambda: built(seed=-(10**4000)), ValueError, f"seed must be {SEED}, not -1{'0' * 55}..."),
        (lambda: built(attempt=0), ValueError, f"attempt must be {ATTEMPT}, not 0"),
        (lambda: built(attempt=2**32), ValueError, f"attempt must be {ATTEMPT}, not 4294967296"),
        (lambda: built(attempt=True), TypeError, f"attempt must be {ATTEMPT}, not a bool"),
        (lambda: hogwire.build(None, GIVEN, api_key="phc_x"), TypeError, f"operation must be {OPERATIONS}, not None"),
        (lambda: hogwire.Client("phc_x").execute(5, {}), TypeError, f"operation must be {OPERATIONS}, not an int"),
        (lambda: hogwire.uuid_from(5), TypeError, "key must be text, not an int"),
        (lambda: hogwire.uuid_from(None), TypeError, "key must be text, not None"),
        (
            lambda: hogwire.interpret({"Method": "POST"}, status=200),
            TypeError,
            "request must be a Request, as build gives it, not a dict",
        ),
        (
            lambda: hogwire.interpret(built(), failure=5),
            TypeError,
            "failure must be text, one of timeout, network, tls, not an int",
        ),
        (
            lambda: hogwire.interpret(built(), failure="x" * 1_000_000),
            ValueError,
            f"unknown failure '{'x' * 57}...'; use one of timeout, network, tls",
        ),
        (
            lambda: hogwire.interpret(built(), failure="timeout", sent="no"),
            TypeError,
            "sent must be True, False or None, not text",
        ),
        (
            lambda: hogwire.interpret(built(), status=200, now_ms="x"),
            TypeError,
            f"now_ms must be {NOW_MS}, not text",
        ),
        (
            lambda: hogwire.Request.from_dict(None),
            ValueError,
            "not a request: value must be a mapping, as to_dict gives it, not None",
        ),
        (
            lambda: hogwire.Request.from_dict([1]),
            ValueError,
            "not a request: value must be a mapping, as to_dict gives it, not a list",
        ),
        (
            lambda: hogwire.testing.events_of(5),
            TypeError,
            "request must be a Request, as build gives it, not an int",
        ),
    ],
)
def test_misuse_names_the_parameter_what_it_must_be_and_what_came(call, raised, words):
    with pytest.raises(raised) as error:
        call()
    assert type(error.value) is raised
    assert str(error.value) == words


def test_integers_of_other_libraries_are_integers():
    numpy = pytest.importorskip("numpy")
    assert built(now_ms=numpy.int64(NOW), seed=numpy.uint8(7), attempt=numpy.int16(1)) == built()
    assert built(seed=2**64 - 1, attempt=2**32 - 1).attempt == 2**32 - 1
