"""Values people really pass, and what is stored of them."""

import collections
import datetime
import decimal
import enum
import pathlib
import types
import typing
import urllib.parse
import uuid

import pytest

UTC = datetime.timezone.utc


class Point(typing.NamedTuple):
    x: int
    y: int


class Plan(enum.Enum):
    PRO = "pro"
    SEATS = 3
    NESTED = decimal.Decimal("2.5")


class Level(enum.IntEnum):
    HIGH = 9


class Word(str, enum.Enum):
    HELLO = "hello"


class Name(str):
    __slots__ = ()

    def __str__(self):
        return "not this"


class Count(int):
    def __str__(self):
        return "not this"

    def __index__(self):
        raise AssertionError("not needed")


class URL:
    def __str__(self):
        return "https://shop.example/"


class HttpUrl(URL):
    """What pydantic's look like."""


HttpUrl.__module__ = "pydantic.networks"


class Scalar:
    """What numpy's scalars look like."""

    shape = ()

    def __init__(self, value):
        self.value = value

    @property
    def dtype(self):
        return "float64"

    def item(self):
        return self.value


STORED = {
    "text": ("premium", "premium"),
    "text with every kind of character": ('"\\/\n\t\x00é漢😀\u2028', '"\\/\n\t\x00é漢😀\u2028'),
    "empty text": ("", ""),
    "none": (None, None),
    "true before integers": (True, True),
    "integer": (3, 3),
    "smallest integer": (-(2**63), -(2**63)),
    "largest integer": (2**64 - 1, 2**64 - 1),
    "float": (1.5, 1.5),
    "smallest float": (5e-324, 5e-324),
    "exact float": (0.1 + 0.2, 0.1 + 0.2),
    "date": (datetime.date(2025, 1, 2), "2025-01-02"),
    "naive datetime": (datetime.datetime(2025, 1, 2, 3, 4, 5), "2025-01-02T03:04:05"),
    "aware datetime": (datetime.datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), "2025-01-02T03:04:05+00:00"),
    "time": (datetime.time(3, 4, 5), "03:04:05"),
    "uuid": (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    "path": (pathlib.PurePosixPath("/a/b"), "/a/b"),
    "decimal": (decimal.Decimal("19.99"), 19.99),
    "whole decimal": (decimal.Decimal("12345678901234567"), 12345678901234567),
    "decimal with an exponent": (decimal.Decimal("1E+3"), 1000.0),
    "enum of text": (Plan.PRO, "pro"),
    "enum of numbers": (Plan.SEATS, 3),
    "enum of decimals": (Plan.NESTED, 2.5),
    "int enum": (Level.HIGH, 9),
    "text enum": (Word.HELLO, "hello"),
    "text subclass": (Name("ada"), "ada"),
    "integer subclass": (Count(7), 7),
    "url object": (URL(), "https://shop.example/"),
    "url of pydantic's": (HttpUrl(), "https://shop.example/"),
    "parsed url": (urllib.parse.urlsplit("https://shop.example/a?b=c"), "https://shop.example/a?b=c"),
    "scalar": (Scalar(2.5), 2.5),
    "scalar of a bool": (Scalar(True), True),
}


@pytest.mark.parametrize("kind", STORED)
def test_a_value_is_stored(offline, kind):
    client, sent = offline
    given, expected = STORED[kind]
    outcome = client.create_event(distinct_id="user-1", event_name="bought", properties={"value": given})
    assert outcome.ok, outcome
    value = sent[0]["properties"]["value"]
    assert value == expected
    assert type(value) is type(expected)


def test_numpy_scalars(offline):
    numpy = pytest.importorskip("numpy")
    client, sent = offline
    given = {
        "float32": numpy.float32(1.5),
        "float64": numpy.float64(2.5),
        "longdouble": numpy.longdouble(3.5),
        "int8": numpy.int8(-3),
        "uint64": numpy.uint64(2**64 - 1),
        "bool": numpy.bool_(True),
        "str": numpy.str_("text"),
        "datetime": numpy.datetime64("2025-01-02T03:04:05.000000006"),
        "zero_d": numpy.array(4),
        "unmasked": numpy.ma.array(5),
    }
    assert client.create_event(distinct_id=numpy.int64(7), event_name="e", properties=given).ok
    properties = sent[0]["properties"]
    assert [properties[name] for name in given] == [
        1.5,
        2.5,
        3.5,
        -3,
        2**64 - 1,
        True,
        "text",
        "2025-01-02T03:04:05.000000006",
        4,
        5,
    ]
    assert sent[0]["distinct_id"] == "7"
    refused = client.create_event(
        distinct_id="u",
        event_name="e",
        properties={
            "a": numpy.array([1]),
            "b": numpy.float32("nan"),
            "c": numpy.timedelta64(1, "s"),
            "d": numpy.bytes_(),
            "e": numpy.datetime64("NaT", "s"),
            "f": numpy.ma.masked,
            "g": numpy.ma.array(5, mask=True),
            # The items of these are bare numbers, or nothing.
            "h": numpy.timedelta64(1, "ns"),
            "i": numpy.array(1, "timedelta64[Y]"),
            "j": numpy.timedelta64("NaT", "ns"),
            "k": numpy.clongdouble(1 + 2j),
            "l": numpy.complex64(1 + 2j),
        },
    )
    assert [(finding.code, finding.parameter) for finding in refused.findings] == [
        ("invalid_type", "Properties.a"),
        ("not_finite", "Properties.b"),
        ("invalid_type", "Properties.c"),
        ("invalid_type", "Properties.d"),
        ("invalid_type", "Properties.e"),
        ("invalid_type", "Properties.f"),
        ("invalid_type", "Properties.g"),
        ("invalid_type", "Properties.h"),
        ("invalid_type", "Properties.i"),
        ("invalid_type", "Properties.j"),
        ("invalid_type", "Properties.k"),
        ("invalid_type", "Properties.l"),
    ]
    for given in ({"distinct_id": numpy.timedelta64(7, "ns")}, {"timestamp": numpy.timedelta64(10**12, "ns")}):
        [finding] = client.create_event(**{"distinct_id": "u", "event_name": "e"} | given).findings
        assert "is a timedelta;" in finding.message


@pytest.mark.parametrize(
    "mapping",
    [
        collections.OrderedDict(plan="pro"),
        collections.defaultdict(str, plan="pro"),
        collections.Counter({"plan": "pro"}),
        collections.ChainMap({"plan": "pro"}, {"plan": "free"}),
        collections.UserDict(plan="pro"),
        types.MappingProxyType({"plan": "pro"}),
    ],
    ids=lambda mapping: type(mapping).__name__,
)
def test_any_mapping_holds_properties(offline, mapping):
    client, sent = offline
    assert client.create_event(distinct_id="user-1", event_name="bought", properties=mapping).ok
    assert sent[0]["properties"]["plan"] == "pro"
    assert client.execute("event", {"DistinctId": "user-1", "EventName": "bought", "Properties": mapping}).ok


def test_nested_values_where_they_are_allowed(offline):
    client, sent = offline
    given = {
        "$list": [1, "a", None, (True, 2.5), Point(1, 2), {"k": Plan.PRO}],
        "$object": {"a": {"b": [{}, []]}, Word.HELLO: 1},
    }
    assert client.create_event(distinct_id="user-1", event_name="bought", properties=given).ok
    assert sent[0]["properties"]["$list"] == [1, "a", None, [True, 2.5], [1, 2], {"k": "pro"}]
    assert sent[0]["properties"]["$object"] == {"a": {"b": [{}, []]}, "hello": 1}


def test_the_same_object_twice_is_no_cycle(offline):
    client, sent = offline
    shared = {"a": 1}
    given = {"$first": shared, "$second": [shared, shared]}
    assert client.create_event(distinct_id="user-1", event_name="bought", properties=given).ok
    assert sent[0]["properties"]["$second"] == [{"a": 1}, {"a": 1}]


def test_ids_and_uuids_as_their_own_types(offline):
    client, sent = offline
    own = uuid.UUID("0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e")
    assert client.create_alias(distinct_id=12345, alias=own, uuid=own).ok
    assert sent[0]["distinct_id"] == "12345"
    assert sent[0]["properties"]["alias"] == str(own)
    assert sent[0]["uuid"] == str(own)


class Due(enum.Enum):
    TODAY = datetime.date(2025, 1, 2)


# They have a text or a number, but nobody is called so.
NO_IDS = [
    (datetime.datetime(2025, 1, 2, tzinfo=UTC), "a datetime"),
    (datetime.date(2025, 1, 2), "a date"),
    (datetime.time(3, 4), "a time"),
    (decimal.Decimal(5), "a Decimal"),
    (decimal.Decimal("NaN"), "a Decimal"),
    (pathlib.PurePosixPath("/a"), "a path"),
    (pathlib.Path("a"), "a path"),
    (Due.TODAY, "an object of type Due"),
]


@pytest.mark.parametrize(("given", "found"), NO_IDS)
def test_a_date_a_path_or_a_decimal_is_no_id_and_no_name(offline, given, found):
    client, sent = offline
    refused = [
        (client.create_event(distinct_id=given, event_name="e"), "DistinctId"),
        (client.create_alias(distinct_id="u", alias=given), "Alias"),
        (client.create_identity(distinct_id="u", anonymous_id=given), "AnonymousId"),
        (client.identify_group(group_type="company", group_key=given), "GroupKey"),
        (client.create_event(distinct_id="u", event_name=given), "EventName"),
        (client.track_page(distinct_id="u", page_url=given), "PageUrl"),
    ]
    for outcome, parameter in refused:
        [finding] = outcome.findings
        assert (finding.code, finding.parameter) == ("invalid_type", parameter)
        assert finding.message.startswith(f"{parameter} is {found}; give text")
    for groups in ({"company": given}, types.MappingProxyType({"company": given})):
        [finding] = client.create_event(distinct_id="u", event_name="e", groups=groups).findings
        assert (finding.code, finding.parameter) == ("invalid_type", "Groups.company")
        assert finding.message.endswith("; a group key is text or an integer.")
    [finding] = client.create_identity(distinct_id="u", properties_unset=["a", given]).findings
    assert (finding.code, finding.parameter) == ("invalid_type", "PropertiesUnset.1")
    assert sent == []


def test_other_types_are_ids_and_names(offline):
    client, sent = offline
    numpy = pytest.importorskip("numpy")
    own = uuid.uuid4()
    for given, meant in [(own, str(own)), (Plan.PRO, "pro"), (Word.HELLO, "hello"), (Name("x"), "x")]:
        assert client.create_event(distinct_id=given, event_name=given, groups={"company": given}).ok
        assert (sent[-1]["distinct_id"], sent[-1]["event"]) == (meant, meant)
        assert sent[-1]["properties"]["$groups"] == {"company": meant}
    for given, meant in [(Plan.SEATS, "3"), (Level.HIGH, "9"), (numpy.int64(7), "7")]:
        assert client.create_event(distinct_id=given, event_name="e").ok
        assert sent[-1]["distinct_id"] == meant


def test_a_sign_up_is_a_date_or_text(offline):
    client, sent = offline
    for given in (datetime.date(2025, 1, 2), "2025-01-02"):
        assert client.create_identity(distinct_id="u", signup_date=given).ok
        assert sent[-1]["properties"]["$set_once"] == {"signup_date": "2025-01-02"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (datetime.datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), "2025-01-02T03:04:05.678Z"),
        (
            datetime.datetime(2025, 1, 2, 3, 4, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=-5, minutes=-30))),
            "2025-01-02T08:34:05.000Z",
        ),
        (1735787045678, "2025-01-02T03:04:05.678Z"),
        (1735787045678.0, "2025-01-02T03:04:05.678Z"),
        (decimal.Decimal(1735787045678), "2025-01-02T03:04:05.678Z"),
        ("2025-01-02T05:04:05+02:00", "2025-01-02T03:04:05.000Z"),
    ],
)
def test_timestamps(offline, given, expected):
    client, sent = offline
    assert client.create_event(distinct_id="u", event_name="e", timestamp=given).ok
    assert client.create_event(distinct_id="u", event_name="e", properties={"timestamp": given}).ok
    assert [event["timestamp"] for event in sent] == [expected, expected]


def test_halves_of_a_pair_side_by_side_are_one_character(offline):
    client, sent = offline
    outcome = client.create_event(distinct_id="u", event_name="e", properties={"face": "\ud83d\ude00"})
    assert outcome.ok
    assert outcome.warnings == ()
    assert sent[0]["properties"]["face"] == "😀"


def test_a_dictionary_that_changes_while_it_is_read(offline):
    client, sent = offline
    properties = {}

    class Scary(enum.Enum):
        MEMBER = 1

        @property
        def value(self):
            properties.clear()
            properties.update({f"k{n}": n for n in range(1000)})
            return "read"

    properties.update(first=1, scary=Scary.MEMBER, last=2)
    assert client.create_event(distinct_id="u", event_name="e", properties=properties).ok
    kept = {key: value for key, value in sent[0]["properties"].items() if not key.startswith("$")}
    assert kept == {"first": 1, "scary": "read", "last": 2}
