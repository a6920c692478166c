"""`send_batch` (many operations, one request, an outcome each), `identify_group`, `uuid_from`, and v1."""

import asyncio
import collections.abc
import uuid

import pytest

import hogwire
from conftest import REFUSED
from hogwire.testing import RecordingTransport

SEND = {"distinct_id": "user-1", "event_name": "bought"}
EVENT = {"Operation": "event", "DistinctId": "user-1", "EventName": "bought"}


def test_one_outcome_each_in_order(client, receiver):
    outcomes = client.send_batch(
        [
            EVENT,
            {"Operation": "capture", "DistinctId": "user-1"},
            {"Operation": "page", "DistinctId": "user-1", "PageUrl": "https://shop.example/"},
            {"DistinctId": "user-1", "EventName": "without an operation"},
            {"Operation": 5},
            "event",
            None,
            {**EVENT, "DistinctId": ""},
            {**EVENT, "Color": "red"},
            {"Operation": "group", "GroupType": "company", "GroupKey": "acme"},
        ]
    )
    assert [outcome.status_code for outcome in outcomes] == [200, -1, 200, -1, -1, -1, -1, -1, -1, 200]
    assert [[(found.code, found.parameter) for found in outcome.findings] for outcome in outcomes] == [
        [],
        [("unknown_parameter", "Operation")],
        [],
        [("required", "Operation")],
        [("invalid_type", "Operation")],
        [("invalid_json", "Input")],
        [("invalid_json", "Input")],
        [("required", "DistinctId")],
        [("unknown_parameter", "Color")],
        [],
    ]
    assert [event["event"] for event in receiver.stored()] == ["bought", "$pageview", "$groupidentify"]
    assert len(receiver.requests()) == 1


def test_names_that_are_written_otherwise_are_told_together(client, receiver):
    item = {"operation": "event", "distinct_id": "user-1", "event_name": "bought"}
    [outcome] = client.send_batch([item])
    assert outcome.error_code == "invalid_input"
    for name in ("operation; did you mean Operation?", "distinct_id; did you mean DistinctId?"):
        assert f"has no parameter {name}" in outcome.error_message
    assert receiver.requests() == []


def test_what_a_batch_may_be(client, receiver):
    assert client.send_batch([]) == []
    assert receiver.requests() == []
    assert all(client.send_batch(dict(EVENT) for _ in range(3)))

    class Record(collections.abc.Mapping):
        def __getitem__(self, key):
            return EVENT[key]

        def __iter__(self):
            return iter(EVENT)

        def __len__(self):
            return len(EVENT)

    assert client.send_batch((Record(),))[0].ok


@pytest.mark.parametrize(
    ("operations", "found"),
    [("[]", "text"), (b"[]", "bytes"), (EVENT, "a dict"), (5, "an int"), (None, "None"), (object(), "an object")],
)
def test_what_is_no_list_is_named(client, receiver, operations, found):
    async def awaited():
        async with hogwire.AsyncClient("phc_test", host=receiver.url) as client:
            await client.send_batch(operations)

    for send in (client.send_batch, lambda _: asyncio.run(awaited())):
        with pytest.raises(TypeError, match=f"^operations must be a list of mappings, not {found}"):
            send(operations)


def test_what_a_list_raises_itself_is_raised(client):
    class Broken:
        def __iter__(self):
            raise TypeError("my mistake")

    def cut():
        yield EVENT
        raise ValueError("my mistake")

    for operations in (Broken(), cut()):
        with pytest.raises((TypeError, ValueError), match=r"^my mistake$"):
            client.send_batch(operations)


def test_an_item_that_cannot_be_read_harms_no_neighbour(client, receiver):
    class Broken(dict):
        def items(self):
            raise ValueError("boom")

        def __iter__(self):
            raise ValueError("boom")

    outcomes = client.send_batch([Broken(EVENT), EVENT])
    assert [outcome.status_code for outcome in outcomes][1] == 200
    assert len(outcomes) == 2


def test_a_batch_that_fails():
    with hogwire.Client("phc_test", host=REFUSED, max_retries=0) as client:
        outcomes = client.send_batch([EVENT, {}, EVENT])
    assert [outcome.error_code for outcome in outcomes] == ["network", "invalid_input", "network"]


def test_identify_group(client, receiver):
    outcome = client.identify_group(group_type="company", group_key="acme", properties_set={"plan": "enterprise"})
    assert outcome.ok
    [event] = receiver.stored()
    assert (event["event"], event["distinct_id"]) == ("$groupidentify", "$company_acme")
    assert event["properties"]["$group_set"] == {"plan": "enterprise"}
    refused = client.identify_group(group_type="company", group_key="")
    assert [(found.code, found.parameter) for found in refused.findings] == [("required", "GroupKey")]


def test_uuid_from():
    namespace = uuid.UUID(hogwire.UUID_NAMESPACE)
    assert namespace == uuid.uuid5(uuid.NAMESPACE_DNS, "hogwire")
    for key in ("order-1234-paid", "", "Zürich 🦔"):
        assert hogwire.uuid_from(key) == str(uuid.uuid5(namespace, key))
    assert hogwire.uuid_from("\ud800") == hogwire.uuid_from("�")
    with pytest.raises(TypeError):
        hogwire.uuid_from(5)


@pytest.mark.parametrize("compression", ["none", "gzip", "deflate", "zstd"])
def test_v1_says_stored(v1_receiver, compression):
    with hogwire.Client("phc_test", host=v1_receiver.url, protocol="v1", compression=compression) as client:
        outcome = client.create_event(**SEND)
        assert (outcome.status_code, outcome.delivery) == (200, "stored")
        with client.queue() as queue:
            receipt = queue.create_event(**SEND)
            report = queue.flush()
    assert (report.delivered, report.stored, report.accepted) == (1, 1, 0)
    assert [event["uuid"] for event in v1_receiver.stored()] == [outcome.event_uuid, receipt.event_uuid]
    assert {request["path"] for request in v1_receiver.requests()} == {"/i/v1/analytics/events"}


def test_v1_verdicts_on_single_events(v1_receiver):
    verdicts = [{"result": "ok"}, {"result": "drop", "details": "not_billable"}, {"result": "retry"}]
    v1_receiver.script({"results": verdicts, "headers": [["Retry-After", "0"]]}, {})
    with hogwire.Client("phc_test", host=v1_receiver.url, protocol="v1") as client, client.queue() as queue:
        receipts = [queue.create_event(**SEND) for _ in range(3)]
        report = queue.flush()
    assert report.stored == 2
    assert [(dropped.uuid, dropped.reason) for dropped in report.dropped] == [(receipts[1].event_uuid, "server_drop")]
    first, second = v1_receiver.requests()
    assert (first["text"].count('"uuid"'), second["text"].count('"uuid"')) == (3, 1)


def test_auto_falls_back_for_good(receiver):
    with hogwire.Client("phc_test", host=receiver.url, protocol="auto") as client:
        assert client.create_event(**SEND).delivery == "accepted"
        with client.queue() as queue:
            queue.create_event(**SEND)
    assert [request["path"] for request in receiver.requests()] == ["/i/v1/analytics/events", "/batch/", "/batch/"]


def test_historical_migration():
    transport = RecordingTransport()
    with hogwire.Client("phc_test", transport=transport, historical_migration=True) as client:
        outcome = client.create_event(**SEND)
        assert [warning.code for warning in outcome.warnings] == ["historical_timestamp"]
        assert client.create_event(**SEND, timestamp="2025-01-02T03:04:05Z").warnings == ()
    assert b'"historical_migration":true' in transport.requests[0].body
