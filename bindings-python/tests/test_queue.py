"""Queue: receipts at once, batches in the background, reports that add up."""

import copy
import inspect
import os
import pickle
import signal
import sys
import threading
import time
import uuid

import pytest

import hogwire
from conftest import REFUSED, running, wait_until
from hogwire.testing import RecordingTransport

SEND = {"distinct_id": "user-1", "event_name": "bought"}


@pytest.fixture
def transport():
    return RecordingTransport()


@pytest.fixture
def recorded(transport):
    """A client that reaches nobody; see `transport` for what it sent."""
    with hogwire.Client("phc_test", transport=transport, protocol="v0") as client:
        yield client


def names(events):
    return [event["event"] for event in events]


def test_a_receipt_at_once_and_a_report_later(client, receiver):
    with client.queue() as queue:
        receipt = queue.create_event(**SEND, properties={"n": 1})
        assert receipt
        assert (receipt.queued, receipt.ok, receipt.error_code, receipt.error_message) == (True, True, "ok", "")
        assert (receipt.findings, receipt.warnings) == ((), ())
        assert uuid.UUID(receipt.event_uuid).version == 7
        assert receiver.stored() == []
        report = queue.flush()
    assert (report.delivered, report.accepted, report.stored, report.pending) == (1, 1, 0, 0)
    assert (report.dropped, report.dropped_total, report.last_error) == ((), 0, "")
    [event] = receiver.stored()
    assert event["uuid"] == receipt.event_uuid
    assert event["properties"]["$lib"] == "hogwire-python"
    assert receipt.to_dict() == {
        "EventUuid": receipt.event_uuid,
        "Queued": True,
        "ErrorCode": "ok",
        "ErrorMessage": "",
        "Findings": [],
        "Warnings": [],
    }
    assert report.to_dict() == {
        "Delivered": 1,
        "Accepted": 1,
        "Stored": 0,
        "Pending": 0,
        "Dropped": [],
        "DroppedTotal": 0,
        "LastError": "",
    }


def test_every_operation_in_order_in_one_request(client, receiver):
    with client.queue() as queue:
        receipts = [
            queue.create_alias(distinct_id="user-1", alias="visitor-1"),
            queue.create_event(**SEND),
            queue.create_identity(distinct_id="user-1", name="Ada"),
            queue.track_page(distinct_id="user-1", page_url="https://shop.example/"),
            queue.track_screen(distinct_id="user-1", screen_view_name="Home"),
            queue.identify_group(group_type="company", group_key="acme", properties_set={"plan": "pro"}),
            queue.execute("event", {"DistinctId": "user-1", "EventName": "by name"}),
            queue.execute("event", '{"DistinctId": "user-1", "EventName": "as text"}'),
        ]
    assert all(receipts)
    stored = receiver.stored()
    assert [event["uuid"] for event in stored] == [receipt.event_uuid for receipt in receipts]
    assert names(stored) == [
        "$create_alias",
        "bought",
        "$identify",
        "$pageview",
        "$screen",
        "$groupidentify",
        "by name",
        "as text",
    ]
    assert len(receiver.requests()) == 1


def test_the_signatures_are_the_clients():
    for name in ("create_alias", "create_event", "create_identity", "identify_group", "track_page", "track_screen"):
        client, queue = getattr(hogwire.Client, name), getattr(hogwire.Queue, name)
        assert inspect.signature(client) == inspect.signature(queue)
    assert str(inspect.signature(hogwire.Queue.flush)) == "(self, /, timeout=10.0)"


def test_refusals_queue_nothing_and_say_why(recorded, transport):
    with recorded.queue() as queue:
        refused = queue.create_event(distinct_id="", event_name=None, properties={"picture": b""})
        assert not refused
        assert (refused.queued, refused.error_code, refused.event_uuid) == (False, "invalid_input", None)
        assert {finding.parameter for finding in refused.findings} == {"DistinctId", "EventName", "Properties.picture"}
        assert queue.execute("event", "no JSON").error_code == "invalid_input"
        with pytest.raises(ValueError, match="capture"):
            queue.execute("capture", {})
        with pytest.raises(TypeError):
            queue.create_event(distinct_id="user-1")
        assert queue.flush() == queue.flush()
    assert transport.requests == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("flush_at", 0),
        ("flush_at", "many"),
        ("flush_interval", -1),
        ("flush_interval", float("nan")),
        ("max_in_flight", 65),
        ("max_retries", 101),
        ("overflow", "wait"),
        ("close_timeout", 100_000),
        ("compression", "zstd"),
        ("compression", b"gzip"),
        ("on_drop", 5),
        ("on_error", "print"),
        ("on_delivered", []),
    ],
)
def test_wrong_options_raise_and_name_themselves(recorded, option, value):
    with pytest.raises(hogwire.ConfigError) as raised:
        recorded.queue(**{option: value})
    assert raised.value.option == option


@pytest.mark.parametrize("option", ["flushAt", "flush_interval_ms", "api_key", "host", "transport", "before_send"])
def test_options_that_do_not_exist_are_type_errors(recorded, option):
    with pytest.raises(TypeError, match=rf"queue\(\) got an unexpected keyword argument '{option}'"):
        recorded.queue(**{option: None})


def test_none_is_the_default(recorded):
    options = list(inspect.signature(hogwire.Client.queue).parameters)[1:]
    assert len(options) == 15
    recorded.queue(**dict.fromkeys(options)).close()


def test_flush_at_and_flush_interval(recorded, transport):
    with recorded.queue(flush_at=10, flush_interval=3600) as queue:
        for _ in range(10):
            queue.create_event(**SEND)
        wait_until(lambda: len(transport.events) == 10)
    with recorded.queue(flush_interval=0.05) as queue:
        queue.create_event(**SEND)
        wait_until(lambda: len(transport.events) == 11)


def test_what_is_stored_is_what_was_given(recorded, transport):
    properties = {"n": 1}
    with recorded.queue() as queue:
        queue.create_event(**SEND, properties=properties)
        properties["n"] = 2
        properties["late"] = True
    assert transport.events[0]["properties"]["n"] == 1
    assert "late" not in transport.events[0]["properties"]


@pytest.mark.parametrize("delay_ms", [0, 50])
def test_a_hundred_thousand_events_in_a_tight_loop(own_receiver, delay_ms):
    if delay_ms:
        own_receiver.script(*[{"delay_ms": delay_ms}] * 2_000)
    with hogwire.Client("phc_test", host=own_receiver.url) as client:
        queue = client.queue()
        receipts = [queue.create_event(**SEND) for _ in range(100_000)]
        report = queue.close(timeout=60)
    queued = {receipt.event_uuid for receipt in receipts if receipt}
    dropped = {dropped.uuid for dropped in report.dropped}
    stored = [event["uuid"] for event in own_receiver.stored()]
    assert len(stored) == len(set(stored)) == report.delivered
    # Every one of them is stored, or named as dropped.
    assert set(stored) == queued - dropped
    assert set(stored) | dropped == {receipt.event_uuid for receipt in receipts}
    assert {receipt.error_code for receipt in receipts} <= {"ok", "queue_full"}
    assert report.pending == 0
    assert report.delivered == 100_000, report


def test_outages_then_recovery(client, receiver):
    receiver.script({"status": 503}, {"status": 503})
    with client.queue(max_retries=0) as queue:
        receipt = queue.create_event(**SEND)
        first = queue.flush()
        assert (first.delivered, first.pending, first.dropped) == (0, 1, ())
        assert "503" in first.last_error
        assert queue.flush().pending == 1
        third = queue.flush()
    assert (third.delivered, third.pending, third.last_error) == (1, 0, "")
    assert [event["uuid"] for event in receiver.stored()] == [receipt.event_uuid]


def test_a_flush_returns_when_the_hooks_were_told():
    delivered = []
    transport = RecordingTransport()
    with hogwire.Client("phc_test", transport=transport) as client:
        queue = client.queue(on_delivered=lambda uuids, _: delivered.extend(uuids))
        for count in range(1, 51):
            queue.create_event(**SEND)
            assert queue.flush().delivered == 1
            assert len(delivered) == count
        queue.close()


def test_a_close_goes_on_after_its_retries(client, receiver):
    receiver.script(*[{"status": 503, "headers": [["Retry-After", "0"]]}] * 5)
    queue = client.queue(max_retries=1)
    queue.create_event(**SEND)
    report = queue.close(timeout=30)
    assert (report.delivered, report.pending) == (1, 0)
    assert len(receiver.requests()) == 6
    again = queue.close()
    assert (again.delivered, again.pending, again.dropped_total) == (0, 0, 0)
    closed = queue.create_event(**SEND)
    assert (closed.queued, closed.error_code) == (False, "closed")


def test_a_close_without_a_network_says_what_was_lost(capfd):
    told = []
    with hogwire.Client("phc_test", host=REFUSED) as client:
        queue = client.queue(on_drop=told.append)
        receipt = queue.create_event(**SEND)
        report = queue.close(timeout=0.2)
    assert [(dropped.uuid, dropped.reason) for dropped in report.dropped] == [(receipt.event_uuid, "shutdown")]
    assert told == list(report.dropped)
    assert report.dropped_total == 1
    assert report.last_error
    assert capfd.readouterr().err.count("\n") == 1


def test_one_poison_event_takes_no_neighbour_with_it(transport):
    def picky(request, timeout):
        events = hogwire.testing.events_of(request)
        if any(event["properties"].get("poison") for event in events):
            return 400, {}, '{"type":"validation_error","detail":"poison"}'
        return transport(request, timeout)

    with hogwire.Client("phc_test", transport=picky) as client:
        queue = client.queue(flush_at=1_000)
        receipts = [queue.create_event(**SEND, properties={"poison": n == 42}) for n in range(100)]
        report = queue.close()
    assert report.delivered == 99
    assert [(dropped.uuid, dropped.reason) for dropped in report.dropped] == [(receipts[42].event_uuid, "rejected")]
    assert "poison" in report.dropped[0].message
    assert len(transport.events) == 99


@pytest.mark.parametrize("round", range(3))
def test_threads_push_while_another_flushes_and_a_third_closes(client, receiver, round):
    # Whoever closes may get the interpreter's lock late: until then the others wait for room.
    queue = client.queue(flush_at=50, overflow="block", block_timeout=60)
    receipts, reports = [], []
    begun, closing = threading.Barrier(26), threading.Event()

    def push():
        begun.wait()
        while not closing.is_set():
            receipts.append(queue.create_event(**SEND))
        receipts.extend(queue.create_event(**SEND) for _ in range(20))

    def flush():
        begun.wait()
        while not closing.is_set():
            reports.append(queue.flush())

    def close():
        begun.wait()
        wait_until(lambda: len(receipts) > 1_000 * (round + 1), within=60)
        closing.set()
        reports.append(queue.close(timeout=60))

    with running(*[push] * 24, flush, close):
        pass
    reports.append(queue.close())
    queued = {receipt.event_uuid for receipt in receipts if receipt}
    assert {receipt.error_code for receipt in receipts} <= {"ok", "closed"}
    assert sum(report.delivered for report in reports) == len(queued) == queue.stats()["events_delivered_total"]
    assert sum(len(report.dropped) for report in reports) == 0
    assert sorted(event["uuid"] for event in receiver.stored()) == sorted(queued)


def test_concurrent_flushes_send_each_event_once(client, receiver):
    with client.queue() as queue:
        for _ in range(500):
            queue.create_event(**SEND)
        reports = []
        with running(*[lambda: reports.append(queue.flush())] * 8):
            pass
    assert sum(report.delivered for report in reports) == 500
    assert len(receiver.stored()) == len({event["uuid"] for event in receiver.stored()}) == 500


def blocked(until):
    """A transport that answers when an event is set."""

    def transport(request, timeout):
        until.wait(30)
        return 200, {}, b'{"status":"Ok"}'

    return transport


class Full:
    """A queue with three events waiting behind one under way, and no room for more."""

    def __init__(self, **options):
        self.go, entered = threading.Event(), threading.Event()

        def transport(request, timeout):
            entered.set()
            self.go.wait(30)
            return 200, {}, b'{"status":"Ok"}'

        client = hogwire.Client("phc_test", transport=transport)
        self.queue = client.queue(**{"max_queue_events": 3, "flush_at": 1, "max_in_flight": 1, **options})
        self.receipts = [self.queue.create_event(**SEND)]
        assert entered.wait(10)
        self.receipts += [self.queue.create_event(**SEND) for _ in range(3)]
        assert all(self.receipts)

    def close(self):
        self.go.set()
        return self.queue.close()


def test_overflow_reject():
    told = []
    full = Full(on_drop=told.append)
    refused = [full.queue.create_event(**SEND) for _ in range(2)]
    report = full.close()
    assert [(receipt.queued, receipt.error_code) for receipt in refused] == [(False, "queue_full")] * 2
    assert "max_queue_events" in refused[0].error_message
    assert report.delivered == 4
    assert [dropped.reason for dropped in told] == ["overflow"] * 2
    assert [dropped.uuid for dropped in told] == [receipt.event_uuid for receipt in refused]


def test_overflow_drop_oldest():
    told = []
    full = Full(overflow="drop_oldest", on_drop=told.append)
    assert all(full.queue.create_event(**SEND) for _ in range(2))
    assert full.close().delivered == 4
    # The one under way is no longer waiting.
    assert [dropped.uuid for dropped in told] == [receipt.event_uuid for receipt in full.receipts[1:3]]


def test_overflow_block_waits_while_other_threads_run():
    go = threading.Event()
    # The transport itself is Python: it runs only if a blocked push lets it.
    with hogwire.Client("phc_test", transport=blocked(go)) as client:
        queue = client.queue(max_queue_events=1, flush_at=1, max_in_flight=1, overflow="block", block_timeout=30)
        helper = threading.Timer(0.1, go.set)
        helper.start()
        receipts = [queue.create_event(**SEND) for _ in range(10)]
        helper.join()
        assert queue.close().delivered == 10
    assert all(receipts)


def test_overflow_block_has_an_end():
    full = Full(overflow="block", block_timeout=0.05)
    assert full.queue.create_event(**SEND).error_code == "queue_full"
    assert full.close().delivered == 4


def test_opt_out_while_running(recorded, transport):
    with recorded.queue() as queue:
        recorded.opt_out()
        out = queue.create_event(**SEND)
        assert (out.queued, out.error_code) == (False, "opted_out")
        queue.flush()
        assert transport.requests == []
        recorded.opt_in()
        assert queue.create_event(**SEND)
    assert len(transport.events) == 1


def test_a_disabled_client_queues_nothing(transport):
    with hogwire.Client("phc_test", transport=transport, disabled=True) as client, client.queue() as queue:
        assert queue.create_event(**SEND).error_code == "disabled"
    assert transport.requests == []


def test_before_send(transport):
    def change(event):
        if event["event"] == "dropped":
            return None
        if event["event"] == "broken":
            raise ValueError("boom")
        return {**event, "event": "renamed"}

    with hogwire.Client("phc_test", transport=transport, before_send=change) as client:
        queue = client.queue()
        kept, dropped, broken = (
            queue.create_event(distinct_id="user-1", event_name=name) for name in ("kept", "dropped", "broken")
        )
        report = queue.close()
    assert kept
    assert (dropped.error_code, broken.error_code) == ("dropped", "dropped")
    assert [warning.code for warning in broken.warnings] == ["before_send_failed"]
    assert names(transport.events) == ["renamed"]
    assert {entry.reason for entry in report.dropped} == {"before_send"}
    assert {entry.uuid for entry in report.dropped} == {dropped.event_uuid, broken.event_uuid}


def test_hooks_are_told_of_everything(receiver):
    delivered, failed = [], []
    receiver.script({"status": 503, "headers": [["Retry-After", "0"]]})
    with hogwire.Client("phc_test", host=receiver.url) as client:
        queue = client.queue(
            on_delivered=lambda uuids, delivery: delivered.append((uuids, delivery)), on_error=failed.append
        )
        receipts = [queue.create_event(**SEND) for _ in range(3)]
        queue.close()
    assert delivered == [([receipt.event_uuid for receipt in receipts], "accepted")]
    [outcome] = failed
    assert isinstance(outcome, hogwire.Outcome)
    assert (outcome.error_code, outcome.original_status_code) == ("server_error", 503)


def test_hooks_may_raise_and_use_the_queue(transport, caplog):
    refilled = threading.Event()

    def on_delivered(uuids, delivery):
        if not refilled.is_set():
            refilled.set()
            assert queue.create_event(distinct_id="user-1", event_name="from a hook")
            queue.flush()
            queue.stats()
        raise ValueError("boom")

    with hogwire.Client("phc_test", transport=transport) as client:
        queue = client.queue(on_delivered=on_delivered)
        queue.create_event(**SEND)
        queue.flush()
        assert refilled.wait(10)
        queue.close()
    assert names(transport.events) == ["bought", "from a hook"]
    [record, *_] = caplog.records
    assert (record.name, record.getMessage()) == ("hogwire", "on_delivered raised")
    assert record.exc_info[0] is ValueError
    assert record.exc_info[2].tb_frame.f_code.co_name == "on_delivered"


def test_failed_requests_are_lines_of_the_log(receiver, caplog):
    receiver.script({"status": 401})
    caplog.set_level("DEBUG", logger="hogwire")
    with hogwire.Client("phc_test", host=receiver.url) as client, client.queue() as queue:
        queue.create_event(**SEND)
        assert queue.flush().dropped[0].reason == "unauthorized"
    assert any("unauthorized" in record.getMessage() for record in caplog.records)


def test_an_order_to_stop_from_a_hook_on_this_thread_is_raised():
    def stop(dropped):
        raise KeyboardInterrupt

    full = Full(on_drop=stop)
    with pytest.raises(KeyboardInterrupt):
        full.queue.create_event(**SEND)
    assert full.close().delivered == 4


def test_an_order_to_stop_from_a_hook_on_another_thread_changes_no_later_failure(transport):
    transport.answer(401)
    for _ in range(2):
        transport.fail(ConnectionResetError("cut"))
    told = []
    with hogwire.Client("phc_test", transport=transport) as client:
        queue = client.queue(
            on_drop=lambda dropped: sys.exit(),
            on_error=lambda outcome: told.append((outcome.error_code, outcome.retryable)),
            max_in_flight=1,
            max_retries=0,
        )
        for _ in range(3):
            queue.create_event(**SEND)
            queue.flush()
        queue.close()
    assert told == [("unauthorized", False), ("network", True), ("network", True)]


def test_an_order_to_stop_is_raised_by_a_call_inside_a_hook(transport):
    raised = []

    def stop(request, timeout):
        sys.exit("enough")

    def on_delivered(uuids, delivery):
        try:
            stopped.create_event(**SEND)
        except SystemExit as order:
            raised.append(order.code)

    with (
        hogwire.Client("phc_test", transport=stop) as stopped,
        hogwire.Client("phc_test", transport=transport) as client,
        client.queue(on_delivered=on_delivered) as queue,
    ):
        queue.create_event(**SEND)
        queue.flush()
        wait_until(lambda: raised)
    assert raised == ["enough"]


def test_an_order_to_stop_from_a_hook_that_opting_out_tells_is_raised_there():
    with hogwire.Client("phc_test", transport=lambda request, timeout: (503, {"Retry-After": "20"}, b"")) as client:
        queue = client.queue(on_drop=lambda dropped: sys.exit("enough"))
        queue.create_event(**SEND)
        closing = threading.Thread(target=queue.close, args=(30,))
        closing.start()
        # It waits for its next attempt, which opting out takes away.
        wait_until(lambda: queue.stats()["requests_failed_total"] == 1)
        with pytest.raises(SystemExit, match="enough"):
            client.opt_out()
        closing.join()
        assert client.create_event(**SEND).error_code == "opted_out"


def test_closing_with_a_scope_that_raised(recorded, transport):
    with pytest.raises(RuntimeError, match="mine"), recorded.queue() as queue:  # noqa: PT012
        queue.create_event(**SEND)
        raise RuntimeError("mine")
    assert len(transport.events) == 1


def test_a_queue_that_is_thrown_away_still_delivers(transport):
    go = threading.Event()

    def slow(request, timeout):
        go.wait(30)
        return transport(request, timeout)

    with hogwire.Client("phc_test", transport=slow) as client:
        queue = client.queue()
        queue.create_event(**SEND)
        started = time.monotonic()
        del queue
        # It did not wait for the transport, which waits for us.
        assert time.monotonic() - started < 5
        go.set()
        wait_until(lambda: len(transport.events) == 1)


def test_timeouts_of_flush_and_close(recorded):
    with recorded.queue() as queue:
        for right in (0, None, float("inf"), 10**400):
            assert queue.flush(right).pending == 0
        for wrong in (-1, float("nan"), -(10**400)):
            with pytest.raises(ValueError, match="timeout"):
                queue.flush(wrong)
        for wrong in ("soon", True):
            with pytest.raises(TypeError, match="timeout"):
                queue.flush(wrong)

        class Stopping:
            def __float__(self):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            queue.flush(Stopping())
        assert queue.close(timeout=1).pending == 0


def test_a_flush_that_runs_out_of_time_says_what_is_pending():
    go = threading.Event()
    with hogwire.Client("phc_test", transport=blocked(go)) as client:
        queue = client.queue()
        queue.create_event(**SEND)
        assert queue.flush(timeout=0.05).pending == 1
        go.set()
        assert queue.close().delivered == 1


def test_frozen_comparable_copyable():
    full = Full()
    receipts = [*full.receipts, full.queue.create_event(**SEND), full.queue.create_event(distinct_id="", event_name=5)]
    report = full.close()
    assert report.dropped_total == 1
    for value in (*receipts, report, report.dropped[0]):
        twin = pickle.loads(pickle.dumps(value))
        assert twin == value == copy.copy(value)
        assert hash(twin) == hash(value)
        assert repr(twin) == repr(value)
        assert value != "another"
        with pytest.raises(AttributeError):
            value.pending = 5
    assert receipts[0] != receipts[1]
    assert report != full.close()
    assert isinstance(report.to_dict()["Dropped"][0]["Uuid"], str)


def test_a_queue_refuses_to_be_pickled(recorded):
    with recorded.queue() as queue:
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="pickle the client"):
                pickle.dumps(queue, protocol)
        with pytest.raises(TypeError, match="pickle the client"):
            copy.copy(queue)
        assert repr(queue) == "Queue(pending=0)"
    with pytest.raises(TypeError):
        hogwire.Queue(recorded)


def test_stats_are_plain(recorded):
    with recorded.queue() as queue:
        queue.create_event(**SEND)
        queue.flush()
        stats = queue.stats()
    assert (stats["events_pushed_total"], stats["events_delivered_total"], stats["requests_total"]) == (1, 1, 1)
    assert set(stats["events_dropped_total"]) == set(hogwire.DROP_REASONS)


def test_compression(client, receiver):
    with client.queue(compression="gzip") as queue:
        queue.create_event(**SEND)
    with client.queue(compression="none") as queue:
        queue.create_event(**SEND, properties={"long": "x" * 10_000})
    headers = [{name.lower(): value for name, value in request["headers"]} for request in receiver.requests()]
    encodings = [named.get("content-encoding") for named in headers]
    assert encodings == ["gzip", None]


def test_a_panic_ends_in_a_receipt_or_an_ordinary_exception(recorded):
    panic = hogwire._native._panic_on_next_call
    with recorded.queue() as queue:
        panic()
        receipt = queue.create_event(**SEND)
        assert (receipt.queued, receipt.error_code) == (False, "internal")
        panic()
        with pytest.raises(RuntimeError, match="a planned panic"):
            queue.flush()
        panic()
        with pytest.raises(RuntimeError, match="a planned panic"):
            recorded.queue()
        panic()
        outcomes = recorded.send_batch([{"Operation": "event"}, {"Operation": "event"}])
        assert [outcome.error_code for outcome in outcomes] == ["internal"] * 2
        assert queue.create_event(**SEND)


def test_a_closed_queue_has_no_threads(client):
    before = set(os.listdir("/proc/self/task"))
    queue = client.queue(flush_at=1)
    queue.create_event(**SEND)
    workers = set(os.listdir("/proc/self/task")) - before
    assert workers
    queue.close()
    wait_until(lambda: not workers & set(os.listdir("/proc/self/task")))


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
def test_a_queue_that_is_thrown_away_while_its_hooks_run_holds_nobody_up(recorded, closed):
    inside, go = threading.Event(), threading.Event()

    def on_delivered(uuids, delivery):
        inside.set()
        assert go.wait(60)

    queue = recorded.queue(on_delivered=on_delivered, close_timeout=30)
    queue.create_event(**SEND)
    # Nothing is left to deliver; only the hook still runs.
    assert queue.flush().delivered == 1
    assert inside.wait(10)
    if closed:
        queue.close(timeout=0)
    started = time.monotonic()
    del queue
    assert time.monotonic() - started < 10
    go.set()


@pytest.fixture
def handles_sigint():
    """As in a program that was started by hand: one that a script starts in the background ignores SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("handles_sigint")
def test_an_order_to_stop_ends_a_flush_and_loses_none_of_its_events():
    let_go = threading.Event()

    def transport(request, timeout):
        signal.raise_signal(signal.SIGINT)
        assert let_go.wait(30)
        return 200, {}, b'{"status":"Ok"}'

    with hogwire.Client("phc_x", transport=transport, timeout=60.0).queue(flush_interval=3600.0) as queue:
        queue.create_event(distinct_id="u", event_name="e")
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            queue.flush(timeout=60.0)
        assert time.monotonic() - started < 20
        let_go.set()
        assert queue.flush().delivered == 1
