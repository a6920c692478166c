from typing import Any, Literal

from ._native import Request, _Headers

__all__ = ["RecordingTransport", "events_of"]

class RecordingTransport:
    """A client's `transport` for tests. Answers each request as a PostHog that takes everything, unless told otherwise.

    Safe to use from several threads, as queues do.
    """

    def __init__(self) -> None: ...
    @property
    def requests(self) -> list[Request]:
        """Every `hogwire.Request` so far, repeated attempts included."""
    @property
    def events(self) -> list[dict[str, Any]]:
        """Every event so far, decoded, in order; one that was sent several times stands where it was sent first."""
    def answer(self, status: int = 200, body: Any = None, headers: _Headers = ()) -> None:
        """Answer the next request so; `body` may be text, bytes, or a value to be sent as JSON. May be repeated.

        Without a body, a 200 has the one of a PostHog that takes everything, and any other answer is empty.
        """
    def fail(self, failure: Literal["timeout", "network", "tls"] | BaseException | type[BaseException]) -> None:
        """Let the next request fail: `"timeout"`, `"network"`, `"tls"`, or an exception for the transport to raise.

        `ConnectionRefusedError` and its like mean that nothing was sent, `ConnectionError` that it is not known.
        """
    def clear(self) -> None:
        """Forget the requests so far, and the answers that were not given."""
    def __call__(self, request: Request, timeout: float) -> tuple[int, Any, str | bytes]: ...

def events_of(request: Request) -> list[dict[str, Any]]:
    """Decode the events of a `hogwire.Request`."""
