"""For tests of programs that use hogwire: a transport that sends nothing, records everything, and answers as told.

>>> transport = RecordingTransport()
>>> client = hogwire.Client("phc_test", transport=transport)
>>> client.create_event(distinct_id="user-12345", event_name="User Signed Up").ok
True
>>> transport.events[0]["event"]
'User Signed Up'
"""

import collections
import json
import ssl

from ._native import _events_of, _success_body

__all__ = ["RecordingTransport", "events_of"]

# The failures that `hogwire.interpret` knows, and what a transport raises to mean them.
_RAISED = {
    "timeout": (TimeoutError, "no answer came in time"),
    "network": (ConnectionError, "the connection failed"),
    "tls": (ssl.SSLError, "the secure connection could not be made"),
}


class RecordingTransport:
    """A client's `transport` for tests. Answers each request as a PostHog that takes everything, unless told otherwise.

    Safe to use from several threads, as queues do.
    """

    def __init__(self):
        self._requests = []
        self._answers = collections.deque()

    @property
    def requests(self):
        """Every `hogwire.Request` so far, repeated attempts included."""
        return list(self._requests)

    @property
    def events(self):
        """Every event so far, decoded, in order; one that was sent several times stands where it was sent first."""
        events = {}
        for request in self.requests:
            for event in events_of(request):
                events.setdefault(event["uuid"], event)
        return list(events.values())

    def answer(self, status=200, body=None, headers=()):
        """Answer the next request so; `body` may be text, bytes, or a value to be sent as JSON. May be repeated.

        Without a body, a 200 has the one of a PostHog that takes everything, and any other answer is empty.
        """
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        self._answers.append((status, headers, body))

    def fail(self, failure):
        """Let the next request fail: `"timeout"`, `"network"`, `"tls"`, or an exception for the transport to raise.

        `ConnectionRefusedError` and its like mean that nothing was sent, `ConnectionError` that it is not known.
        """
        if isinstance(failure, type) and issubclass(failure, BaseException):
            failure = failure()
        if isinstance(failure, BaseException):
            self._answers.append(failure)
        elif not isinstance(failure, str):
            raise TypeError(f"failure must be one of {', '.join(_RAISED)}, or an exception, not {failure!r:.60}")
        elif failure not in _RAISED:
            raise ValueError(f"unknown failure {failure!r:.60}; use one of {', '.join(_RAISED)}, or an exception")
        else:
            error, words = _RAISED[failure]
            self._answers.append(error(words))

    def clear(self):
        """Forget the requests so far, and the answers that were not given."""
        self._requests.clear()
        self._answers.clear()

    def __call__(self, request, timeout):
        """Answer a request, as transports do."""
        self._requests.append(request)
        try:
            planned = self._answers.popleft()
        except IndexError:
            planned = (200, (), None)
        if isinstance(planned, BaseException):
            raise planned
        status, headers, body = planned
        if body is None:
            body = _success_body(request) if status == 200 else ""
        return status, headers, body


def events_of(request):
    """Decode the events of a `hogwire.Request`."""
    return _events_of(request)
