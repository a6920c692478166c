"""Hostile input: no exception out of an operation, no panic, no dead process. Each case names code and parameter."""

import array
import collections
import collections.abc
import contextlib
import datetime
import decimal
import enum
import fractions
import functools
import io
import json
import random
import subprocess
import sys
import threading

import pytest

import hogwire
from conftest import running

NAN, INF = float("nan"), float("inf")


class Raises:
    """Raises wherever Python code can be made to run."""

    def __raise(self, *_):
        raise ValueError("boom")

    __str__ = __repr__ = __len__ = __iter__ = __getitem__ = __eq__ = __bool__ = __index__ = __float__ = __raise
    __hash__ = object.__hash__

    def __getattr__(self, name):
        raise ValueError("boom")


class Liar:
    """Claims to be text."""

    __class__ = str


class RaisingMapping(collections.abc.Mapping):
    def __getitem__(self, key):
        raise ValueError("boom")

    def __iter__(self):
        return iter(["a"])

    def __len__(self):
        return 1


class OddItems(dict):
    def items(self):
        return [1, 2]


class RaisingItems(dict):
    def items(self):
        raise KeyError("gone")


class SelfItem:
    shape = ()
    dtype = None

    def item(self):
        return SelfItem()

    def __float__(self):
        raise TypeError("no float")


class Forever:
    """Wraps another of its kind, for ever."""

    shape = ()
    dtype = None

    def item(self):
        return type("Forever", (Forever,), {})()


class RaisingEnum(enum.Enum):
    A = 1

    @property
    def value(self):
        raise OSError("no value")


class RaisingDate(datetime.date):
    def isoformat(self):
        raise ValueError("boom")


class NoDate(datetime.datetime):
    """What pandas.NaT looks like."""

    def isoformat(self):
        return "NaT"


class OddDate(datetime.date):
    def isoformat(self):
        return 7


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("not even this")


class RaisesSilently(collections.abc.Mapping):
    def __getitem__(self, key):
        raise Silent

    def __iter__(self):
        raise Silent

    def __len__(self):
        return 1


class MetaRaises(type):
    def __getattribute__(cls, name):
        if name in {"__name__", "dtype"}:
            raise ValueError("boom")
        return super().__getattribute__(name)


class Nameless(metaclass=MetaRaises):
    pass


def cyclic_dict():
    value = {}
    value["self"] = value
    return value


def cyclic_list():
    value = []
    value.append([value])
    return value


def deep(levels, make):
    value = 1
    for _ in range(levels):
        value = make(value)
    return value


def generator():
    yield 1


# The value of one property -> the code and the path below `Properties.value` that must be named.
VALUES = {
    "nan": (NAN, "not_finite", ""),
    "infinity": (INF, "not_finite", ""),
    "minus infinity": (-INF, "not_finite", ""),
    "decimal nan": (decimal.Decimal("NaN"), "not_finite", ""),
    "decimal signalling nan": (decimal.Decimal("sNaN"), "not_finite", ""),
    "decimal infinity": (decimal.Decimal("-Infinity"), "not_finite", ""),
    "huge decimal": (decimal.Decimal("1E+400"), "number_out_of_range", ""),
    "huge whole decimal": (decimal.Decimal(10**30), "number_out_of_range", ""),
    "integer above 64 bits": (2**64, "number_out_of_range", ""),
    "integer below 64 bits": (-(2**63) - 1, "number_out_of_range", ""),
    "integer of 100,000 digits": (10**100_000, "number_out_of_range", ""),
    "bytes": (b"abc", "invalid_type", ""),
    "bytearray": (bytearray(b"abc"), "invalid_type", ""),
    "memoryview": (memoryview(b"abc"), "invalid_type", ""),
    "array": (array.array("i", [1]), "invalid_type", ""),
    "set": ({1}, "invalid_type", ""),
    "frozenset": (frozenset(), "invalid_type", ""),
    "timedelta": (datetime.timedelta(1), "invalid_type", ""),
    "complex": (1j, "invalid_type", ""),
    "fraction": (fractions.Fraction(1, 3), "invalid_type", ""),
    "object": (object(), "invalid_type", ""),
    "class": (int, "invalid_type", ""),
    "function": (generator, "invalid_type", ""),
    "lambda": (lambda: 1, "invalid_type", ""),
    "generator": (generator(), "invalid_type", ""),
    "iterator": (iter([1]), "invalid_type", ""),
    "range": (range(3), "invalid_type", ""),
    "file": (io.StringIO("x"), "invalid_type", ""),
    "module": (sys, "invalid_type", ""),
    "ellipsis": (..., "invalid_type", ""),
    "exception": (ValueError("x"), "invalid_type", ""),
    "deque": (collections.deque([1]), "invalid_type", ""),
    "dict view": ({}.keys(), "invalid_type", ""),
    "object that raises everywhere": (Raises(), "invalid_type", ""),
    "object that claims to be text": (Liar(), "invalid_type", ""),
    "class whose name raises": (Nameless(), "unreadable_value", ""),
    "mapping whose items raise": (RaisingMapping(), "unreadable_value", ""),
    "dict whose items raise": (RaisingItems(a=1), "unreadable_value", ""),
    "dict whose items are no pairs": (OddItems(a=1), "unreadable_value", ""),
    "mapping that raises what has no words": (RaisesSilently(), "unreadable_value", ""),
    "enum whose value raises": (RaisingEnum.A, "unreadable_value", ""),
    "date that raises": (RaisingDate(2025, 1, 1), "unreadable_value", ""),
    "date that is none": (NoDate(2025, 1, 1), "invalid_type", ""),
    "date that is no text": (OddDate(2025, 1, 1), "unreadable_value", ""),
    "scalar that is its own item": (SelfItem(), "unreadable_value", ""),
    "scalars without an end": (Forever(), "invalid_type", ""),
    "list": ([1], "nested_value", ""),
    "tuple": ((1,), "nested_value", ""),
    "dict": ({"a": 1}, "nested_value", ""),
    "empty dict": ({}, "nested_value", ""),
}

# The same below a key where objects and lists may stand.
NESTED = {
    "cyclic dict": (cyclic_dict(), "cycle", ".self"),
    "cyclic list": (cyclic_list(), "cycle", ".0.0"),
    "key that is an int": ({1: 1}, "invalid_key", ""),
    "key that is None": ({None: 1}, "invalid_key", ""),
    "key that is bytes": ({b"a": 1}, "invalid_key", ""),
    "key that is a tuple": ({("a", 1): 1}, "invalid_key", ""),
    "nan in a list": ([1, NAN], "not_finite", ".1"),
    "bytes in a dict in a list": ([{"a": b""}], "invalid_type", ".0.a"),
    "set in a tuple": (({1},), "invalid_type", ".0"),
    "101 lists": (deep(101, lambda value: [value]), "too_deep", None),
    "101 dicts": (deep(101, lambda value: {"a": value}), "too_deep", None),
    "100,000 lists": (deep(100_000, lambda value: [value]), "too_deep", None),
    "100,000 tuples": (deep(100_000, lambda value: (value,)), "too_deep", None),
}


def events_with(value, key):
    yield lambda client: client.create_event(distinct_id="u", event_name="e", properties={key: value})
    yield lambda client: client.create_event(distinct_id="u", event_name="e", properties={"first": object, key: value})
    yield lambda client: client.execute("event", {"DistinctId": "u", "EventName": "e", "Properties": {key: value}})
    yield lambda client: hogwire.build(
        "event", {"DistinctId": "u", "EventName": "e", "Properties": {key: value}}, api_key="phc_x"
    )


def found(outcome, ignoring=()):
    assert (outcome.status_code, outcome.error_code, outcome.delivery) == (-1, "invalid_input", "not_sent"), outcome
    for finding in outcome.findings:
        assert finding.code in hogwire.FINDING_CODES
        assert finding.message
        # A lone surrogate in a sentence could not be printed.
        finding.message.encode()
    return [(finding.code, finding.parameter) for finding in outcome.findings if finding.parameter not in ignoring]


@pytest.mark.parametrize("case", VALUES)
def test_a_value_no_event_can_hold(offline, case):
    client, sent = offline
    value, code, path = VALUES[case]
    for call in events_with(value, "value"):
        assert (code, f"Properties.value{path}") in found(call(client), ignoring=["Properties.first"])
    assert sent == []


@pytest.mark.parametrize("case", NESTED)
def test_a_nested_value_no_event_can_hold(offline, case):
    client, sent = offline
    value, code, path = NESTED[case]
    for call in events_with(value, "$value"):
        findings = found(call(client), ignoring=["Properties.first"])
        if path is None:
            assert [found for found, _ in findings] == [code]
        else:
            assert findings == [(code, f"Properties.$value{path}")]
    assert sent == []
    # What was made deep by a loop must also be taken down by one.
    with contextlib.suppress(TypeError, KeyError, IndexError):
        while isinstance(value, list) and len(value) == 1 and value[0] is not value:
            value = value.pop()


EVENT = {"DistinctId": "user-1", "EventName": "bought"}

# One whole input -> everything that must be found.
INPUTS = {
    "nothing": ("event", {}, [("required", "DistinctId"), ("required", "EventName")]),
    "null": ("event", "null", [("invalid_json", "Input")]),
    "None": ("event", None, [("invalid_json", "Input")]),
    "a list": ("event", [1], [("invalid_json", "Input")]),
    "a number": ("event", 5, [("invalid_json", "Input")]),
    "an object": ("event", object(), [("invalid_json", "Input")]),
    "broken JSON": ("event", '{"DistinctId": ', [("invalid_json", "Input")]),
    "JSON with NaN": ("event", '{"DistinctId": NaN}', [("invalid_json", "Input")]),
    "JSON that is no UTF-8": ("event", b'{"DistinctId": "\xff"}', [("invalid_json", "Input")]),
    "endless brackets": ("event", "[" * 100_000, [("invalid_json", "Input")]),
    "a mapping that raises": (
        "event",
        RaisingMapping(),
        [("unreadable_value", "Input")],
    ),
    "a name that is no text": ("event", {**EVENT, 5: 1}, [("invalid_key", "Input")]),
    "an unknown name": ("event", {**EVENT, "distinct_id": 1}, [("unknown_parameter", "distinct_id")]),
    "another operation's name": ("event", {**EVENT, "Alias": 1}, [("unknown_parameter", "Alias")]),
    "id of white space": ("event", {**EVENT, "DistinctId": " \u2003\n"}, [("required", "DistinctId")]),
    "id None": ("event", {**EVENT, "DistinctId": None}, [("required", "DistinctId")]),
    "id True": ("event", {**EVENT, "DistinctId": True}, [("invalid_type", "DistinctId")]),
    "id float": ("event", {**EVENT, "DistinctId": 1.0}, [("invalid_type", "DistinctId")]),
    "id nan": ("event", {**EVENT, "DistinctId": NAN}, [("invalid_type", "DistinctId")]),
    "id bytes": ("event", {**EVENT, "DistinctId": b"u"}, [("invalid_type", "DistinctId")]),
    "id list": ("event", {**EVENT, "DistinctId": ["u"]}, [("invalid_type", "DistinctId")]),
    "id dict": ("event", {**EVENT, "DistinctId": {"a": 1}}, [("invalid_type", "DistinctId")]),
    "id object": ("event", {**EVENT, "DistinctId": object()}, [("invalid_type", "DistinctId")]),
    "id huge integer": ("event", {**EVENT, "DistinctId": 10**5000}, [("invalid_type", "DistinctId")]),
    "id that raises": ("event", {**EVENT, "DistinctId": RaisingEnum.A}, [("unreadable_value", "DistinctId")]),
    "id too long": ("event", {**EVENT, "DistinctId": "ü" * 201}, [("too_long", "DistinctId")]),
    "id of ten million characters": (
        "event",
        {**EVENT, "DistinctId": "u" * 10_000_000},
        [("too_large", "DistinctId"), ("too_long", "DistinctId")],
    ),
    "name integer": ("event", {**EVENT, "EventName": 5}, [("invalid_type", "EventName")]),
    "name empty": ("event", {**EVENT, "EventName": ""}, [("required", "EventName")]),
    "name too long": ("event", {**EVENT, "EventName": "😀" * 201}, [("too_long", "EventName")]),
    "properties text": ("event", {**EVENT, "Properties": "x"}, [("invalid_type", "Properties")]),
    "properties list": ("event", {**EVENT, "Properties": [("a", 1)]}, [("invalid_type", "Properties")]),
    "properties True": ("event", {**EVENT, "Properties": True}, [("invalid_type", "Properties")]),
    "properties set": ("event", {**EVENT, "Properties": {1}}, [("invalid_type", "Properties")]),
    "properties that raise": ("event", {**EVENT, "Properties": RaisingMapping()}, [("unreadable_value", "Properties")]),
    "properties with a key that is no text": (
        "event",
        {**EVENT, "Properties": {5: 1}},
        [("invalid_key", "Properties")],
    ),
    "properties that hold themselves": (
        "event",
        {**EVENT, "Properties": cyclic_dict()},
        [("cycle", "Properties.self")],
    ),
    "properties too large": (
        "event",
        {**EVENT, "Properties": {"a": 1, "big": "x" * 1_000_000}},
        [("too_large", "Properties.big")],
    ),
    "properties of quotes": ("event", {**EVENT, "Properties": {"q": '"' * 400_000}}, [("too_large", "Properties.q")]),
    "properties far too large": (
        "event",
        {**EVENT, "Properties": {"a": 1, "huge": ["x" * 1000] * 10_000}},
        [("too_large", "Properties.huge"), ("nested_value", "Properties.huge")],
    ),
    "timestamp in seconds": (
        "event",
        {**EVENT, "Timestamp": 1735787045},
        [("timestamp_not_milliseconds", "Timestamp")],
    ),
    "timestamp of time.time()": (
        "event",
        {**EVENT, "Timestamp": 1735787045.67},
        [("timestamp_not_milliseconds", "Timestamp")],
    ),
    "timestamp in microseconds": (
        "event",
        {**EVENT, "Timestamp": 1735787045678901},
        [("timestamp_not_milliseconds", "Timestamp")],
    ),
    "timestamp naive": (
        "event",
        {**EVENT, "Timestamp": datetime.datetime(2025, 1, 2)},
        [("naive_timestamp", "Timestamp")],
    ),
    "timestamp a date": (
        "event",
        {**EVENT, "Timestamp": datetime.date(2025, 1, 2)},
        [("naive_timestamp", "Timestamp")],
    ),
    "timestamp a time": ("event", {**EVENT, "Timestamp": datetime.time(3, 4)}, [("invalid_timestamp", "Timestamp")]),
    "timestamp words": ("event", {**EVENT, "Timestamp": "yesterday"}, [("invalid_timestamp", "Timestamp")]),
    "timestamp True": ("event", {**EVENT, "Timestamp": True}, [("invalid_type", "Timestamp")]),
    "timestamp nan": ("event", {**EVENT, "Timestamp": NAN}, [("invalid_type", "Timestamp")]),
    "timestamp timedelta": ("event", {**EVENT, "Timestamp": datetime.timedelta(1)}, [("invalid_type", "Timestamp")]),
    "timestamp in the far future": (
        "event",
        {**EVENT, "Timestamp": datetime.datetime(2999, 1, 1, tzinfo=datetime.timezone.utc)},
        [("future_timestamp", "Timestamp")],
    ),
    "uuid words": ("event", {**EVENT, "Uuid": "x"}, [("invalid_uuid", "Uuid")]),
    "uuid nil": ("event", {**EVENT, "Uuid": "0" * 32}, [("nil_uuid", "Uuid")]),
    "uuid integer": ("event", {**EVENT, "Uuid": 7}, [("invalid_type", "Uuid")]),
    "groups list": ("event", {**EVENT, "Groups": ["company"]}, [("invalid_type", "Groups")]),
    "group key True": ("event", {**EVENT, "Groups": {"company": True}}, [("invalid_type", "Groups.company")]),
    "profile words": ("event", {**EVENT, "ProcessPersonProfile": "yes"}, [("invalid_type", "ProcessPersonProfile")]),
    "alias of a placeholder": ("alias", {"DistinctId": "u", "Alias": "null"}, [("placeholder_id", "Alias")]),
    "alias of oneself": ("alias", {"DistinctId": "u", "Alias": " u "}, [("same_id", "Alias")]),
    "unset of a word": (
        "identity",
        {"DistinctId": "u", "PropertiesUnset": "name"},
        [("invalid_type", "PropertiesUnset")],
    ),
    "unset of a list": (
        "identity",
        {"DistinctId": "u", "PropertiesUnset": ["a", ["b"], 5, None, b"c", RaisingEnum.A]},
        [("invalid_type", f"PropertiesUnset.{index}") for index in (1, 2, 3, 4, 5)],
    ),
    "page without a scheme": ("page", {"DistinctId": "u", "PageUrl": "shop.example"}, [("invalid_url", "PageUrl")]),
    "page of a script": ("page", {"DistinctId": "u", "PageUrl": "javascript:alert(1)"}, [("invalid_url", "PageUrl")]),
    "screen of bytes": ("screen", {"DistinctId": "u", "ScreenViewName": b"x"}, [("invalid_type", "ScreenViewName")]),
}


@pytest.mark.parametrize("case", INPUTS)
def test_an_input_that_is_refused(offline, case):
    client, sent = offline
    operation, given, expected = INPUTS[case]
    outcome = client.execute(operation, given)
    assert sorted(found(outcome)) == sorted(expected)
    assert sent == []


def test_everything_wrong_is_said_at_once(offline):
    client, _ = offline
    outcome = client.create_event(
        distinct_id=None, event_name=5, properties={"a": b"", "b": NAN}, timestamp=1, uuid="x"
    )
    assert {code for code, _ in found(outcome)} == {
        "required",
        "invalid_type",
        "not_finite",
        "timestamp_not_milliseconds",
        "invalid_uuid",
    }


def test_a_million_bad_values_are_not_a_million_sentences(offline):
    client, _ = offline
    outcome = client.create_event(distinct_id="u", event_name="e", properties={f"k{n}": NAN for n in range(100_000)})
    assert len(outcome.findings) == 100


WARNED = {
    "half a pair": ({"properties": {"a": "x\ud800y"}}, "lone_surrogate", "Properties.a", "x\ufffdy"),
    "two halves in the wrong order": (
        {"properties": {"a": "\ude00\ud83d"}},
        "lone_surrogate",
        "Properties.a",
        "\ufffd\ufffd",
    ),
    "half a pair in a key": ({"properties": {"\udfff": 1}}, "lone_surrogate", "Properties.\ufffd", None),
    "half a pair in an id": ({"distinct_id": "u\ud800"}, "lone_surrogate", "DistinctId", None),
    "half a pair in a name": ({"event_name": "\ud800"}, "lone_surrogate", "EventName", None),
    "white space around an id": ({"distinct_id": " u\n"}, "trimmed", "DistinctId", None),
    "placeholder id": ({"distinct_id": "undefined"}, "placeholder_id", "DistinctId", None),
    "a $lib of one's own": ({"properties": {"$lib": "mine"}}, "reserved_property", "Properties.$lib", None),
}


@pytest.mark.parametrize("case", WARNED)
def test_what_is_sent_with_a_warning(offline, case):
    client, sent = offline
    given, code, parameter, stored = WARNED[case]
    outcome = client.create_event(**{"distinct_id": "u", "event_name": "e", **given})
    assert outcome.ok, outcome
    assert [(warning.code, warning.parameter) for warning in outcome.warnings] == [(code, parameter)]
    if stored is not None:
        assert sent[0]["properties"]["a"] == stored
    json.dumps(outcome.to_dict()).encode()


def test_json_text_with_half_a_pair_is_repaired_with_a_warning(offline):
    client, sent = offline
    outcome = client.execute("event", '{"DistinctId": "u", "EventName": "e", "Properties": {"a": "\ud800"}}')
    assert outcome.ok
    assert [(warning.code, warning.parameter) for warning in outcome.warnings] == [("lone_surrogate", "Properties.a")]
    assert sent[0]["properties"]["a"] == "\ufffd"


def test_an_order_to_stop_is_not_swallowed(offline):
    client, sent = offline

    class Stops(collections.abc.Mapping):
        def __getitem__(self, key):
            raise KeyboardInterrupt

        def __iter__(self):
            return iter(["a"])

        def __len__(self):
            return 1

    with pytest.raises(KeyboardInterrupt):
        client.create_event(distinct_id="u", event_name="e", properties=Stops())
    with pytest.raises(KeyboardInterrupt):
        client.create_event(distinct_id="u", event_name="e", properties={"$a": [Stops()]})
    with pytest.raises(KeyboardInterrupt):
        client.execute("event", Stops())
    assert sent == []


TAKEN_AWAY = {
    "key": {"\ud800": ["kept", 1], "more": "kept"},
    "key in an object": {"in": {"\ud800": "kept", "more": "kept"}},
    "text": {"\ud800x": "kept", "text": "\ud800", "more": "kept"},
    "text in a list": {"in": ["\ud800", "kept", 2.5]},
    "text in a tuple": {"in": ("\ud800", "kept", 2.5)},
    "text in an object": {"in": {"text": "\ud800", "more": "kept"}},
}


@pytest.mark.parametrize("case", TAKEN_AWAY)
def test_a_dictionary_that_is_emptied_while_it_is_read(case):
    # Python looks for the codec of half surrogate pairs once, and runs anybody's code then: a fresh process for each.
    code = """
import json, sys, hogwire

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "encodings.utf_16_le":
            for value in given.values():
                if isinstance(value, (list, dict)):
                    value.clear()
            del value
            given.clear()
            # Whatever was freed is something else now.
            taken.extend("x" * length for length in range(200))
            taken.extend([None] * length for length in range(200))

taken, sent = [], []
def transport(request, timeout):
    sent.append(json.loads(request.body)["batch"][0]["properties"])
    return 200, {}, b""
client = hogwire.Client("phc_x", transport=transport, nested_properties=True)
given = json.loads(sys.argv[1])
if "tuple" in sys.argv[2]:
    given["in"] = tuple(given["in"])
sys.meta_path.insert(0, Finder())
assert client.create_event(distinct_id="u", event_name="e", properties=given).ok
assert taken
print(json.dumps(sent[0]))
"""
    # The dictionary is read from JSON, so that nothing else keeps what is in it.
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(TAKEN_AWAY[case]), case], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    sent = {key: value for key, value in json.loads(done.stdout).items() if not key.startswith("$")}
    # It is sent as far as it was read, and nothing else with it.
    assert set(flattened(sent)) <= {"\ufffd", "\ufffdx", "in", "text", "more", "kept", 1, 2.5}


def flattened(value):
    """Every key and scalar in a value."""
    if isinstance(value, dict):
        return [part for pair in value.items() for part in (pair[0], *flattened(pair[1]))]
    if isinstance(value, list):
        return [part for item in value for part in flattened(item)]
    return [value]


def test_dictionaries_that_other_threads_change_while_they_are_read(offline):
    client, _ = offline
    shared, stop = {}, threading.Event()

    def change(seed):
        rng = random.Random(seed)
        while not stop.is_set():
            key = f"$key{rng.randrange(4)}"
            shared[key] = rng.choice([["é", "\ud800", 1], {"é": "\ud800"}, ("a", 2.5), "é" * 20, 10**30, [["deep"]]])
            shared.pop(f"$key{rng.randrange(4)}", None)

    send = functools.partial(client.create_event, distinct_id="u", event_name="e", properties=shared)
    with running(*[functools.partial(change, seed) for seed in range(3)]):
        codes = {send().error_code for _ in range(2_000)}
        stop.set()
    # Integers beyond 64 bits are refused.
    assert codes <= {"ok", "invalid_input"}
