"""What is far too long, or never ends: sentences stay short, and calls come back."""

import collections.abc
import decimal
import itertools

import pytest

import hogwire
from conftest import answering

LONG = "y" * 1_000_000
SEND = {"distinct_id": "user-1", "event_name": "bought"}
KEY = "own-key-0123456789-0123456789"


def raising(error):
    def function(*_):
        raise error

    return function


def named(name, base=object):
    return type(name, (base,), {})


CLIENTS = {
    "what a hook raises": {"before_send": raising(ValueError(LONG))},
    "what a hook raises, by its class": {"before_send": raising(named(LONG, ValueError)())},
    "what a hook returns": {"before_send": lambda event: named(LONG)()},
    "what a hook returns, under a key": {"before_send": lambda event: {**event, LONG: {1}}},
    "what a hook returns, a number": {
        "before_send": lambda event: {**event, "n": decimal.Decimal("NaN" + "1" * 10**6)}
    },
    "what a transport raises": {"transport": raising(ValueError(LONG))},
    "what a transport raises, by its class": {"transport": raising(named(LONG, ValueError)())},
    "what a transport returns": {"transport": lambda request, timeout: named(LONG)()},
}


@pytest.mark.parametrize("options", CLIENTS.values(), ids=CLIENTS)
def test_what_a_clients_functions_say_is_shortened(options):
    with hogwire.Client("phc_x", **{"transport": answering(), "max_retries": 0, **options}) as client:
        outcome = client.create_event(**SEND)
        # Nothing is delivered: the queue need not wait for that.
        with client.queue(close_timeout=0) as queue:
            receipt = queue.create_event(**SEND)
    for answer in (outcome, receipt):
        assert answer.ok == (answer is receipt and "before_send" not in options)
        assert len(answer.error_message) < 1_200
        assert all(len(warning.message) < 1_200 for warning in answer.warnings)


@pytest.mark.parametrize("told", [f"{'because ' * 124}of", "長" * 1_000], ids=["words", "no white space"])
def test_what_is_raised_is_told_up_to_a_thousand_characters(told):
    for said, expected in [(told, told), (f"{told} everywhere else", f"{told}...")]:
        for options in ({"transport": raising(OSError(said))}, {"before_send": raising(OSError(said))}):
            with hogwire.Client("phc_x", **{"transport": answering(), "max_retries": 0, **options}) as client:
                message = client.create_event(**SEND).error_message
            assert f"OSError: {expected}" in message
            assert "every" not in message


def test_keys_are_not_repeated_of_what_is_raised():
    with hogwire.Client("phc_x", transport=raising(OSError("phc_another is wrong")), max_retries=0) as client:
        assert "OSError: phc_*** is wrong" in client.create_event(**SEND).error_message


@pytest.mark.parametrize("place", range(960, 1_004))
def test_no_part_of_the_api_key_is_left_where_words_are_cut(place):
    said = f"{'x ' * 480}{KEY:>{place - 960 + len(KEY)}} {LONG}"
    for options in ({"transport": raising(OSError(said))}, {"before_send": raising(OSError(said))}):
        with hogwire.Client(KEY, **{"transport": answering(), "max_retries": 0, **options}) as client:
            assert KEY[:4] not in client.create_event(**SEND).error_message


VALUES = {
    "a class of a long name": named(LONG)(),
    "a long Decimal": decimal.Decimal("9" * 1_000_000),
    "a long Decimal that is no number": decimal.Decimal("NaN" + "1" * 1_000_000),
    "a long int": 10**1_000_000,
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_what_is_said_of_a_value_is_shortened(offline, value):
    client, _ = offline
    for given in ({"properties": {"n": value}}, {"distinct_id": value}, {"timestamp": value}, {"groups": {"n": value}}):
        outcome = client.create_event(**{**SEND, **given})
        assert outcome.error_code == "invalid_input"
        assert len(outcome.error_message) < 400
    with pytest.raises(hogwire.ConfigError) as raised:
        hogwire.Client("phc_x", max_retries=value)
    assert len(str(raised.value)) < 400


def test_the_name_of_an_unknown_option_is_shortened():
    client = hogwire.Client("phc_x", transport=answering())
    for make in (lambda **options: hogwire.Client("phc_x", **options), hogwire.Client.from_env, client.queue):
        with pytest.raises(TypeError, match=r"y\.\.\.', which is no option") as raised:
            make(**{LONG: 1})
        assert len(str(raised.value).partition(", which")[0]) < 200


class Mapping(collections.abc.Mapping):
    """Counts what it is asked for, and never ends."""

    def __init__(self, key=str, value=1):
        self.key, self.value, self.asked = key, value, 0

    def __iter__(self):
        return map(self.key, itertools.count())

    def __getitem__(self, key):
        self.asked += 1
        return self.value

    def __len__(self):
        return 1


@pytest.mark.parametrize("place", ["Properties", "$nested", "$list"])
def test_a_mapping_that_never_ends_is_too_large(offline, place):
    client, _ = offline
    given = Mapping()
    around = {"Properties": given, "$nested": {"$nested": given}, "$list": {"$list": [given]}}[place]
    outcome = client.create_event(**SEND, properties=around)
    assert [finding.code for finding in outcome.findings] == ["too_large"]
    assert given.asked < 500_000


def test_no_more_is_asked_of_a_mapping_than_can_be_sent(offline):
    client, _ = offline
    given = Mapping(value="x" * 100_000)
    assert [finding.code for finding in client.create_event(**SEND, properties=given).findings] == ["too_large"]
    assert given.asked < 100
    # Each holds two of its own kind, a hundred deep.
    deep = Mapping()
    deep.value = deep
    wide = Mapping(value={"a": [1]})
    for value in (deep, wide):
        assert client.create_event(**SEND, properties={"$endless": value}).error_code == "invalid_input"
        assert value.asked < 500_000


def test_a_mapping_of_keys_that_are_no_text_ends(offline):
    client, _ = offline
    outcome = client.create_event(**SEND, properties=Mapping(key=int))
    assert {finding.code for finding in outcome.findings} == {"invalid_key"}
    assert len(outcome.findings) == 100


def test_other_mappings_that_never_end_are_refused(offline):
    client, _ = offline
    many = "it has 200000 entries or more"
    finding = client.execute("event", Mapping()).findings[-1]
    assert (finding.code, finding.parameter) == ("unreadable_value", "Input")
    assert many in finding.message
    assert client.send_batch([Mapping()])[0].findings[-1] == finding
    with pytest.raises(hogwire.ConfigError, match=f"^headers: .*{many}"):
        hogwire.Client("phc_x", headers=Mapping(value="x"))
    with pytest.raises(ValueError, match=many):
        hogwire.Request.from_dict(Mapping())
    with hogwire.Client("phc_x", before_send=lambda event: Mapping(), transport=answering()) as client:
        assert many in client.create_event(**SEND).error_message
    answer = (200, Mapping(value="x"), b"")
    with hogwire.Client("phc_x", transport=lambda request, timeout: answer, max_retries=0) as client:
        assert many in client.create_event(**SEND).error_message


class Breaks(Mapping):
    """Raises after so many values."""

    def __init__(self, after):
        super().__init__()
        self.after = after

    def __getitem__(self, key):
        if self.asked == self.after:
            raise ValueError("boom")
        return super().__getitem__(key)


@pytest.mark.parametrize("after", [0, 1, 5])
def test_a_mapping_that_breaks_on_the_way_is_told_where_it_stands(offline, after):
    client, sent = offline
    for properties, parameter in [
        (Breaks(after), "Properties"),
        ({"first": 1, "$deep": Breaks(after), "last": 1}, "Properties.$deep"),
        ({"$deep": {"first": 1, "deeper": Breaks(after)}}, "Properties.$deep.deeper"),
    ]:
        [finding] = client.create_event(**SEND, properties=properties).findings
        assert (finding.code, finding.parameter) == ("unreadable_value", parameter)
        assert "boom" in finding.message
    [finding] = client.create_event(**SEND, properties={"$list": [1, Breaks(0)]}).findings
    assert (finding.code, finding.parameter) == ("unreadable_value", "Properties.$list.1")
    assert sent == []
