"""Any value at all: an operation answers, and what it sends is what was given."""

import datetime
import decimal
import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

import hogwire

# The same examples on every run, and few enough to wait for.
BUDGET = settings(max_examples=300, deadline=None, derandomize=True, database=None)

plain = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
good = plain | text
keys = text.filter(lambda key: key not in ("timestamp", "$lib", "$lib_version"))
odd = (
    st.floats()
    | st.integers()
    | st.text(max_size=10)
    | st.binary(max_size=5)
    | st.decimals()
    | st.datetimes()
    | st.timedeltas()
    | st.uuids()
    | st.complex_numbers()
    | st.fractions()
    | st.sets(st.integers(), max_size=2)
    | st.builds(object)
)
anything = st.recursive(
    good | odd,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=5) | st.integers() | st.uuids() | st.none(), inner, max_size=3)
    ),
    max_leaves=8,
)

sent = []


def transport(request, timeout):
    sent.append(json.loads(request.body)["batch"][0])
    return 200, {}, b'{"status":"Ok"}'


client = hogwire.Client("phc_x", transport=transport)
nesting = hogwire.Client("phc_x", transport=transport, nested_properties=True)


@BUDGET
@given(st.dictionaries(keys, good, max_size=12))
def test_plain_properties_arrive_as_they_are(properties):
    sent.clear()
    assert client.create_event(distinct_id="user-1", event_name="bought", properties=properties).ok
    arrived = sent[0]["properties"]
    for key, value in properties.items():
        assert arrived[key] == value
        assert type(arrived[key]) is type(value)


def has_answer(outcome):
    assert outcome.status_code in (200, -1)
    assert bool(outcome) == (not outcome.findings)
    json.dumps(outcome.to_dict()).encode()
    for finding in outcome.findings:
        assert finding.code in hogwire.FINDING_CODES


@BUDGET
@given(anything)
def test_any_value_is_answered(value):
    has_answer(client.create_event(distinct_id="u", event_name="e", properties={"value": value, "$value": value}))
    has_answer(nesting.create_event(distinct_id="u", event_name="e", properties={"value": value}))
    has_answer(client.create_event(distinct_id=value, event_name=value, properties=value, timestamp=value, uuid=value))
    has_answer(client.create_identity(distinct_id="u", properties_set=value, properties_unset=value, groups=value))
    has_answer(client.execute("event", value))
    has_answer(client.execute("page", {"DistinctId": "u", "PageUrl": value, "Referrer": value}))


@BUDGET
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_json_text_is_answered(json_text):
    has_answer(client.execute("event", json_text))


@BUDGET
@given(st.integers(), st.binary(max_size=60), st.dictionaries(st.text(max_size=12), st.text(max_size=12), max_size=3))
def test_any_answer_is_read(status, body, headers):
    request = hogwire.build("event", {"DistinctId": "u", "EventName": "e"}, api_key="phc_x")
    outcome = hogwire.interpret(request, status=status, headers=headers, body=body)
    assert outcome.error_code in hogwire.ERROR_CODES
    assert bool(outcome) == (outcome.error_message == "")


@BUDGET
@given(st.decimals(allow_nan=False, allow_infinity=False) | st.datetimes(timezones=st.just(datetime.timezone.utc)))
def test_numbers_and_dates_keep_their_value(value):
    sent.clear()
    outcome = client.create_event(distinct_id="u", event_name="e", properties={"value": value})
    if not outcome.ok:
        assert isinstance(value, decimal.Decimal)
        assert outcome.findings[0].code == "number_out_of_range"
        return
    arrived = sent[0]["properties"]["value"]
    if isinstance(value, decimal.Decimal):
        assert math.isclose(arrived, value, rel_tol=1e-15)
    else:
        assert datetime.datetime.fromisoformat(arrived) == value
