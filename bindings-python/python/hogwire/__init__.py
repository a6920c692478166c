"""PostHog from any language, with an answer for every call.

`Client` sends one of six operations and answers with an `Outcome`: not sent, accepted, stored, dropped, and why.
`Client.queue` takes events at once and delivers them in the background; its reports say what became of each.
`AsyncClient` is the same for asyncio. `build` and `interpret` are for programs that bring their own HTTP, and
`hogwire.testing` is for tests.

>>> import hogwire
>>> client = hogwire.Client("phc_...")
>>> outcome = client.create_event(distinct_id="user-12345", event_name="User Signed Up", properties={"plan": "premium"})
>>> outcome.status_code
200
"""

from ._native import (
    DELIVERIES,
    DROP_REASONS,
    ERROR_CODES,
    FINDING_CODES,
    OPERATIONS,
    UUID_NAMESPACE,
    WARNING_CODES,
    Client,
    ConfigError,
    Dropped,
    Finding,
    Outcome,
    Queue,
    Receipt,
    Report,
    Request,
    __version__,
    build,
    interpret,
    uuid_from,
)

__all__ = [
    "DELIVERIES",
    "DROP_REASONS",
    "ERROR_CODES",
    "FINDING_CODES",
    "OPERATIONS",
    "UUID_NAMESPACE",
    "WARNING_CODES",
    "AsyncClient",
    "AsyncQueue",
    "Client",
    "ConfigError",
    "Dropped",
    "Finding",
    "Outcome",
    "Queue",
    "Receipt",
    "Report",
    "Request",
    "__version__",
    "build",
    "interpret",
    "uuid_from",
]


def __getattr__(name):
    # asyncio is large, and most programs that import hogwire never use it.
    if name in ("AsyncClient", "AsyncQueue"):
        from . import _asynchronous

        globals()[name] = found = getattr(_asynchronous, name)
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
