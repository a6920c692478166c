from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, Literal, Protocol, TypeAlias, TypedDict, final
from uuid import UUID

from typing_extensions import Self, disjoint_base

# Closed lists: those the core publishes, as a test compares.
_ErrorCode: TypeAlias = Literal[
    "ok",
    "invalid_input",
    "timeout",
    "network",
    "tls",
    "redirected",
    "unauthorized",
    "quota_exceeded",
    "too_large",
    "rate_limited",
    "rejected",
    "server_error",
    "dropped",
    "queue_full",
    "closed",
    "disabled",
    "opted_out",
    "internal",
]
_Delivery: TypeAlias = Literal["not_sent", "unknown", "accepted", "stored", "dropped", "rejected"]
_FindingCode: TypeAlias = Literal[
    "required",
    "unknown_parameter",
    "invalid_type",
    "too_long",
    "placeholder_id",
    "same_id",
    "nested_value",
    "not_finite",
    "number_out_of_range",
    "too_deep",
    "cycle",
    "invalid_key",
    "invalid_timestamp",
    "timestamp_not_milliseconds",
    "naive_timestamp",
    "future_timestamp",
    "invalid_uuid",
    "nil_uuid",
    "invalid_url",
    "too_large",
    "invalid_json",
    "unreadable_value",
]
_WarningCode: TypeAlias = Literal[
    "trimmed",
    "placeholder_id",
    "lone_surrogate",
    "conflict",
    "userinfo_removed",
    "referrer_without_host",
    "value_omitted",
    "reserved_property",
    "unexpected_answer",
    "answer_truncated",
    "server_warning",
    "historical_timestamp",
    "person_required",
    "before_send_failed",
]
_DropReason: TypeAlias = Literal[
    "overflow",
    "before_send",
    "rejected",
    "too_large",
    "server_drop",
    "unauthorized",
    "quota_exceeded",
    "rate_limited",
    "shutdown",
]
_Operation: TypeAlias = Literal["alias", "event", "group", "identity", "page", "screen"]

# What is meant to be given. Whatever else is given is answered with a finding, never with an exception.
_Id: TypeAlias = str | int | UUID
_Timestamp: TypeAlias = datetime | str | int
_Properties: TypeAlias = Mapping[str, Any]
_BeforeSend: TypeAlias = Callable[[dict[str, Any]], Mapping[str, Any] | None]
# Answers with (status, headers, body), or with an object that has them under the names of urllib, requests or httpx, or
# raises such an object.
_Transport: TypeAlias = Callable[[Request, float], Any]
# Hooks run on the queue's threads, or inside the call that drops an event (before_send, overflow, a close out of time).
# There, flush and close return at once.
_OnDrop: TypeAlias = Callable[[Dropped], object]
_OnError: TypeAlias = Callable[[Outcome], object]
_OnDelivered: TypeAlias = Callable[[list[str], Literal["accepted", "stored", "unknown"]], object]
_Compression: TypeAlias = Literal["none", "gzip", "deflate", "zstd"]
_Input: TypeAlias = Mapping[str, Any] | str | bytes | bytearray

class _Items(Protocol):
    def items(self) -> Iterable[tuple[str, str]]: ...

# The headers that http.client and urllib give have items, but are no Mapping.
_Headers: TypeAlias = _Items | Iterable[tuple[str, str]]

__all__ = [
    "DELIVERIES",
    "DROP_REASONS",
    "ERROR_CODES",
    "FINDING_CODES",
    "OPERATIONS",
    "UUID_NAMESPACE",
    "WARNING_CODES",
    "Client",
    "ConfigError",
    "Dropped",
    "Finding",
    "Outcome",
    "Queue",
    "Queued",
    "Receipt",
    "Report",
    "Request",
    "__version__",
    "_close_gate",
    "_close_queues",
    "_events_of",
    "_panic_on_next_call",
    "_restore_client",
    "_restore_outcome",
    "_restore_receipt",
    "_success_body",
    "build",
    "interpret",
    "uuid_from",
]

__version__: str
ERROR_CODES: tuple[_ErrorCode, ...]
DELIVERIES: tuple[_Delivery, ...]
DROP_REASONS: tuple[_DropReason, ...]
FINDING_CODES: tuple[_FindingCode, ...]
WARNING_CODES: tuple[_WarningCode, ...]
UUID_NAMESPACE: str
OPERATIONS: dict[_Operation, tuple[str, ...]]

class ConfigError(ValueError):
    """A wrong option. `option` is its name, `problem` what is wrong with it and what to do."""

    option: str
    problem: str

@final
class Finding:
    """One thing validation found: a stable code, the parameter it is about, and a sentence with the limit and the fix.

    Frozen; findings and warnings of an outcome, and warnings of a request, are tuples of these.
    """

    def __new__(cls, code: _FindingCode | _WarningCode, parameter: str, message: str) -> Finding: ...
    @property
    def code(self) -> _FindingCode | _WarningCode:
        """The code, one of `hogwire.FINDING_CODES` or `hogwire.WARNING_CODES`."""
    @property
    def parameter(self) -> str:
        """The parameter in PascalCase; keys inside it follow after dots: `Properties.plan`."""
    @property
    def message(self) -> str:
        """A sentence with the limit and the fix."""
    def __getnewargs__(self) -> tuple[str, str, str]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Outcome:
    """What happened to one call. Frozen; true in a condition exactly when `status_code` is 200.

    >>> outcome = client.create_event(distinct_id="user-12345", event_name="User Signed Up")
    >>> if not outcome:
    ...     print(outcome.error_code, outcome.error_message)
    """

    @property
    def data(self) -> dict[str, Any]:
        """The answer when it is a JSON object, `{"raw_content": text}` when it is anything else, `{}` when there is
        none. A fresh copy.
        """
    @property
    def original_status_code(self) -> int:
        """The HTTP status received; 0 when no answer was received."""
    @property
    def status_code(self) -> int:
        """200, -1 for refused input, or by the operation's status table."""
    @property
    def error_message(self) -> str:
        """A sentence; empty exactly when `status_code` is 200."""
    @property
    def error_code(self) -> _ErrorCode:
        """What kind of thing happened, one of `hogwire.ERROR_CODES`."""
    @property
    def delivery(self) -> _Delivery:
        """What is known about the event's whereabouts, one of `hogwire.DELIVERIES`."""
    @property
    def retryable(self) -> bool:
        """Whether sending the same event again may help."""
    @property
    def retry_after(self) -> float | None:
        """Seconds the server asks to wait, if it does."""
    @property
    def attempts(self) -> int:
        """Requests made."""
    @property
    def event_uuid(self) -> str | None:
        """The event's uuid; `None` when there is no event."""
    @property
    def findings(self) -> tuple[Finding, ...]:
        """Why the input was refused."""
    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What was changed or is doubtful."""
    @property
    def ok(self) -> bool:
        """Whether `status_code` is 200."""
    def to_dict(self) -> dict[str, Any]:
        """The outcome in PascalCase: `Data`, `OriginalStatusCode`, `StatusCode`, `ErrorMessage` and the
        others.
        """
    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Request:
    """An exact request, and what `interpret` needs to read its answer. Frozen; true in a condition, unlike a refusal's
    `Outcome`.
    """

    @property
    def method(self) -> str:
        """Always `POST`."""
    @property
    def url(self) -> str:
        """The whole URL."""
    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Header names and values, in the order to send them; `dict(request.headers)` fits most HTTP clients. With v1,
        `Authorization` is among them, with the api key in full.
        """
    @property
    def body(self) -> bytes:
        """The body's bytes, compressed when a header says so. With v0 it holds the api key in full."""
    @property
    def operation(self) -> _Operation:
        """Which operation it carries, a key of `hogwire.OPERATIONS`."""
    @property
    def protocol(self) -> Literal["v0", "v1"]:
        """Which protocol it speaks."""
    @property
    def event_uuid(self) -> str:
        """The event's uuid; stays the same over attempts."""
    @property
    def timestamp(self) -> str:
        """The event's timestamp (RFC 3339, UTC); stays the same over attempts."""
    @property
    def attempt(self) -> int:
        """Which attempt it is, from 1."""
    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What was changed or is doubtful about the input; carried into the outcome."""
    @property
    def ok(self) -> Literal[True]:
        """Always true: tells a request from the outcome of a refusal."""
    def to_curl(self) -> str:
        """The request as a `curl` command, uncompressed and with the api key redacted: to look at, not to run as it
        is.
        """
    def to_dict(self) -> dict[str, Any]:
        """The request in PascalCase, as `from_dict` takes it. Holds the api key in full: in `Body` or
        `BodyBase64` with v0, among `Headers` with v1. So does a pickle.
        """
    @staticmethod
    def from_dict(value: Mapping[str, Any]) -> Request:
        """The request that `to_dict` made this of. Raises `ValueError` for anything else."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Client:
    """Sends operations to PostHog and answers each with an `Outcome`. Safe to share between threads, and across `fork`.

    Wrong values are answered with `status_code` -1, never with an exception. Wrong options raise `ConfigError`.
    Pickling a client carries its options (the api key in full), not its connections.

    Options, each None for its default:

        host: the server's http(s) URL, a path prefix allowed, up to 2,048 bytes. Default: PostHog's US cloud.
        timeout: seconds for a call, retries included, and in queues for a request, 0.001 to 86,400. Default: 10.0.
        connect_timeout: seconds for connecting, name look-up included, 0.001 to 86,400. Default: 5.0.
        max_retries: retries after the first attempt of a call, 0 to 100. Default: 2.
        max_connections: connections open at a time, 1 to 1,024; waiting counts against timeout. Default: 32.
        protocol: "v0", "v1" (an answer for each event) or "auto" (v1 where the server has it). Default: "v0".
        compression: "none", "gzip", with v1 or auto also "deflate", "zstd". Default: queues gzip from 1 KiB on.
        nested_properties: whether objects and lists may be property values. Default: False.
        geoip_disable: whether to send $geoip_disable, unless $ip is given. Default: True.
        is_server: whether to send $is_server. Default: True.
        properties: added to every event, up to 500,000 bytes of JSON; the event's own win. Default: none.
        headers: a mapping of extra request headers, values up to 8,192 bytes. Default: none.
        app_info: a suffix for the User-Agent, up to 256 bytes of printable ASCII. Default: none.
        before_send: synchronous functions that get each event and return it, or None to drop it. Default: none.
        disabled: whether to send nothing. Default: False.
        historical_migration: whether events are an import, whose old times are to be kept. Default: False.
        proxy: a proxy's URL (http, https, socks4, socks4a, socks5, socks5h). Default: the environment's.
        ca_file: a PEM file of certificate authorities. Default: the system's.
        client_cert: a PEM file with the client's certificate chain and key. Default: none.
        transport: a synchronous function of a request and the seconds left, to carry it. Default: the library's own.

    >>> with hogwire.Client("phc_...", timeout=5.0) as client:
    ...     outcome = client.create_event(distinct_id="user-12345", event_name="User Signed Up")
    """

    def __new__(
        cls,
        api_key: str | None,
        *,
        host: str | None = None,
        timeout: float | None = 10.0,
        connect_timeout: float | None = 5.0,
        max_retries: int | None = 2,
        max_connections: int | None = 32,
        protocol: Literal["v0", "v1", "auto"] | None = "v0",
        compression: _Compression | None = None,
        nested_properties: bool | None = False,
        geoip_disable: bool | None = True,
        is_server: bool | None = True,
        properties: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        app_info: str | None = None,
        before_send: _BeforeSend | Sequence[_BeforeSend] | None = None,
        disabled: bool | None = False,
        historical_migration: bool | None = False,
        proxy: str | None = None,
        ca_file: str | PurePath | None = None,
        client_cert: str | PurePath | None = None,
        transport: _Transport | None = None,
    ) -> Client: ...
    @staticmethod
    def from_env(
        api_key: str | None = None,
        *,
        host: str | None = None,
        timeout: float | None = 10.0,
        connect_timeout: float | None = 5.0,
        max_retries: int | None = 2,
        max_connections: int | None = 32,
        protocol: Literal["v0", "v1", "auto"] | None = "v0",
        compression: _Compression | None = None,
        nested_properties: bool | None = False,
        geoip_disable: bool | None = True,
        is_server: bool | None = True,
        properties: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        app_info: str | None = None,
        before_send: _BeforeSend | Sequence[_BeforeSend] | None = None,
        disabled: bool | None = False,
        historical_migration: bool | None = False,
        proxy: str | None = None,
        ca_file: str | PurePath | None = None,
        client_cert: str | PurePath | None = None,
        transport: _Transport | None = None,
    ) -> Client:
        """A client whose key and host, unless given, come from `POSTHOG_API_KEY` and `POSTHOG_HOST`.

        Without a key the client is disabled, and its outcomes say why.
        """
    def create_alias(
        self,
        *,
        distinct_id: _Id,
        alias: _Id,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, _Id] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome:
        """Sends `$create_alias`: the person behind `alias` is merged into the person of `distinct_id`.

        PostHog refuses the merge later, silently, when the alias side has already been identified. To merge an
        anonymous visitor into a known user, the `anonymous_id` of `create_identity` is the safe way.
        """
    def create_event(
        self,
        *,
        distinct_id: _Id,
        event_name: str,
        properties: _Properties | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, _Id] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome:
        """Sends an event of your own name.

        Property values are text, numbers, booleans and None, and whatever Python has for them: dates, UUIDs, paths,
        Decimals, enums, numpy scalars. Objects and lists need the option `nested_properties`.
        """
    def create_identity(
        self,
        *,
        distinct_id: _Id,
        name: str | None = None,
        email: str | None = None,
        plan: str | None = None,
        signup_date: str | date | None = None,
        referral_source: str | None = None,
        properties_set: _Properties | None = None,
        properties_set_once: _Properties | None = None,
        properties_unset: Sequence[str] | None = None,
        anonymous_id: _Id | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, _Id] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome:
        """Sends `$identify`: what is known about the person of `distinct_id`.

        `name`, `email`, `plan` and `properties_set` overwrite; `signup_date`, `referral_source` and
        `properties_set_once` do not; `properties_unset` lists names to remove. `anonymous_id` is merged into
        `distinct_id`.
        """
    def track_page(
        self,
        *,
        distinct_id: _Id,
        page_url: str,
        page_name: str | None = None,
        referrer: str | None = None,
        properties: _Properties | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, _Id] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome:
        """Sends `$pageview`. `page_url` needs a scheme and a host; campaign parameters in it become properties."""
    def track_screen(
        self,
        *,
        distinct_id: _Id,
        screen_view_name: str,
        screen_category: str | None = None,
        app_version: str | None = None,
        device_type: str | None = None,
        properties: _Properties | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, _Id] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome:
        """Sends `$screen`: an app's screen. `device_type` is also sent in PostHog's own vocabulary, where it maps."""
    def identify_group(
        self,
        *,
        group_type: str,
        group_key: _Id,
        properties_set: _Properties | None = None,
        distinct_id: _Id | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, _Id] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome:
        """Sends `$groupidentify`: what is known about the group `group_key` of the kind `group_type`.

        Without a `distinct_id` the event belongs to `$<group_type>_<group_key>`, which is nobody.
        """
    def execute(self, operation: _Operation, input: _Input) -> Outcome:
        """Sends any operation by name (a key of `hogwire.OPERATIONS`), with the input in PascalCase, as a
        mapping or as JSON text: `execute("event", {"DistinctId": "user-12345", "EventName": "User Signed Up"})`.

        Raises `ValueError` for an unknown operation; whatever is wrong with the input is in the answer.
        """
    def send_batch(self, operations: Iterable[Mapping[str, Any]]) -> list[Outcome]:
        """Sends many operations together, and gives one outcome for each, in order. Up to 1,000 events or 1 MiB of JSON
        go out in one request, more in several, one after the other, all within `timeout`; a request that the server
        refuses because of one event is divided until that event stands alone.

        Each is a mapping in PascalCase, with its operation: `{"Operation": "event", "DistinctId": ...,
        ...}`. What is wrong with one is in its outcome; the others are sent. What is no list, nor anything else to
        iterate, raises `TypeError`.
        """
    def queue(
        self,
        *,
        flush_at: int | None = 100,
        flush_interval: float | None = 5.0,
        max_batch_events: int | None = 1_000,
        max_batch_bytes: int | None = 1_048_576,
        max_in_flight: int | None = 4,
        max_queue_events: int | None = 100_000,
        max_queue_bytes: int | None = ...,
        overflow: Literal["reject", "drop_oldest", "block"] | None = "reject",
        block_timeout: float | None = 5.0,
        close_timeout: float | None = 5.0,
        max_retries: int | None = 3,
        compression: _Compression | None = None,
        on_drop: _OnDrop | None = None,
        on_error: _OnError | None = None,
        on_delivered: _OnDelivered | None = None,
    ) -> Queue:
        """A queue for this client's events: takes them at once and delivers them in the background.

        `on_drop` is told of every event dropped, with a `Dropped`; `on_error` of every request that failed, with an
        `Outcome`; `on_delivered` of every delivery, with the events' uuids and `"accepted"`, `"stored"`, or
        `"unknown"`, where the answer says nothing of them (a host that is not PostHog's answers 200, perhaps).

        Hooks run on the queue's own threads; but what a `before_send` function or a full queue drops, or a close whose
        time is over, is told on the thread that caused it, inside that call. There no lock may be held that `on_drop`
        takes, unless it is reentrant. A hook must not wait for the queue: `flush` and `close` return at once there.

        Options, each None for its default:

            flush_at: events that make a batch go out, 1 to 1,000,000; doubled by each request under way. Default: 100.
            flush_interval: seconds after which the oldest event makes a batch go out, 0 to 86,400. Default: 5.0.
            max_batch_events: events of a request, 1 to 100,000; with protocol v1 or auto at most 5,000. Default: 1,000.
            max_batch_bytes: bytes of JSON of a request, uncompressed, 1 to 20,971,520. Default: 1,048,576.
            max_in_flight: requests at a time, 1 to 64. Default: 4.
            max_queue_events: events that may wait, 1 to 100,000,000. Default: 100,000.
            max_queue_bytes: bytes of the events that may wait, 1 to 1,099,511,627,776. Default: 134,217,728.
            overflow: without room, "reject" the event, "drop_oldest", or "block" the caller. Default: "reject".
            block_timeout: seconds that "block" waits for room, 0 to 86,400. Default: 5.0.
            close_timeout: seconds for the end of a with block and of the program, 0 to 86,400. Default: 5.0.
            max_retries: retries of a request, 0 to 100; then its events wait for a later round. Default: 3.
            compression: as the client's. Default: the client's, or gzip from 1 KiB on.
        """
    def _submit(self, operation: str, input: _Input, on_done: Callable[[Outcome], object]) -> None: ...
    def _submit_batch(
        self, operations: Iterable[Mapping[str, Any]], on_done: Callable[[list[Outcome]], object]
    ) -> None: ...
    def opt_out(self) -> None:
        """Stops sending until `opt_in`: outcomes and receipts say `opted_out`, calls under way are not retried, and
        queues keep what waits in them; one that is closed meanwhile drops it as `shutdown`. A request that is on its
        way cannot be called back.
        """
    def opt_in(self) -> None:
        """Sends again after `opt_out`, and what waits in queues."""
    def close(self) -> None:
        """Ends the client: later calls are answered `closed`, calls under way finish their attempt but are not retried.
        Its queues take nothing more either: close them first. May be repeated.
        """
    def __enter__(self) -> Client: ...
    def __exit__(self, *_exception: object) -> None: ...

@final
class Receipt:
    """What became of handing one event to a queue. Frozen; true in a condition exactly when the event is queued.

    >>> receipt = queue.create_event(distinct_id="user-12345", event_name="User Signed Up")
    >>> if not receipt:
    ...     print(receipt.error_code, receipt.error_message)
    """

    @property
    def event_uuid(self) -> str | None:
        """The event's uuid, under which reports and hooks speak of it; `None` when there is no event."""
    @property
    def queued(self) -> bool:
        """Whether it is in the queue."""
    @property
    def error_code(self) -> _ErrorCode:
        """What kind of thing went wrong: `ok`, `invalid_input`, `dropped`, `queue_full`, `closed`, `disabled`,
        `opted_out`, `internal`.
        """
    @property
    def error_message(self) -> str:
        """A sentence; empty exactly when `queued`."""
    @property
    def findings(self) -> tuple[Finding, ...]:
        """Why the input was refused."""
    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What was changed or is doubtful."""
    @property
    def ok(self) -> bool:
        """Whether it is in the queue, under the name outcomes have for success."""
    def to_dict(self) -> dict[str, Any]:
        """The receipt in PascalCase: `EventUuid`, `Queued` and the others."""
    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Dropped:
    """One event that was dropped, and why. Frozen; reports and `on_drop` name events with it."""

    def __new__(cls, uuid: str, reason: _DropReason, message: str) -> Dropped: ...
    @property
    def uuid(self) -> str:
        """The event's uuid."""
    @property
    def reason(self) -> _DropReason:
        """Why, one of `hogwire.DROP_REASONS`."""
    @property
    def message(self) -> str:
        """Why, as a sentence, with the server's own words where there are any."""
    def to_dict(self) -> dict[str, str]:
        """The event and the reason in PascalCase: `Uuid`, `Reason`, `Message`."""
    def __getnewargs__(self) -> tuple[str, str, str]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Report:
    """What became of a queue's events: counts since the last report, and what is pending as of now. Frozen.

    >>> report = queue.flush()
    >>> report.delivered, report.pending, report.dropped
    (1, 0, ())
    """

    def __new__(
        cls,
        delivered: int,
        accepted: int,
        stored: int,
        pending: int,
        dropped: tuple[Dropped, ...],
        dropped_total: int,
        last_error: str,
    ) -> Report: ...
    @property
    def delivered(self) -> int:
        """Events the server took: `accepted` and `stored` together."""
    @property
    def accepted(self) -> int:
        """Events the server accepted for storage."""
    @property
    def stored(self) -> int:
        """Events the server stored (v1)."""
    @property
    def pending(self) -> int:
        """Events that are still to be delivered, as of now."""
    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """Events that were dropped, each by name; at most 100,000 of them."""
    @property
    def dropped_total(self) -> int:
        """How many events were dropped, the ones not named included."""
    @property
    def last_error(self) -> str:
        """What the last request said that failed or was answered doubtfully, or why none could be made; where there was
        none, why a close gave events up. Empty when neither happened.
        """
    def to_dict(self) -> dict[str, Any]:
        """The report in PascalCase: `Delivered`, `Pending`, `Dropped` and the others."""
    def __getnewargs__(self) -> tuple[int, int, int, int, tuple[Dropped, ...], int, str]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

# What its names mean: `Queued.stats`.
class _Stats(TypedDict):
    events_pushed_total: int
    events_delivered_total: int
    events_accepted_total: int
    events_stored_total: int
    events_unconfirmed_total: int
    events_dropped_total: dict[_DropReason, int]
    events_retried_total: int
    requests_total: int
    requests_failed_total: int
    request_bytes_total: int
    batches_divided_total: int
    late_answers_total: int
    events_waiting: int
    bytes_waiting: int
    events_in_flight: int
    requests_in_flight: int

@disjoint_base
class Queued:
    """What every queue can do. Make queues with `Client.queue` and `AsyncClient.queue`."""

    def __new__(
        cls,
        client: Client,
        *,
        flush_at: int | None = 100,
        flush_interval: float | None = 5.0,
        max_batch_events: int | None = 1_000,
        max_batch_bytes: int | None = 1_048_576,
        max_in_flight: int | None = 4,
        max_queue_events: int | None = 100_000,
        max_queue_bytes: int | None = ...,
        overflow: Literal["reject", "drop_oldest", "block"] | None = "reject",
        block_timeout: float | None = 5.0,
        close_timeout: float | None = 5.0,
        max_retries: int | None = 3,
        compression: _Compression | None = None,
        on_drop: _OnDrop | None = None,
        on_error: _OnError | None = None,
        on_delivered: _OnDelivered | None = None,
    ) -> Self: ...
    def __del__(self) -> None: ...
    def create_alias(
        self,
        *,
        distinct_id: _Id,
        alias: _Id,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, _Id] | None = None,
        process_person_profile: bool | None = None,
    ) -> Receipt:
        """Sends `$create_alias`: the person behind `alias` is merged into the person of `distinct_id`.

        PostHog refuses the merge later, silently, when the alias side has already been identified. To merge an
        anonymous visitor into a known user, the `anonymous_id` of `create_identity` is the safe way.
        """
    def create_event(
        self,
        *,
        distinct_id: _Id,
        event_name: str,
        properties: _Properties | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, _Id] | None = None,
        process_person_profile: bool | None = None,
    ) -> Receipt:
        """Sends an event of your own name.

        Property values are text, numbers, booleans and None, and whatever Python has for them: dates, UUIDs, paths,
        Decimals, enums, numpy scalars. Objects and lists need the option `nested_properties`.
        """
    def create_identity(
        self,
        *,
        distinct_id: _Id,
        name: str | None = None,
        email: str | None = None,
        plan: str | None = None,
        signup_date: str | date | None = None,
        referral_source: str | None = None,
        properties_set: _Properties | None = None,
        properties_set_once: _Properties | None = None,
        properties_unset: Sequence[str] | None = None,
        anonymous_id: _Id | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, _Id] | None = None,
        process_person_profile: bool | None = None,
    ) -> Receipt:
        """Sends `$identify`: what is known about the person of `distinct_id`.

        `name`, `email`, `plan` and `properties_set` overwrite; `signup_date`, `referral_source` and
        `properties_set_once` do not; `properties_unset` lists names to remove. `anonymous_id` is merged into
        `distinct_id`.
        """
    def track_page(
        self,
        *,
        distinct_id: _Id,
        page_url: str,
        page_name: str | None = None,
        referrer: str | None = None,
        properties: _Properties | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, _Id] | None = None,
        process_person_profile: bool | None = None,
    ) -> Receipt:
        """Sends `$pageview`. `page_url` needs a scheme and a host; campaign parameters in it become properties."""
    def track_screen(
        self,
        *,
        distinct_id: _Id,
        screen_view_name: str,
        screen_category: str | None = None,
        app_version: str | None = None,
        device_type: str | None = None,
        properties: _Properties | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, _Id] | None = None,
        process_person_profile: bool | None = None,
    ) -> Receipt:
        """Sends `$screen`: an app's screen. `device_type` is also sent in PostHog's own vocabulary, where it maps."""
    def identify_group(
        self,
        *,
        group_type: str,
        group_key: _Id,
        properties_set: _Properties | None = None,
        distinct_id: _Id | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, _Id] | None = None,
        process_person_profile: bool | None = None,
    ) -> Receipt:
        """Sends `$groupidentify`: what is known about the group `group_key` of the kind `group_type`.

        Without a `distinct_id` the event belongs to `$<group_type>_<group_key>`, which is nobody.
        """
    def execute(self, operation: _Operation, input: _Input) -> Receipt:
        """Sends any operation by name (a key of `hogwire.OPERATIONS`), with the input in PascalCase, as a
        mapping or as JSON text: `execute("event", {"DistinctId": "user-12345", "EventName": "User Signed Up"})`.

        Raises `ValueError` for an unknown operation; whatever is wrong with the input is in the answer.
        """
    def stats(self) -> _Stats:
        """All counters since the queue was made, and where its events stand now.

        The names fit Prometheus and OpenTelemetry:

            events_pushed_total: valid events handed to the queue, those included that it had to drop at once.
            events_delivered_total: events the server took.
            events_accepted_total: of these, accepted for storage.
            events_stored_total: of these, stored (v1).
            events_unconfirmed_total: of the accepted ones, those of which the answer said nothing.
            events_dropped_total: events dropped, a dictionary with a number for each of `hogwire.DROP_REASONS`.
            events_retried_total: events sent again, but for those of a divided batch.
            requests_total: requests made.
            requests_failed_total: requests that failed.
            request_bytes_total: bytes of request bodies, as sent, once their answers came.
            batches_divided_total: batches divided to find the event the server refuses.
            late_answers_total: answers to requests the queue no longer waited for.
            events_waiting: events that wait for a batch.
            bytes_waiting: bytes of the events that wait for a batch.
            events_in_flight: events in batches, on their way or waiting for another attempt.
            requests_in_flight: requests whose answer is awaited.
        """
    def _submit_flush(self, timeout: float | None, on_done: Callable[[], object]) -> None: ...
    def _submit_close(self, timeout: float | None, on_done: Callable[[], object]) -> None: ...
    def _report(self) -> Report: ...

@final
class Queue(Queued):
    """Takes events at once and delivers them in the background, in batches; `flush` and `close` say what became of
    them. Made by `Client.queue`. Safe to share between threads, and across `fork`: the child's queue is empty, the
    parent's events are sent once.

    Leaving a `with` block closes it, and so does the end of the interpreter, both for at most `close_timeout`.

    >>> with client.queue(flush_at=100) as queue:
    ...     receipt = queue.create_event(distinct_id="user-12345", event_name="User Signed Up")
    ...     report = queue.flush()
    """

    def flush(self, timeout: float | None = 10.0) -> Report:
        """Sends everything pushed so far and waits, for at most `timeout` seconds, until each event is delivered,
        dropped, or has used up its retries, and hooks were told. What is left stays in the queue and is counted as
        pending. Never raises for a delivery.
        """
    def close(self, timeout: float | None = None) -> Report:
        """Takes nothing more, delivers what is there for at most `timeout` seconds (left out: `close_timeout`), and
        says what became of it. What could not be delivered is dropped as `shutdown`, with one line on stderr. May be
        repeated.
        """
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

def build(
    operation: _Operation,
    input: _Input,
    *,
    api_key: str | None,
    now_ms: int | None = None,
    seed: int | None = None,
    attempt: int = 1,
    host: str | None = None,
    timeout: float | None = 10.0,
    connect_timeout: float | None = 5.0,
    max_retries: int | None = 2,
    max_connections: int | None = 32,
    protocol: Literal["v0", "v1", "auto"] | None = "v0",
    compression: _Compression | None = None,
    nested_properties: bool | None = False,
    geoip_disable: bool | None = True,
    is_server: bool | None = True,
    properties: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    app_info: str | None = None,
    before_send: _BeforeSend | Sequence[_BeforeSend] | None = None,
    disabled: bool | None = False,
    historical_migration: bool | None = False,
    proxy: str | None = None,
    ca_file: str | PurePath | None = None,
    client_cert: str | PurePath | None = None,
) -> Request | Outcome:
    """Builds the exact request for an operation, without sending it.

    `input` is a mapping in PascalCase or its JSON text; the options are those of `Client`. The same
    input, options, `now_ms` (Unix milliseconds) and `seed` give the same bytes; both are supplied when left out. Gives
    the `Outcome` that says why, when nothing is to be sent: `invalid_input`, `dropped` (by a `before_send` function) or
    `disabled`.

    Raises `ConfigError` for a wrong option and `ValueError` for an unknown operation.
    """

def interpret(
    request: Request,
    *,
    status: int | None = None,
    headers: _Headers | None = None,
    body: bytes | bytearray | str | None = None,
    failure: Literal["timeout", "network", "tls"] | None = None,
    sent: bool | None = None,
    now_ms: int | None = None,
) -> Outcome:
    """Reads what came of a request: an answer (`status`, `headers`, `body`) or a `failure` (`timeout`, `network` or
    `tls`; `sent` says whether any byte went out, if that is known).

    Any status, headers and body give an outcome. `now_ms` is only needed to understand a Retry-After that is a date.
    """

def uuid_from(key: str) -> str:
    """A uuid made of a key of yours, always the same for the same key, so that an import that is run again does not
    duplicate its events: as long as each event's timestamp, name and distinct id are the same again too.

    >>> hogwire.uuid_from("order-1234-paid") == hogwire.uuid_from("order-1234-paid")
    True
    """

def _close_gate() -> None: ...
def _close_queues() -> None: ...
def _events_of(request: Request) -> list[dict[str, Any]]: ...
def _success_body(request: Request) -> bytes: ...
def _panic_on_next_call() -> None: ...
def _restore_client(api_key: Any, options: dict[str, Any] | None, from_env: bool, opted_out: bool) -> Client: ...
def _restore_outcome(text: str) -> Outcome: ...
def _restore_receipt(text: str) -> Receipt: ...
