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
    ) -> Self: ...
    async def create_alias(
        self,
        *,
        distinct_id: _Id,
        alias: _Id,
        timestamp: _Timestamp | None = None,
        uuid: str | UUID | None = None,
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome: ...
    async def create_event(
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
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome: ...
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
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome: ...
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
        groups: Mapping[str, str | int] | None = None,
        process_person_profile: bool | None = None,
    ) -> Outcome: ...
    async def identify_group(
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
    async def execute(self, operation: _Operation, input: _Input) -> Outcome: ...
    async def send_batch(self, operations: Iterable[Mapping[str, Any]]) -> list[Outcome]: ...
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
    ) -> AsyncQueue: ...
    def opt_out(self) -> None: ...
    def opt_in(self) -> None: ...
    def close(self) -> None: ...
    async def aclose(self) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *_exception: object) -> None: ...

class AsyncQueue(Queued):
    async def flush(self, timeout: float | None = 10.0) -> Report: ...
    async def aclose(self, timeout: float | None = None) -> Report: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *_exception: object) -> None: ...
