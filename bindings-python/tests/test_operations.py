"""The five operations against the receiver: what is answered and what is stored."""

import ast
import copy
import pickle
import uuid

import pytest

import hogwire


def test_the_walk_through(client, receiver):
    outcome = client.create_event(
        distinct_id="user-12345", event_name="User Signed Up", properties={"plan": "premium", "source": "web_form"}
    )
    assert outcome.status_code == 200
    assert outcome.original_status_code == 200
    assert outcome.error_message == ""
    assert outcome.data == {"status": "Ok"}
    assert (outcome.error_code, outcome.delivery, outcome.attempts) == ("ok", "accepted", 1)
    assert outcome
    assert outcome.ok
    [event] = receiver.stored()
    assert event["event"] == "User Signed Up"
    assert event["distinct_id"] == "user-12345"
    assert event["uuid"] == outcome.event_uuid
    assert uuid.UUID(event["uuid"]).version == 7
    assert event["properties"] == {
        "plan": "premium",
        "source": "web_form",
        "$lib": "hogwire-python",
        "$lib_version": hogwire.__version__,
        "$is_server": True,
        "$geoip_disable": True,
    }
    [request] = receiver.requests()
    assert request["path"] == "/batch/"
    assert ["User-Agent", f"hogwire-python/{hogwire.__version__}"] in [
        [name.title(), value] for name, value in request["headers"]
    ]


OPERATIONS = {
    "alias": ("create_alias", {"distinct_id": "user-1", "alias": "visitor-1"}, "$create_alias", {"alias": "visitor-1"}),
    "event": ("create_event", {"distinct_id": "user-1", "event_name": "bought"}, "bought", {}),
    "identity": (
        "create_identity",
        {
            "distinct_id": "user-1",
            "name": "Ada",
            "email": "ada@example.org",
            "plan": "pro",
            "signup_date": "2025-01-01",
            "referral_source": "friend",
            "properties_set": {"seats": 3},
            "properties_set_once": {"first": True},
            "properties_unset": ["old"],
            "anonymous_id": "visitor-1",
        },
        "$identify",
        {
            "$set": {"name": "Ada", "email": "ada@example.org", "plan": "pro", "seats": 3},
            "$set_once": {"signup_date": "2025-01-01", "referral_source": "friend", "first": True},
            "$unset": ["old"],
            "$anon_distinct_id": "visitor-1",
        },
    ),
    "page": (
        "track_page",
        {"distinct_id": "user-1", "page_url": "https://shop.example/a?utm_source=x", "page_name": "A", "referrer": ""},
        "$pageview",
        {
            "$current_url": "https://shop.example/a?utm_source=x",
            "$host": "shop.example",
            "title": "A",
            "utm_source": "x",
        },
    ),
    "screen": (
        "track_screen",
        {
            "distinct_id": "user-1",
            "screen_view_name": "Home",
            "screen_category": "main",
            "app_version": "1.2",
            "device_type": "iPad",
        },
        "$screen",
        {
            "$screen_name": "Home",
            "screen_category": "main",
            "$app_version": "1.2",
            "$device_type": "Tablet",
            "$os": "iOS",
        },
    ),
    "group": (
        "identify_group",
        {"distinct_id": "user-1", "group_type": "company", "group_key": "acme", "properties_set": {"plan": "pro"}},
        "$groupidentify",
        {"$group_type": "company", "$group_key": "acme", "$group_set": {"plan": "pro"}},
    ),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_with_every_parameter(client, receiver, operation):
    method, given, name, properties = OPERATIONS[operation]
    outcome = getattr(client, method)(
        **given,
        timestamp="2025-01-02T03:04:05.678Z",
        uuid="0190A0D8-6B2E-7C3A-9D0E-1F2A3B4C5D6E",
        groups={"company": "acme"},
        process_person_profile=True,
    )
    assert outcome.ok, outcome
    assert outcome.event_uuid == "0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e"
    [event] = receiver.stored()
    assert event["event"] == name
    assert event["uuid"] == outcome.event_uuid
    assert event["timestamp"] == "2025-01-02T03:04:05.678Z"
    assert event["properties"]["$groups"] == {"company": "acme"}
    assert event["properties"]["$process_person_profile"] is True
    assert properties.items() <= event["properties"].items()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_refuses_with_findings(client, receiver, operation):
    method, given, _, _ = OPERATIONS[operation]
    required = "group_key" if operation == "group" else "distinct_id"
    outcome = getattr(client, method)(**{**given, required: ""})
    assert (outcome.status_code, outcome.original_status_code) == (-1, 0)
    assert (outcome.error_code, outcome.delivery, outcome.attempts) == ("invalid_input", "not_sent", 0)
    assert outcome.event_uuid is None
    assert not outcome
    [finding] = outcome.findings
    assert (finding.code, finding.parameter) == ("required", required.title().replace("_", ""))
    assert finding.message in outcome.error_message
    assert receiver.requests() == []


@pytest.mark.parametrize(
    "given",
    [
        {"DistinctId": "user-1", "EventName": "bought", "Properties": {"n": 1}},
        '{"DistinctId": "user-1", "EventName": "bought", "Properties": {"n": 1}}',
        b'{"DistinctId": "user-1", "EventName": "bought", "Properties": {"n": 1}}',
        bytearray(b'{"DistinctId": "user-1", "EventName": "bought", "Properties": {"n": 1}}'),
    ],
    ids=["mapping", "text", "bytes", "bytearray"],
)
def test_execute_takes_a_mapping_or_json(client, receiver, given):
    assert client.execute("event", given).ok
    [event] = receiver.stored()
    assert event["properties"]["n"] == 1


def test_every_published_parameter_has_a_keyword(offline):
    client, _ = offline
    for operation, parameters in hogwire.OPERATIONS.items():
        method = getattr(client, OPERATIONS[operation][0])
        names = ["".join("_" + c.lower() if c.isupper() else c for c in name)[1:] for name in parameters]
        assert method(**dict.fromkeys(names)).error_code == "invalid_input"


def test_a_wrong_signature_is_a_type_error(offline):
    client, _ = offline
    with pytest.raises(TypeError, match="event_name"):
        client.create_event(distinct_id="user-1")
    with pytest.raises(TypeError, match="eventname"):
        client.create_event(distinct_id="user-1", event_name="x", eventname="x")
    with pytest.raises(TypeError):
        client.create_event("user-1", "x")
    with pytest.raises(TypeError):
        client.execute("event")


def test_an_unknown_operation_raises(offline):
    client, _ = offline
    for call in (lambda: client.execute("capture", {}), lambda: hogwire.build("capture", {}, api_key="phc_x")):
        with pytest.raises(ValueError, match=r"capture.*alias, event, group, identity, page, screen"):
            call()


def test_outcomes_are_values(client):
    outcome = client.create_event(distinct_id="user-1", event_name="bought")
    refused = client.create_event(distinct_id="null", event_name="")
    for value in (outcome, refused):
        for other in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
            assert other == value
            assert hash(other) == hash(value)
            assert other.to_dict() == value.to_dict()
    assert outcome != refused
    assert len({outcome, refused}) == 2
    assert refused.warnings[0].code == "placeholder_id"
    with pytest.raises(AttributeError):
        outcome.status_code = 500
    outcome.data["status"] = "changed"
    assert outcome.data == {"status": "Ok"}
    assert repr(outcome).startswith("Outcome(status_code=200, error_code='ok', delivery='accepted'")
    assert "EventName is missing" in repr(refused)


def test_an_outcome_in_the_references_spelling(client):
    refused = client.create_event(distinct_id="", event_name="bought")
    assert refused.to_dict() == {
        "Data": {},
        "OriginalStatusCode": 0,
        "StatusCode": -1,
        "ErrorMessage": refused.error_message,
        "ErrorCode": "invalid_input",
        "Delivery": "not_sent",
        "Retryable": False,
        "RetryAfterMs": None,
        "Attempts": 0,
        "EventUuid": None,
        "Findings": [{"Code": "required", "Parameter": "DistinctId", "Message": refused.findings[0].message}],
        "Warnings": [],
    }


def test_findings_are_values():
    finding = hogwire.Finding("required", "DistinctId", "missing")
    assert finding == hogwire.Finding("required", "DistinctId", "missing")
    assert finding != hogwire.Finding("required", "Alias", "missing")
    assert pickle.loads(pickle.dumps(finding)) == finding
    assert copy.deepcopy(finding) == finding
    assert repr(finding) == "Finding(code='required', parameter='DistinctId', message='missing')"
    with pytest.raises(AttributeError):
        finding.code = "other"


# Both quotes, and what is written with escapes, which Rust and Python spell differently.
STRANGE = 'it\'s "so"\a\u200b\x7f\U000e0041\\ \n'


def test_what_is_shown_is_python(receiver):
    def said(value, **named):
        call = ast.parse(repr(value), mode="eval").body
        assert call.func.id == type(value).__name__
        shown = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
        assert {name: shown[name] for name in named} == named

    said(hogwire.Finding(STRANGE, STRANGE, STRANGE), code=STRANGE, parameter=STRANGE, message=STRANGE)
    said(hogwire.Dropped(STRANGE, STRANGE, STRANGE), uuid=STRANGE, reason=STRANGE, message=STRANGE)
    said(hogwire.Report(1, 1, 0, 0, (), 0, STRANGE), delivered=1, last_error=STRANGE)
    given = {"distinct_id": "u", "event_name": "e", "properties": {STRANGE: b""}}
    with hogwire.Client("phc_x", host=receiver.url) as client, client.queue() as queue:
        for answer in (client.create_event(**given), queue.create_event(**given)):
            assert STRANGE in answer.error_message
            said(answer, error_code="invalid_input", error_message=answer.error_message)
        said(client, host=receiver.url)
    request = hogwire.build(
        "event", {"DistinctId": "u", "EventName": "e"}, api_key="phc_x", host="http://x.example/it's"
    )
    said(request, url=request.url, method="POST", attempt=1)
