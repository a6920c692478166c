from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, Literal, TypeAlias, TypedDict, final
from uuid import UUID

from typing_extensions import Self, disjoint_base

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
_OnDelivered: TypeAlias = Callable[[list[str], str], object]
_Operation: TypeAlias = Literal["alias", "event", "group", "identity", "page", "screen"]
_Compression: TypeAlias = Literal["none", "gzip", "deflate", "zstd"]
_Input: TypeAlias = Mapping[str, Any] | str | bytes | bytearray

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
ERROR_CODES: tuple[str, ...]
DELIVERIES: tuple[str, ...]
DROP_REASONS: tuple[str, ...]
FINDING_CODES: tuple[str, ...]
WARNING_CODES: tuple[str, ...]
UUID_NAMESPACE: str
OPERATIONS: dict[str, tuple[str, ...]]

class ConfigError(ValueError):
    option: str
    problem: str

@final
class Finding:
    def __new__(cls, code: str, parameter: str, message: str) -> Finding: ...
    @property
    def code(self) -> str: ...
    @property
    def parameter(self) -> str: ...
    @property
    def message(self) -> str: ...
    def __getnewargs__(self) -> tuple[str, str, str]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Outcome:
    @property
    def data(self) -> dict[str, Any]: ...
    @property
    def original_status_code(self) -> int: ...
    @property
    def status_code(self) -> int: ...
    @property
    def error_message(self) -> str: ...
    @property
    def error_code(self) -> str: ...
    @property
    def delivery(self) -> str: ...
    @property
    def retryable(self) -> bool: ...
    @property
    def retry_after(self) -> float | None: ...
    @property
    def attempts(self) -> int: ...
    @property
    def event_uuid(self) -> str | None: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def warnings(self) -> tuple[Finding, ...]: ...
    @property
    def ok(self) -> bool: ...
    def to_dict(self) -> dict[str, Any]: ...
    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Request:
    @property
    def method(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def operation(self) -> str: ...
    @property
    def protocol(self) -> str: ...
    @property
    def event_uuid(self) -> str: ...
    @property
    def timestamp(self) -> str: ...
    @property
    def attempt(self) -> int: ...
    @property
    def warnings(self) -> tuple[Finding, ...]: ...
    @property
    def ok(self) -> Literal[True]: ...
    def to_curl(self) -> str: ...
    def to_dict(self) -> dict[str, Any]: ...
    @staticmethod
    def from_dict(value: Mapping[str, Any]) -> Request: ...
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
        app_info: a suffix for the User-Agent, in printable ASCII. Default: none.
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
        """A client whose key comes from `POSTHOG_API_KEY` and whose host, unless given, from `POSTHOG_HOST`.

        Without a key the client is disabled, and its outcomes say why.
        """
    def create_alias(
        self,
        *,
        distinct_id: _Id,
        alias: _Id,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome: ...
    def create_event(
        self,
        *,
        distinct_id: _Id,
        event_name: str,
        properties: _Properties | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome: ...
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
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome: ...
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
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome: ...
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
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome: ...
    def identify_group(
        self,
        *,
        group_type: str,
        group_key: _Id,
        properties_set: _Properties | None = None,
        distinct_id: _Id | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome: ...
    def execute(self, operation: _Operation, input: _Input) -> Outcome: ...
    def send_batch(self, operations: Iterable[Mapping[str, Any]]) -> list[Outcome]:
        """Sends many operations in one request, and gives one outcome for each, in order.

        Each is a mapping in the reference's spelling, with its operation: `{"Operation": "event", "DistinctId": ...,
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
            max_batch_events: events of a request, 1 to 100,000. Default: 1,000.
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
    def opt_out(self) -> None: ...
    def opt_in(self) -> None: ...
    def close(self) -> None: ...
    def __enter__(self) -> Client: ...
    def __exit__(self, *_exception: object) -> None: ...

@final
class Receipt:
    @property
    def event_uuid(self) -> str | None: ...
    @property
    def queued(self) -> bool: ...
    @property
    def error_code(self) -> str: ...
    @property
    def error_message(self) -> str: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def warnings(self) -> tuple[Finding, ...]: ...
    @property
    def ok(self) -> bool: ...
    def to_dict(self) -> dict[str, Any]: ...
    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Dropped:
    def __new__(cls, uuid: str, reason: str, message: str) -> Dropped: ...
    @property
    def uuid(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def message(self) -> str: ...
    def to_dict(self) -> dict[str, str]: ...
    def __getnewargs__(self) -> tuple[str, str, str]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Report:
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
    def delivered(self) -> int: ...
    @property
    def accepted(self) -> int: ...
    @property
    def stored(self) -> int: ...
    @property
    def pending(self) -> int: ...
    @property
    def dropped(self) -> tuple[Dropped, ...]: ...
    @property
    def dropped_total(self) -> int: ...
    @property
    def last_error(self) -> str: ...
    def to_dict(self) -> dict[str, Any]: ...
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
    events_dropped_total: dict[str, int]
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
    def create_alias(
        self,
        *,
        distinct_id: _Id,
        alias: _Id,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Receipt: ...
    def create_event(
        self,
        *,
        distinct_id: _Id,
        event_name: str,
        properties: _Properties | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Receipt: ...
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
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Receipt: ...
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
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Receipt: ...
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
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Receipt: ...
    def identify_group(
        self,
        *,
        group_type: str,
        group_key: _Id,
        properties_set: _Properties | None = None,
        distinct_id: _Id | None = None,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Receipt: ...
    def execute(self, operation: _Operation, input: _Input) -> Receipt: ...
    def stats(self) -> _Stats:
        """All counters since the queue was made, and where its events stand now.

        The names fit Prometheus and OpenTelemetry:

            events_pushed_total: valid events handed to the queue, those included that it had to drop at once.
            events_delivered_total: events the server took.
            events_accepted_total: of these, accepted for storage.
            events_stored_total: of these, stored (v1).
            events_unconfirmed_total: of the accepted ones, those of which the answer said nothing.
            events_dropped_total: events dropped, a dictionary with a number for each of `hogwire.DROP_REASONS`.
            events_retried_total: events sent again.
            requests_total: requests made.
            requests_failed_total: requests that failed.
            request_bytes_total: bytes of request bodies, as sent.
            batches_divided_total: batches divided to find the event the server refuses.
            late_answers_total: answers to requests the queue no longer waited for.
            events_waiting: events that wait for a batch.
            bytes_waiting: bytes of the events that wait for a batch.
            events_in_flight: events in batches under way.
            requests_in_flight: requests on their way.
        """
    def _submit_flush(self, timeout: float | None, on_done: Callable[[], object]) -> None: ...
    def _submit_close(self, timeout: float | None, on_done: Callable[[], object]) -> None: ...
    def _report(self) -> Report: ...

@final
class Queue(Queued):
    def flush(self, timeout: float | None = 10.0) -> Report: ...
    def close(self, timeout: float | None = None) -> Report: ...
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
) -> Request | Outcome: ...
def interpret(
    request: Request,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    body: bytes | bytearray | str | None = None,
    failure: Literal["timeout", "network", "tls"] | None = None,
    sent: bool | None = None,
    now_ms: int | None = None,
) -> Outcome: ...
def uuid_from(key: str) -> str: ...
def _close_gate() -> None: ...
def _close_queues() -> None: ...
def _events_of(request: Request) -> list[dict[str, Any]]: ...
def _success_body(request: Request) -> bytes: ...
def _panic_on_next_call() -> None: ...
def _restore_client(api_key: Any, options: dict[str, Any] | None, from_env: bool, opted_out: bool) -> Client: ...
def _restore_outcome(text: str) -> Outcome: ...
def _restore_receipt(text: str) -> Receipt: ...
