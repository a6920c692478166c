"""`before_send`: functions that see each event, change it or drop it."""

import datetime
import decimal
import json

import pytest

import hogwire


def send(hooks, **given):
    sent = []

    def transport(request, timeout):
        sent.append(request)
        return 200, {}, b'{"status":"Ok"}'

    with hogwire.Client("phc_test", transport=transport, before_send=hooks) as client:
        outcome = client.create_event(**{"distinct_id": "user-1", "event_name": "bought", **given})
    return outcome, [json.loads(request.body)["batch"][0] for request in sent]


def test_it_sees_the_whole_event():
    seen = []

    def hook(event):
        seen.append(event)
        return event

    outcome, [sent] = send(hook, properties={"n": 1})
    assert outcome.ok
    assert seen == [sent]
    assert seen[0].keys() == {"event", "distinct_id", "uuid", "timestamp", "properties"}
    assert seen[0]["properties"]["$lib"] == "hogwire-python"


def test_it_may_change_the_event():
    def hook(event):
        return {**event, "event": "renamed", "properties": {"when": datetime.date(2025, 1, 2), "$lib": "mine"}}

    outcome, [sent] = send([hook])
    assert outcome.ok
    assert sent["event"] == "renamed"
    assert sent["properties"]["when"] == "2025-01-02"
    assert sent["properties"]["$lib"] == "hogwire-python"


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("1234567890123456789", 1234567890123456789),
        ("-9223372036854775808", -(2**63)),
        ("18446744073709551615", 2**64 - 1),
        ("19.99", 19.99),
        ("1E+3", 1000.0),
    ],
)
def test_a_decimal_keeps_its_digits(digits, number):
    given = decimal.Decimal(digits)
    outcome, [sent] = send(lambda event: {**event, "properties": {"total": given}}, properties={"given": given})
    assert outcome.ok
    assert sent["properties"]["total"] == number
    assert type(sent["properties"]["total"]) is type(number)


@pytest.mark.parametrize("digits", ["18446744073709551616", "1E+999", "NaN", "sNaN", "-Infinity"])
def test_a_decimal_that_is_no_number_of_json_drops_the_event(digits):
    outcome, sent = send(lambda event: {**event, "properties": {"total": decimal.Decimal(digits)}})
    assert outcome.error_code == "dropped"
    assert f"properties: total: {digits} is " in outcome.error_message
    assert sent == []


def test_it_may_drop_the_event():
    outcome, sent = send(lambda event: None)
    assert (outcome.error_code, outcome.status_code, outcome.delivery) == ("dropped", 500, "not_sent")
    assert outcome.event_uuid
    assert sent == []


def test_they_run_in_order_until_one_drops():
    ran = []

    def first(event):
        ran.append("first")
        event["properties"]["n"] = 1
        return event

    def second(event):
        ran.append(event["properties"]["n"])

    def third(event):
        ran.append("third")

    outcome, _ = send((first, second, third))
    assert outcome.error_code == "dropped"
    assert ran == ["first", 1]


def test_one_that_raises_drops_that_event():
    def hook(event):
        raise ValueError("boom")

    outcome, sent = send(hook)
    assert outcome.error_code == "dropped"
    assert "ValueError: boom" in outcome.error_message
    assert [warning.code for warning in outcome.warnings] == ["before_send_failed"]
    assert sent == []


@pytest.mark.parametrize("answer", [5, "event", [], True, {"event": {1}}, {1: 2}, {"event": float("nan")}], ids=repr)
def test_one_that_answers_nonsense_drops_that_event(answer):
    outcome, sent = send(lambda event: answer)
    assert outcome.error_code == "dropped"
    assert "it returned" in outcome.error_message
    assert sent == []


def test_one_that_returns_a_cycle_drops_that_event():
    def hook(event):
        event["properties"]["self"] = event
        return event

    outcome, _ = send(hook)
    assert outcome.error_code == "dropped"
    assert "contains itself" in outcome.error_message


def test_what_it_returns_is_checked_like_any_input():
    def hook(event):
        del event["distinct_id"]
        return event

    outcome, sent = send(hook)
    assert (outcome.status_code, outcome.findings[0].parameter) == (-1, "DistinctId")
    assert sent == []


def test_an_order_to_stop_travels_on():
    def hook(event):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(hook)


def test_it_may_use_the_client_itself():
    def hook(event):
        if event["event"] == "outer":
            assert client.create_event(distinct_id="u", event_name="inner").ok
        return event

    transport = lambda request, timeout: (200, {}, b'{"status":"Ok"}')  # noqa: E731
    with hogwire.Client("phc_test", transport=transport, before_send=hook) as client:
        assert client.create_event(distinct_id="u", event_name="outer").ok


def test_build_runs_it_too():
    given = {"DistinctId": "u", "EventName": "e"}
    request = hogwire.build("event", given, api_key="phc_x", before_send=lambda event: {**event, "event": "renamed"})
    assert b"renamed" in request.body
    assert hogwire.build("event", given, api_key="phc_x", before_send=lambda event: None).error_code == "dropped"
