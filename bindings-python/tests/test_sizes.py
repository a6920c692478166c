"""What is far too long, or never ends: sentences stay short, and calls come back."""

import decimal

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
        with client.queue() as queue:
            receipt = queue.create_event(**SEND)
    for answer in (outcome, receipt):
        assert answer.ok == (answer is receipt and "before_send" not in options)
        assert len(answer.error_message) < 1_200
        assert all(len(warning.message) < 1_200 for warning in answer.warnings)


def test_what_is_raised_is_told_up_to_a_thousand_bytes():
    told = f"{'because ' * 124}of"
    with hogwire.Client("phc_x", transport=raising(OSError(told)), max_retries=0) as client:
        assert told in client.create_event(**SEND).error_message
    with hogwire.Client("phc_x", transport=raising(OSError(f"{told} überall sonst")), max_retries=0) as client:
        assert client.create_event(**SEND).error_message.endswith("because of...")


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
        with pytest.raises(TypeError, match=r"y\.\.\.'$") as raised:
            make(**{LONG: 1})
        assert len(str(raised.value)) < 200
