"""Circles: what refers back to its owner is freed, and what waited in a queue is delivered and told first."""

import asyncio
import gc
import threading

import pytest

import hogwire
from conftest import running, wait_until

EVENT = {"distinct_id": "user-1", "event_name": "bought"}
KINDS = ["transport", "before_send", "on_drop", "on_error", "on_delivered"]
LONG = 3_600.0


class Owner:
    """Has a client and a queue, which call one function of its own: the usual pattern. `told`: with what."""

    def __init__(self, kind, told, answer=None, client=hogwire.Client, **options):
        self.kind, self.told = kind, told
        # What is refused for good is told to `on_error`, and then to `on_drop`.
        status = 400 if kind in ("on_drop", "on_error") else 200
        self.answer = answer or (lambda: (status, {}, b'{"status":1}'))
        hooks = {kind: self.hook} if kind.startswith("on_") else {}
        # A transport and a hook that refer to the owner would be two circles, of which each must be freed by itself.
        transport = self.carry if kind == "transport" else lambda request, timeout, answer=self.answer: answer()
        before_send = self.before_send if kind == "before_send" else None
        self.client = client("phc_test", transport=transport, before_send=before_send)
        self.queue = self.client.queue(flush_interval=LONG, **hooks, **options)

    def hook(self, *told):
        # Raises, and so is not told, when the collector has cleared the owner before.
        self.told.append((repr(self.client), *told))

    def carry(self, request, timeout):
        self.hook(request)
        return self.answer()

    def before_send(self, event):
        self.hook(event)
        return event


def owners(told):
    """How many there still are; weak references would not say, which end before the collector has decided."""
    gc.collect()
    return sum(isinstance(found, Owner) and getattr(found, "told", told) is told for found in gc.get_objects())


@pytest.mark.parametrize("kind", KINDS)
def test_closed(kind):
    told = []
    for _ in range(20):
        owner = Owner(kind, told)
        assert owner.queue.create_event(**EVENT)
        owner.queue.close()
        owner.client.close()
    del owner
    wait_until(lambda: owners(told) == 0)
    assert len(told) == 20


@pytest.mark.parametrize("kind", KINDS)
def test_thrown_away_unclosed(kind):
    told = []
    for _ in range(20):
        assert Owner(kind, told).queue.create_event(**EVENT)
    # Nothing but the end of the queue sends them.
    wait_until(lambda: owners(told) == 0)
    assert len(told) == 20


@pytest.mark.parametrize("kind", KINDS)
def test_never_used(kind):
    told = []
    for _ in range(20):
        Owner(kind, told)
    assert owners(told) == 0


@pytest.mark.parametrize("ending", ["closed", "thrown away"])
@pytest.mark.parametrize("kind", KINDS)
def test_for_asyncio(kind, ending):
    told = []

    async def use():
        owner = Owner(kind, told, client=hogwire.AsyncClient)
        assert owner.queue.create_event(**EVENT)
        if ending == "closed":
            await owner.queue.aclose()
            await owner.client.aclose()

    for _ in range(5):
        asyncio.run(use())
    wait_until(lambda: owners(told) == 0)
    assert len(told) == 5


@pytest.mark.parametrize("kind", ["transport", "before_send"])
def test_a_client_alone(kind):
    for close in (True, False):
        owner = Owner(kind, told := [])
        del owner.queue
        assert owner.client.create_event(**EVENT).ok
        if close:
            owner.client.close()
        del owner
        assert (owners(told), len(told)) == (0, 1)


def test_functions_that_refer_to_their_queue_by_a_name():
    told = []

    def make():
        def lost(dropped):
            told.append((dropped.reason, repr(queue)))

        owner = Owner("before_send", told)
        queue = owner.client.queue(on_drop=lost, close_timeout=0.05, flush_interval=LONG)
        owner.client.opt_out()
        owner.queue = queue
        assert not queue.create_event(**EVENT)
        owner.client.opt_in()
        assert queue.create_event(**EVENT)
        owner.client.opt_out()

    make()
    wait_until(lambda: owners(told) == 0)
    [_, dropped] = told
    assert dropped == ("shutdown", "Queue(pending=0)")


def test_events_that_nobody_takes_are_given_up_after_the_time_of_a_close():
    def refuse():
        raise ConnectionRefusedError

    told = []
    assert Owner("on_drop", told, refuse, close_timeout=0.05).queue.create_event(**EVENT)
    wait_until(lambda: owners(told) == 0)
    [(_, dropped)] = told
    assert dropped.reason == "shutdown"


def test_what_is_stuck_past_the_time_of_a_close_tells_nobody(caplog):
    begun, go_on = threading.Event(), threading.Event()

    def answer():
        begun.set()
        assert go_on.wait(30)
        return 500, {}, b""

    owner = Owner("on_error", told := [], answer, close_timeout=0.05)
    assert owner.queue.create_event(**EVENT)
    owner.queue._submit_flush(30, lambda: None)
    assert begun.wait(30)
    del owner
    # The thread that is stuck still refers to it, but it is cleared.
    wait_until(lambda: owners(told) == 1 and not any(vars(found) for found in gc.get_objects() if type(found) is Owner))
    go_on.set()
    # What a thread of the core's gave back is freed with the next call.
    wait_until(lambda: hogwire.uuid_from("any") and owners(told) == 0)
    assert told == []
    assert "on_error" not in caplog.text


def test_an_owners_own_last_words_are_delivered():
    class LastWords(Owner):
        def __del__(self):
            self.queue.create_event(**EVENT)

    LastWords("on_delivered", told := [])
    wait_until(lambda: owners(told) == 0)
    assert len(told) == 1


def test_a_call_in_the_background_keeps_what_it_uses():
    begun, go_on = threading.Event(), threading.Event()
    answers = [(200, {}, b'{"status":1}'), (503, {"Retry-After": "0"}, b"")]

    def answer():
        begun.set()
        assert go_on.wait(30)
        return answers.pop()

    async def use():
        owner = Owner("transport", told, answer, client=hogwire.AsyncClient)
        call = asyncio.ensure_future(owner.client.create_event(**EVENT))
        await asyncio.to_thread(begun.wait, 30)
        call.cancel()

    told = []
    asyncio.run(use())
    assert owners(told) == 1
    go_on.set()
    # Its second attempt finds its owner as it was.
    wait_until(lambda: owners(told) == 0)
    assert (len(told), answers) == (2, [])


def test_collections_in_the_middle_of_work_disturb_nobody():
    owner = Owner("on_delivered", told := [], flush_at=1)
    enough = threading.Event()

    def push():
        while not enough.is_set():
            assert owner.queue.create_event(**EVENT)

    with running(push, push):
        for _ in range(10):
            gc.collect()
        enough.set()
    report = owner.queue.close(30)
    assert report.delivered == owner.queue.stats()["events_pushed_total"] == sum(len(uuids) for _, uuids, _ in told)
