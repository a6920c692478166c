from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import PurePath
from typing import Any, Literal
from uuid import UUID

from typing_extensions import Self

from ._native import (
    Outcome,
    Queued,
    Report,
    _BeforeSend,
    _Compression,
    _Id,
    _Input,
    _OnDelivered,
    _OnDrop,
    _OnError,
    _Operation,
    _Properties,
    _Timestamp,
    _Transport,
)

class AsyncClient:
    """`Client` for asyncio: the same options and methods, awaitable.

    A `transport` and `before_send` functions are synchronous here as well, never `async def`: the transport runs on the
    client's own threads, and so may block without the event loop waiting; `before_send` runs in the call.

    Usable from any event loop, also from several. A cancelled call leaves nothing behind in the loop; its event may
    still be sent.

    >>> async with hogwire.AsyncClient("phc_...") as client:
    ...     outcome = await client.create_event(distinct_id="user-12345", event_name="User Signed Up")
    """

    def __init__(
        self,
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
    ) -> None: ...
    @classmethod
    def from_env(
        cls,
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
    ) -> Self:
        """Like `Client.from_env`: key and host, unless given, from `POSTHOG_API_KEY` and `POSTHOG_HOST`."""
    async def create_alias(
        self,
        *,
        distinct_id: _Id,
        alias: _Id,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, _Id] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome:
        """Like `Client.create_alias`."""
    async def create_event(
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
        """Like `Client.create_event`."""
    async def create_identity(
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
        """Like `Client.create_identity`."""
    async def track_page(
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
        """Like `Client.track_page`."""
    async def track_screen(
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
        """Like `Client.track_screen`."""
    async def identify_group(
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
        """Like `Client.identify_group`."""
    async def execute(self, operation: _Operation, input: _Input) -> Outcome:
        """Like `Client.execute`."""
    async def send_batch(self, operations: Iterable[Mapping[str, Any]]) -> list[Outcome]:
        """Like `Client.send_batch`."""
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
    ) -> AsyncQueue:
        """Like `Client.queue`, with an `AsyncQueue`.

        Its hooks run on the same threads: `on_drop` for want of room in the event loop, then.
        """
    def opt_out(self) -> None:
        """Like `Client.opt_out`: stop sending until `opt_in`, queues included."""
    def opt_in(self) -> None:
        """Send again after `opt_out`, and what waits in queues."""
    def close(self) -> None:
        """End the client without waiting: later calls are answered `closed`, calls under way finish their attempt."""
    async def aclose(self) -> None:
        """End the client as `close` does, and wait for the calls this loop has under way."""
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *_exception: object) -> None: ...

class AsyncQueue(Queued):
    """`Queue` for asyncio: operations answer at once with a receipt, `flush` and `aclose` are awaited.

    Made by `AsyncClient.queue`, with the same options as `Client.queue`. Leaving an `async with` block closes it.

    >>> async with client.queue(flush_at=100) as queue:
    ...     receipt = queue.create_event(distinct_id="user-12345", event_name="User Signed Up")
    ...     report = await queue.flush()
    """

    async def flush(self, timeout: float | None = 10.0) -> Report:
        """Like `Queue.flush`; other tasks run meanwhile. Cancelled, it leaves its counts to the next report."""
    async def aclose(self, timeout: float | None = None) -> Report:
        """Like `Queue.close`; other tasks run meanwhile. Later events are answered `closed` at once.

        Cancelled, it goes on in the background, and leaves its counts to the next report.
        """
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *_exception: object) -> None: ...
