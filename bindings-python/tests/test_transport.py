"""`transport=`: a function of one's own carries the requests."""

import http.server
import socket
import ssl
import threading
import types
import urllib.error
import urllib.request

import pytest

import hogwire
from conftest import answering

OK = b'{"status":"Ok"}'


def outcome_of(transport, **options):
    with hogwire.Client("phc_test", transport=transport, max_retries=0, **options) as client:
        return client.create_event(distinct_id="user-1", event_name="bought")


def test_it_gets_the_request_and_the_seconds_left():
    seen = []

    def transport(request, timeout):
        seen.append((request, timeout))
        return 200, {"Content-Type": "application/json"}, OK

    outcome = outcome_of(transport, timeout=3.0)
    assert outcome.ok
    [(request, timeout)] = seen
    assert isinstance(request, hogwire.Request)
    assert request.url == "https://us.i.posthog.com/batch/"
    assert request.event_uuid == outcome.event_uuid
    assert 0 < timeout <= 3.0


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, OK),
        (200, [("A", "b")], OK),
        (200, [["A", "b"]], OK),
        (200, (), OK.decode()),
        (200, None, bytearray(OK)),
        (200, [(b"A", b"b")], OK),
        types.SimpleNamespace(status=200, headers={}, body=OK),
        types.SimpleNamespace(status_code=200, headers={}, content=OK),
        types.SimpleNamespace(status=200, headers={}, read=lambda: OK),
    ],
    ids=["dict", "pairs", "lists", "text", "no headers", "bytes", "own object", "requests and httpx", "urllib"],
)
def test_answers_of_many_shapes(answer):
    outcome = outcome_of(lambda request, timeout: answer)
    assert outcome.ok, outcome
    assert outcome.data == {"status": "Ok"}


def test_urllib_as_transport(receiver):
    def transport(request, timeout):
        sent = urllib.request.Request(request.url, request.body, dict(request.headers), method=request.method)
        with urllib.request.urlopen(sent, timeout=timeout) as answer:
            return answer.status, answer.headers, answer.read()

    assert outcome_of(transport, host=receiver.url).ok
    assert [event["event"] for event in receiver.stored()] == ["bought"]


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def of_the_guide(request, timeout):
    """As the guide has it: what is no success, urllib raises."""
    sent = urllib.request.Request(request.url, request.body, dict(request.headers))
    return urllib.request.build_opener(NoRedirects).open(sent, timeout=timeout)


@pytest.mark.parametrize(
    ("status", "headers", "code", "delivery", "retry_after"),
    [
        (302, [["Location", "/elsewhere"]], "redirected", "rejected", None),
        (400, [], "rejected", "rejected", None),
        (401, [], "unauthorized", "rejected", None),
        (413, [], "too_large", "rejected", None),
        (429, [["Retry-After", "7"]], "rate_limited", "rejected", 7.0),
        (503, [], "server_error", "unknown", None),
    ],
)
def test_what_urllib_raises_of_an_answer_is_that_answer(receiver, status, headers, code, delivery, retry_after):
    receiver.script({"status": status, "headers": headers, "body": '{"detail": "words of the server"}'})
    outcome = outcome_of(of_the_guide, host=receiver.url)
    assert (outcome.error_code, outcome.original_status_code) == (code, status)
    assert (outcome.delivery, outcome.retry_after) == (delivery, retry_after)
    assert outcome.data == {"detail": "words of the server"}
    assert len(receiver.requests()) == 1


def test_one_poison_event_over_urllib_takes_no_neighbour_with_it():
    class Picky(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = (400, b'{"detail":"poison"}') if b"poison" in body else (200, OK)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Picky) as server:
        threading.Thread(target=server.serve_forever).start()
        host = f"http://127.0.0.1:{server.server_port}"
        with hogwire.Client("phc_test", host=host, transport=of_the_guide) as client:
            queue = client.queue(compression="none")
            names = ["bought"] * 9 + ["poison"]
            receipts = [queue.create_event(distinct_id="user-1", event_name=name) for name in names]
            report = queue.close(timeout=30)
        server.shutdown()
    assert report.delivered == 9
    assert [(dropped.uuid, dropped.reason) for dropped in report.dropped] == [(receipts[9].event_uuid, "rejected")]
    assert "poison" in report.dropped[0].message


class Refusal(Exception):
    """An answer and an exception in one."""

    headers = ()

    def __init__(self, status, body=b""):
        self.status_code = status
        self.content = body


def test_any_exception_that_is_an_answer_counts_as_one():
    def transport(request, timeout):
        raise Refusal(402)

    assert outcome_of(transport).error_code == "quota_exceeded"

    def nonsense(request, timeout):
        raise Refusal("no number")

    assert outcome_of(nonsense).error_code == "internal"


@pytest.mark.parametrize("error", [TimeoutError("slow"), ConnectionResetError("cut"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("status", [200, 400])
def test_a_body_that_breaks_off_is_a_failure(error, status):
    def read():
        raise error

    def transport(request, timeout):
        answer = Refusal(status)
        del answer.content
        answer.read = read
        if status == 400:
            raise answer
        return answer

    if isinstance(error, KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            outcome_of(transport)
    else:
        expected = "timeout" if isinstance(error, TimeoutError) else "network"
        assert outcome_of(transport).error_code == expected


def test_headers_of_the_answer_are_read():
    outcome = outcome_of(answering(429, b"", [("RETRY-AFTER", "3")]))
    assert (outcome.error_code, outcome.retry_after) == ("rate_limited", 3.0)


class ConnectTimeout(Exception):
    """What requests and httpx call it."""


class ReadTimeout(Exception):
    """What requests and httpx call it."""


FAILURES = {
    "TimeoutError": (TimeoutError("slow"), "timeout", "unknown"),
    "ReadTimeout": (ReadTimeout("slow"), "timeout", "unknown"),
    "ConnectTimeout": (ConnectTimeout("slow"), "timeout", "not_sent"),
    "SSLError": (ssl.SSLError("bad handshake"), "tls", "not_sent"),
    "certificate": (ssl.SSLCertVerificationError("wrong name"), "tls", "not_sent"),
    "ConnectionRefusedError": (ConnectionRefusedError("nobody"), "network", "not_sent"),
    "gaierror": (socket.gaierror("no such host"), "network", "not_sent"),
    "ConnectionResetError": (ConnectionResetError("cut"), "network", "unknown"),
    "URLError of a time-out": (urllib.error.URLError(TimeoutError("slow")), "timeout", "unknown"),
    "URLError of TLS": (urllib.error.URLError(ssl.SSLError("bad")), "tls", "not_sent"),
    "URLError of a word": (urllib.error.URLError("no route"), "network", "unknown"),
    "any other": (ValueError("my mistake"), "network", "unknown"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_what_it_raises_is_a_failure(failure):
    error, code, delivery = FAILURES[failure]

    def transport(request, timeout):
        raise error

    outcome = outcome_of(transport)
    assert (outcome.error_code, outcome.delivery) == (code, delivery)
    assert type(error).__name__ in outcome.error_message


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "200",
        200,
        (200,),
        (200, {}),
        (200, {}, OK, 4),
        ("200", {}, OK),
        (200, 5, OK),
        (200, {"A": 5}, OK),
        (200, ["AB", 1], OK),
        (200, {}, 5),
        (200, {}, object()),
        object(),
        types.SimpleNamespace(status=200),
    ],
    ids=repr,
)
def test_nonsense_is_named(answer):
    outcome = outcome_of(lambda request, timeout: answer)
    assert (outcome.error_code, outcome.status_code) == ("internal", 500)
    assert "transport" in outcome.error_message


def test_a_wrong_signature_of_the_transport():
    outcome = outcome_of(lambda request: (200, {}, OK))
    assert outcome.error_code == "network"
    assert "TypeError" in outcome.error_message


@pytest.mark.parametrize("status", [0, -1, 99, 600, 65536, 10**30])
def test_impossible_statuses(status):
    outcome = outcome_of(answering(status))
    assert (outcome.error_code, outcome.delivery, outcome.status_code) == ("network", "unknown", 500)
    assert outcome.error_message == f"the answer has the impossible HTTP status {status}; is this the right host?"
    assert outcome.original_status_code == (status if 0 <= status < 65536 else 0)


def test_retries_call_it_again():
    calls = []

    def transport(request, timeout):
        calls.append(request.attempt)
        return (503, {}, b"") if len(calls) < 3 else (200, {}, OK)

    with hogwire.Client("phc_test", transport=transport, max_retries=2) as client:
        assert client.create_event(distinct_id="user-1", event_name="bought").ok
    assert calls == [1, 2, 3]


def test_it_may_use_the_client_itself():
    depth = []

    def transport(request, timeout):
        depth.append(1)
        if len(depth) < 3:
            assert client.create_event(distinct_id="user-1", event_name="inner").ok
        return 200, {}, OK

    with hogwire.Client("phc_test", transport=transport) as client:
        assert client.create_event(distinct_id="user-1", event_name="outer").ok
    assert len(depth) == 3


@pytest.mark.parametrize("order", [KeyboardInterrupt, SystemExit])
def test_an_order_to_stop_travels_on(order):
    def transport(request, timeout):
        raise order

    with hogwire.Client("phc_test", transport=transport) as client:
        with pytest.raises(order):
            client.create_event(distinct_id="user-1", event_name="bought")
        # Nothing of it is left for the next call.
        assert client.create_event(distinct_id="", event_name="bought").status_code == -1
