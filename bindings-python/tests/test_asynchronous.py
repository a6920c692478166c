"""AsyncClient: the same answers, awaitable, without a thread per call and without leaving anything behind."""

import asyncio
import gc
import inspect
import pathlib
import pickle
import threading
import weakref

import pytest

import hogwire
from conftest import REFUSED, answering, wait_until


def threads_of_the_core():
    # Threads that Python did not start have no Thread object; the system knows them by name.
    tasks = pathlib.Path("/proc/self/task")
    return [task for task in tasks.iterdir() if (task / "comm").read_text().strip() == "hogwire"]


def test_the_same_methods_and_signatures():
    for name, method in inspect.getmembers(hogwire.Client, callable):
        # Options are passed on as they are.
        if name.startswith("_") or name in ("from_env", "queue"):
            continue
        same = getattr(hogwire.AsyncClient, name)
        expected = inspect.signature(method).parameters
        # A native method's `self` cannot be named; everything after it can.
        got = list(inspect.signature(same).parameters.values())[1:]
        assert [(p.name, p.default) for p in got] == [(p.name, p.default) for p in list(expected.values())[1:]], name
        assert name in ("execute", "send_batch") or all(p.kind is p.KEYWORD_ONLY for p in got)


def test_every_operation(receiver):
    async def main():
        async with hogwire.AsyncClient("phc_test", host=receiver.url) as client:
            return [
                await client.create_alias(distinct_id="user-1", alias="visitor-1"),
                await client.create_event(distinct_id="user-1", event_name="bought", properties={"n": 1}),
                await client.create_identity(distinct_id="user-1", name="Ada"),
                await client.track_page(distinct_id="user-1", page_url="https://shop.example/"),
                await client.track_screen(distinct_id="user-1", screen_view_name="Home"),
                await client.execute("event", {"DistinctId": "user-1", "EventName": "bought"}),
            ]

    outcomes = asyncio.run(main())
    assert all(outcomes), outcomes
    names = [event["event"] for event in receiver.stored()]
    assert names == ["$create_alias", "bought", "$identify", "$pageview", "$screen", "bought"]


def test_refusals_and_failures_are_outcomes():
    async def main():
        async with hogwire.AsyncClient("phc_test", host=REFUSED, max_retries=0) as client:
            refused = await client.create_event(distinct_id="", event_name="bought")
            failed = await client.create_event(distinct_id="user-1", event_name="bought")
            with pytest.raises(ValueError, match="capture"):
                await client.execute("capture", {})
            with pytest.raises(TypeError):
                await client.create_event(distinct_id="user-1")
        return refused, failed, await client.create_event(distinct_id="user-1", event_name="bought")

    refused, failed, closed = asyncio.run(main())
    assert (refused.status_code, refused.findings[0].parameter) == (-1, "DistinctId")
    assert (failed.error_code, failed.delivery) == ("network", "not_sent")
    assert closed.error_code == "closed"


@pytest.mark.skipif(not pathlib.Path("/proc/self/task").exists(), reason="threads are counted under /proc")
def test_many_calls_at_once_take_few_threads_and_connections(own_receiver):
    before = len(threads_of_the_core())

    async def main():
        async with hogwire.AsyncClient("phc_test", host=own_receiver.url, timeout=60) as client:
            calls = [client.create_event(distinct_id="user-1", event_name="bought") for _ in range(500)]
            tasks = [asyncio.ensure_future(call) for call in calls]
            await asyncio.sleep(0)
            counts = len(threads_of_the_core()), threading.active_count()
            return await asyncio.gather(*tasks), counts

    outcomes, (native, python) = asyncio.run(main())
    assert all(outcomes)
    assert len({outcome.event_uuid for outcome in outcomes}) == 500
    # Threads of earlier tests' clients may still be about to leave, so only far fewer than calls can be asked for.
    assert native <= 32 + before
    assert python == 1
    stats = own_receiver.wait(stored=500)
    assert stats["peak_connections"] <= 32


def test_the_loop_runs_meanwhile(receiver):
    receiver.script({"delay_ms": 500})

    async def main():
        async with hogwire.AsyncClient("phc_test", host=receiver.url) as client:
            call = asyncio.ensure_future(client.create_event(distinct_id="user-1", event_name="bought"))
            turns = 0
            while not call.done() and turns < 100:
                turns += 1
                await asyncio.sleep(0)
            assert not call.done()
            return turns, await call

    turns, outcome = asyncio.run(main())
    assert turns == 100
    assert outcome.ok


def test_a_cancelled_call_breaks_nothing_and_leaks_nothing(receiver):
    receiver.script(*[{"delay_ms": 200} for _ in range(20)])
    troubles, futures = [], []

    async def main():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, trouble: troubles.append(trouble))
        async with hogwire.AsyncClient("phc_test", host=receiver.url) as client:
            for _ in range(20):
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(client.create_event(distinct_id="user-1", event_name="bought"), 0.01)
            outcome = await client.create_event(distinct_id="user-1", event_name="last")
            futures.extend(weakref.ref(future) for future in client._pending)
            return outcome, client

    outcome, client = asyncio.run(main())
    assert outcome.ok
    receiver.wait(requests=21)
    assert not client._pending
    gc.collect()
    assert [future for future in futures if future() is not None] == []
    assert troubles == []


def test_a_loop_that_is_gone_harms_nobody(receiver):
    receiver.script({"delay_ms": 200})
    client = hogwire.AsyncClient("phc_test", host=receiver.url)

    async def leave():
        call = asyncio.ensure_future(client.create_event(distinct_id="user-1", event_name="left behind"))
        await asyncio.sleep(0)
        assert not call.done()

    asyncio.run(leave())
    receiver.wait(stored=1)
    # The same client serves the next loop.
    assert asyncio.run(client.create_event(distinct_id="user-1", event_name="next")).ok
    client.close()


def test_a_loop_that_is_closed_under_a_call_leaves_nothing_in_the_client():
    go, begun = threading.Event(), []

    def held(request, time_left):
        assert go.wait(time_left)
        return 200, [], b'{"status": "Ok"}'

    client = hogwire.AsyncClient("phc_test", transport=held)

    async def leave():
        begun.append(asyncio.ensure_future(client.create_event(distinct_id="user-1", event_name="left behind")))
        await asyncio.sleep(0)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(leave())
    loop.close()
    assert len(client._pending) == 1
    go.set()
    wait_until(lambda: not client._pending)
    client.close()


def test_aclose_waits_for_what_is_under_way():
    go = threading.Event()

    def held(request, time_left):
        assert go.wait(time_left)
        return 200, [], b'{"status": "Ok"}'

    async def main():
        client = hogwire.AsyncClient("phc_test", transport=held)
        call = asyncio.ensure_future(client.create_event(distinct_id="user-1", event_name="bought"))
        await asyncio.sleep(0)
        close = asyncio.ensure_future(client.aclose())
        for _ in range(100):
            await asyncio.sleep(0)
        assert not call.done()
        assert not close.done()
        go.set()
        await close
        assert call.done()
        return await call

    assert asyncio.run(main()).ok


def test_one_loop_may_wait_while_another_begins_calls():
    send = {"distinct_id": "user-1", "event_name": "bought"}
    client = hogwire.AsyncClient("phc_test", transport=answering())
    other, begun = asyncio.new_event_loop(), []

    def begin():
        begun.append(other.create_task(client.create_event(**send)))
        other.run_until_complete(asyncio.sleep(0))

    class Meanwhile(asyncio.Future):
        """Whoever asks it for its loop gets the answer after another thread has begun a call."""

        def get_loop(self):
            thread = threading.Thread(target=begin)
            thread.start()
            thread.join()
            return super().get_loop()

    async def main():
        loop = asyncio.get_running_loop()
        loop.create_future = lambda: Meanwhile(loop=loop)
        call = asyncio.ensure_future(client.create_event(**send))
        await asyncio.sleep(0)
        del loop.create_future
        await client.aclose()
        return call.done() or (await asyncio.sleep(0)) or call.done()

    assert asyncio.run(main())
    assert begun
    other.run_until_complete(asyncio.gather(*begun))
    other.close()
    assert not client._pending


def test_opting_out_and_in(receiver):
    async def main():
        async with hogwire.AsyncClient("phc_test", host=receiver.url) as client:
            client.opt_out()
            first = await client.create_event(distinct_id="user-1", event_name="bought")
            client.opt_in()
            return first, await client.create_event(distinct_id="user-1", event_name="bought")

    first, second = asyncio.run(main())
    assert first.error_code == "opted_out"
    assert second.ok


def test_a_panic_is_an_outcome(receiver):
    async def main():
        async with hogwire.AsyncClient("phc_test", host=receiver.url) as client:
            hogwire._native._panic_on_next_call()
            outcome = await client.create_event(distinct_id="user-1", event_name="bought")
            hogwire._native._panic_on_next_call()
            return [outcome, *await client.send_batch([{"Operation": "event"}, {"Operation": "page"}])]

    for outcome in asyncio.run(main()):
        assert (outcome.error_code, outcome.status_code, outcome.delivery) == ("internal", 500, "not_sent")
        assert "a planned panic" in outcome.error_message


def test_a_transport_of_ones_own():
    def transport(request, timeout):
        return 200, {}, b'{"status":"Ok"}'

    async def main():
        async with hogwire.AsyncClient("phc_test", transport=transport) as client:
            return await asyncio.gather(*[client.create_event(distinct_id="u", event_name="e") for _ in range(50)])

    assert all(asyncio.run(main()))


def test_an_order_to_stop_from_a_transport_stands_for_its_own_call_only():
    troubles = [SystemExit("enough"), ConnectionResetError("cut"), ConnectionResetError("cut")]

    def transport(request, timeout):
        raise troubles.pop(0)

    async def main():
        async with hogwire.AsyncClient("phc_test", transport=transport, max_retries=0) as client:
            return [await client.create_event(distinct_id="user-1", event_name="bought") for _ in range(3)]

    outcomes = asyncio.run(main())
    assert [outcome.error_code for outcome in outcomes] == ["internal", "network", "network"]


def test_from_env_and_pickle(receiver, monkeypatch):
    monkeypatch.setenv("POSTHOG_API_KEY", "phc_env")
    monkeypatch.setenv("POSTHOG_HOST", receiver.url)

    async def main():
        async with hogwire.AsyncClient.from_env(timeout=5) as client:
            twin = pickle.loads(pickle.dumps(client))
            assert repr(twin) == repr(client) == f"AsyncClient(host='{receiver.url}')"
            return await twin.create_event(distinct_id="user-1", event_name="bought")

    assert asyncio.run(main()).ok
    assert receiver.page("stored")[0]["token"] == "phc_env"

    async def given():
        async with hogwire.AsyncClient.from_env("phc_given") as client:
            return await client.create_event(distinct_id="user-1", event_name="bought")

    assert asyncio.run(given()).ok
    assert receiver.page("stored")[-1]["token"] == "phc_given"
