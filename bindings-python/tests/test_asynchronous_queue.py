"""AsyncQueue: receipts at once, reports awaited."""

import asyncio
import inspect
import pickle
import threading

import pytest

import hogwire
from conftest import answering, wait_until

SEND = {"distinct_id": "user-1", "event_name": "bought"}


def test_receipts_at_once_and_reports_awaited(receiver):
    async def main():
        async with hogwire.AsyncClient("phc_test", host=receiver.url) as client, client.queue() as queue:
            receipts = [
                queue.create_event(**SEND),
                queue.track_page(distinct_id="user-1", page_url="https://shop.example/"),
                queue.execute("group", {"GroupType": "company", "GroupKey": "acme"}),
            ]
            report = await queue.flush()
            receipts.append(queue.create_event(**SEND))
            assert repr(queue) == "AsyncQueue(pending=1)"
        return receipts, report, queue

    receipts, report, queue = asyncio.run(main())
    assert all(receipts)
    assert (report.delivered, report.pending) == (3, 0)
    # Leaving the scope delivered the last one.
    assert [event["uuid"] for event in receiver.stored()] == [receipt.event_uuid for receipt in receipts]
    assert queue.create_event(**SEND).error_code == "closed"
    with pytest.raises(TypeError, match="pickle the client"):
        pickle.dumps(queue)


def test_the_same_words_as_queue():
    for name, method in inspect.getmembers(hogwire.Queue, callable):
        if not name.startswith("_") and name != "close":
            got, expected = inspect.signature(getattr(hogwire.AsyncQueue, name)), inspect.signature(method)
            assert list(got.parameters.values())[1:] == list(expected.parameters.values())[1:], name
    assert inspect.getdoc(hogwire.AsyncQueue.flush)


def test_the_loop_runs_while_a_flush_waits(receiver):
    receiver.script({"delay_ms": 300})

    async def main():
        async with hogwire.AsyncClient("phc_test", host=receiver.url) as client, client.queue() as queue:
            queue.create_event(**SEND)
            flush = asyncio.ensure_future(queue.flush())
            turns = 0
            while not flush.done() and turns < 100:
                turns += 1
                await asyncio.sleep(0)
            assert not flush.done()
            return turns, await flush

    turns, report = asyncio.run(main())
    assert turns == 100
    assert report.delivered == 1


def test_aclose_refuses_at_once_and_is_idempotent(receiver):
    receiver.script({"delay_ms": 200})

    async def main():
        client = hogwire.AsyncClient("phc_test", host=receiver.url)
        queue = client.queue()
        queue.create_event(**SEND)
        closing = asyncio.ensure_future(queue.aclose())
        await asyncio.sleep(0)
        late = queue.create_event(**SEND)
        report, again = await closing, await queue.aclose(timeout=1)
        await client.aclose()
        return late, report, again

    late, report, again = asyncio.run(main())
    assert late.error_code == "closed"
    assert (report.delivered, again.delivered) == (1, 0)


def test_a_cancelled_flush_harms_nobody(receiver):
    receiver.script({"delay_ms": 200})

    async def main():
        async with hogwire.AsyncClient("phc_test", host=receiver.url) as client, client.queue() as queue:
            queue.create_event(**SEND)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(queue.flush(), 0.01)
            return await queue.flush()

    assert asyncio.run(main()).pending == 0
    assert len(receiver.stored()) == 1


@pytest.mark.parametrize("method", ["flush", "aclose"])
def test_what_a_cancelled_wait_would_have_reported_is_in_the_next_report(method):
    async def main():
        go = threading.Event()

        def transport(request, timeout):
            assert go.wait(30)
            return 200, {}, b'{"status":"Ok"}'

        async with hogwire.AsyncClient("phc_test", transport=transport) as client:
            queue = client.queue()
            queue.create_event(**SEND)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(getattr(queue, method)(), 0.01)
            go.set()
            wait_until(lambda: queue.stats()["events_delivered_total"] == 1)
            return await queue.aclose()

    # Several times, because a report that goes astray may come too late to be missed.
    assert [asyncio.run(main()).delivered for _ in range(20)] == [1] * 20


def test_concurrent_flushes(receiver):
    async def main():
        async with hogwire.AsyncClient("phc_test", host=receiver.url) as client, client.queue() as queue:
            for _ in range(300):
                queue.create_event(**SEND)
            return await asyncio.gather(*[queue.flush() for _ in range(20)])

    assert sum(report.delivered for report in asyncio.run(main())) == 300
    assert len(receiver.stored()) == 300


def test_options_and_hooks():
    told = []

    async def main():
        client = hogwire.AsyncClient("phc_test", transport=answering(401))
        with pytest.raises(hogwire.ConfigError, match="flush_at"):
            client.queue(flush_at=0)
        with pytest.raises(TypeError, match="colour"):
            client.queue(colour="red")
        async with client.queue(on_drop=told.append) as queue:
            queue.create_event(**SEND)
            return await queue.flush()

    report = asyncio.run(main())
    assert told == list(report.dropped)
    assert told[0].reason == "unauthorized"


def test_send_batch(receiver):
    event = {"Operation": "event", "DistinctId": "user-1", "EventName": "bought"}

    async def main():
        async with hogwire.AsyncClient("phc_test", host=receiver.url) as client:
            return await client.send_batch([event, {"Operation": "capture"}, event]), await client.send_batch([])

    outcomes, none = asyncio.run(main())
    assert [outcome.status_code for outcome in outcomes] == [200, -1, 200]
    assert none == []
    assert len(receiver.requests()) == 1


def test_identify_group(receiver):
    async def main():
        async with hogwire.AsyncClient("phc_test", host=receiver.url) as client:
            return await client.identify_group(group_type="company", group_key="acme", properties_set={"seats": 3})

    assert asyncio.run(main()).ok
    assert receiver.stored()[0]["properties"]["$group_set"] == {"seats": 3}
