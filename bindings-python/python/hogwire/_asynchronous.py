"""AsyncClient and AsyncQueue: for asyncio. They wait on futures that the core's own few threads resolve."""

import asyncio

from ._native import Client, Queued


class AsyncClient:
    """`Client` for asyncio: the same options and methods, awaitable.

    A `transport` and `before_send` functions are synchronous here as well, never `async def`: the transport runs on the
    client's own threads, and so may block without the event loop waiting; `before_send` runs in the call.

    Usable from any event loop, also from several. A cancelled call leaves nothing behind in the loop; its event may
    still be sent.

    >>> async with hogwire.AsyncClient("phc_...") as client:
    ...     outcome = await client.create_event(distinct_id="user-12345", event_name="User Signed Up")
    """

    __slots__ = ("_client", "_pending")

    def __init__(self, api_key, **options):
        self._adopt(Client(api_key, **options))

    @classmethod
    def from_env(cls, api_key=None, **options):
        """Like `Client.from_env`: key and host, unless given, from `POSTHOG_API_KEY` and `POSTHOG_HOST`."""
        return cls._of(Client.from_env(api_key, **options))

    @classmethod
    def _of(cls, client):
        made = cls.__new__(cls)
        made._adopt(client)
        return made

    def _adopt(self, client):
        self._client = client
        self._pending = set()

    async def create_alias(
        self, *, distinct_id, alias, timestamp=None, uuid=None, groups=None, process_person_profile=None
    ):
        """Like `Client.create_alias`."""
        return await self._call(
            "alias",
            {"DistinctId": distinct_id, "Alias": alias},
            _common(timestamp, uuid, groups, process_person_profile),
        )

    async def create_event(
        self,
        *,
        distinct_id,
        event_name,
        properties=None,
        timestamp=None,
        uuid=None,
        groups=None,
        process_person_profile=None,
    ):
        """Like `Client.create_event`."""
        return await self._call(
            "event",
            {"DistinctId": distinct_id, "EventName": event_name, "Properties": properties},
            _common(timestamp, uuid, groups, process_person_profile),
        )

    async def create_identity(
        self,
        *,
        distinct_id,
        name=None,
        email=None,
        plan=None,
        signup_date=None,
        referral_source=None,
        properties_set=None,
        properties_set_once=None,
        properties_unset=None,
        anonymous_id=None,
        timestamp=None,
        uuid=None,
        groups=None,
        process_person_profile=None,
    ):
        """Like `Client.create_identity`."""
        return await self._call(
            "identity",
            {
                "DistinctId": distinct_id,
                "Name": name,
                "Email": email,
                "Plan": plan,
                "SignupDate": signup_date,
                "ReferralSource": referral_source,
                "PropertiesSet": properties_set,
                "PropertiesSetOnce": properties_set_once,
                "PropertiesUnset": properties_unset,
                "AnonymousId": anonymous_id,
            },
            _common(timestamp, uuid, groups, process_person_profile),
        )

    async def track_page(
        self,
        *,
        distinct_id,
        page_url,
        page_name=None,
        referrer=None,
        properties=None,
        timestamp=None,
        uuid=None,
        groups=None,
        process_person_profile=None,
    ):
        """Like `Client.track_page`."""
        return await self._call(
            "page",
            {
                "DistinctId": distinct_id,
                "PageUrl": page_url,
                "PageName": page_name,
                "Referrer": referrer,
                "Properties": properties,
            },
            _common(timestamp, uuid, groups, process_person_profile),
        )

    async def track_screen(
        self,
        *,
        distinct_id,
        screen_view_name,
        screen_category=None,
        app_version=None,
        device_type=None,
        properties=None,
        timestamp=None,
        uuid=None,
        groups=None,
        process_person_profile=None,
    ):
        """Like `Client.track_screen`."""
        return await self._call(
            "screen",
            {
                "DistinctId": distinct_id,
                "ScreenViewName": screen_view_name,
                "ScreenCategory": screen_category,
                "AppVersion": app_version,
                "DeviceType": device_type,
                "Properties": properties,
            },
            _common(timestamp, uuid, groups, process_person_profile),
        )

    async def execute(self, operation, input):
        """Like `Client.execute`."""
        return await self._call(operation, input)

    async def identify_group(
        self,
        *,
        group_type,
        group_key,
        properties_set=None,
        distinct_id=None,
        timestamp=None,
        uuid=None,
        groups=None,
        process_person_profile=None,
    ):
        """Like `Client.identify_group`."""
        return await self._call(
            "group",
            {
                "GroupType": group_type,
                "GroupKey": group_key,
                "PropertiesSet": properties_set,
                "DistinctId": distinct_id,
            },
            _common(timestamp, uuid, groups, process_person_profile),
        )

    async def send_batch(self, operations):
        """Like `Client.send_batch`."""
        return await self._wait(lambda on_done: self._client._submit_batch(operations, on_done))

    def queue(self, **options):
        """Like `Client.queue`, with an `AsyncQueue`.

        Its hooks run on the same threads: `on_drop` for want of room in the event loop, then.
        """
        return AsyncQueue(self._client, **options)

    async def _call(self, operation, given, common=None):
        if common is not None:
            given.update(common)
        return await self._wait(lambda on_done: self._client._submit(operation, given, on_done))

    async def _wait(self, submit):
        future = _submitted(submit, self._pending)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return await future

    def opt_out(self):
        """Like `Client.opt_out`: stop sending until `opt_in`, queues included."""
        self._client.opt_out()

    def opt_in(self):
        """Send again after `opt_out`, and what waits in queues."""
        self._client.opt_in()

    def close(self):
        """End the client without waiting: later calls are answered `closed`, calls under way finish their attempt."""
        self._client.close()

    async def aclose(self):
        """End the client as `close` does, and wait for the calls this loop has under way."""
        self._client.close()
        loop = asyncio.get_running_loop()
        # A copy, made in one step: other threads' loops begin and end calls meanwhile.
        pending = [future for future in self._pending.copy() if future.get_loop() is loop]
        if pending:
            await asyncio.wait(pending)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_exception):
        await self.aclose()

    def __repr__(self):
        return f"Async{self._client!r}"

    def __reduce__(self):
        return type(self)._of, (self._client,)


class AsyncQueue(Queued):
    """`Queue` for asyncio: operations answer at once with a receipt, `flush` and `aclose` are awaited.

    Made by `AsyncClient.queue`, with the same options as `Client.queue`. Leaving an `async with` block closes it.

    >>> async with client.queue(flush_at=100) as queue:
    ...     receipt = queue.create_event(distinct_id="user-12345", event_name="User Signed Up")
    ...     report = await queue.flush()
    """

    __slots__ = ()

    async def flush(self, timeout=10.0):
        """Like `Queue.flush`; other tasks run meanwhile. Cancelled, it leaves its counts to the next report."""
        await _submitted(lambda on_done: self._submit_flush(timeout, on_done))
        return self._report()

    async def aclose(self, timeout=None):
        """Like `Queue.close`; other tasks run meanwhile. Later events are answered `closed` at once.

        Cancelled, it goes on in the background, and leaves its counts to the next report.
        """
        await _submitted(lambda on_done: self._submit_close(timeout, on_done))
        return self._report()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_exception):
        await self.aclose()


def _submitted(submit, pending=None):
    """Give what `submit` has been handed a callback for, if anything, as a future of this loop."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def on_done(result=None):
        try:
            loop.call_soon_threadsafe(_settle, future, result)
        except RuntimeError:
            # The loop is closed: nobody waits any more, and the future's own callbacks are never called.
            if pending is not None:
                pending.discard(future)

    submit(on_done)
    return future


def _common(timestamp, uuid, groups, process_person_profile):
    return {
        "Timestamp": timestamp,
        "Uuid": uuid,
        "Groups": groups,
        "ProcessPersonProfile": process_person_profile,
    }


def _settle(future, result):
    if not future.done():
        future.set_result(result)
