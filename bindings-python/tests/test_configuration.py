"""Options: their effect, what is refused, and the environment."""

import decimal
import functools
import inspect
import json
import pathlib
import pickle
import unittest.mock

import pytest

import hogwire
from conftest import answering

WRONG = {
    "api key missing": ({"api_key": None}, "api_key", "phc_"),
    "api key empty": ({"api_key": " "}, "api_key", "phc_"),
    "api key personal": ({"api_key": "phx_secret"}, "api_key", "personal"),
    "api key too long": ({"api_key": "phc_" + "x" * 61}, "api_key", "64"),
    "api key bytes": ({"api_key": b"phc_x"}, "api_key", "must be text, not bytes"),
    "host without scheme": ({"host": "us.i.posthog.com"}, "host", "https://us.i.posthog.com"),
    "host of bytes": ({"host": b"https://us.i.posthog.com"}, "host", "must be text, not bytes"),
    "retries set": ({"max_retries": {1}}, "max_retries", "must be a whole number that is not negative, not a set"),
    "protocol bytes": ({"protocol": b"v1"}, "protocol", "must be one of v0, v1, auto, not bytes"),
    "timeout text": ({"timeout": "1"}, "timeout", "a number of seconds that is not negative, not text"),
    "timeout bytes": ({"timeout": b"1"}, "timeout", "not bytes"),
    "timeout zero": ({"timeout": 0}, "timeout", "longer than zero"),
    "timeout negative": ({"timeout": -1.5}, "timeout", "a number of seconds that is not negative, not -1.5"),
    "timeout nan": ({"timeout": float("nan")}, "timeout", "seconds that is not negative, not NaN"),
    "timeout infinite": ({"timeout": float("inf")}, "timeout", "at most a day"),
    "timeout minus infinity": ({"timeout": -float("inf")}, "timeout", "seconds that is not negative, not -inf"),
    "timeout True": ({"timeout": True}, "timeout", "seconds that is not negative, not a bool"),
    "timeout of days": ({"timeout": 90_000}, "timeout", "a day"),
    "timeout of ages": ({"timeout": 1e300}, "timeout", "a day"),
    "timeout of a whole number of ages": ({"timeout": 10**39}, "timeout", "a day"),
    "connect timeout": ({"connect_timeout": 0.0001}, "connect_timeout", "millisecond"),
    "retries": ({"max_retries": -1}, "max_retries", "whole number"),
    "retries float": ({"max_retries": 1.5}, "max_retries", "whole number"),
    "connections": ({"max_connections": 0}, "max_connections", "1 to 1024"),
    "compression": ({"compression": "brotli"}, "compression", "gzip"),
    "switch": ({"nested_properties": "yes"}, "nested_properties", "true or false"),
    "properties no mapping": ({"properties": [1]}, "properties", "a list"),
    "properties bad value": ({"properties": {"a": {1}}}, "properties", "a: the value is a set"),
    "headers list": ({"headers": [("a", "b")]}, "headers", "an object"),
    "headers number": ({"headers": {"a": 5}}, "headers", "text for a"),
    "headers protocol": ({"headers": {"Content-Type": "x"}}, "headers", "protocol"),
    "headers control": ({"headers": {"X-A": "a\r\nb"}}, "headers", "control"),
    "app info": ({"app_info": "a\nb"}, "app_info", "ASCII"),
    "before_send": ({"before_send": "hook"}, "before_send", "function"),
    "before_send in a list": ({"before_send": [None]}, "before_send", "function"),
    "transport": ({"transport": object()}, "transport", "function"),
    "proxy": ({"proxy": "proxy:3128"}, "proxy", "URL"),
    "ca file": ({"ca_file": "/does/not/exist.pem"}, "ca_file", "/does/not/exist.pem"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("make", [hogwire.Client, hogwire.AsyncClient])
def test_a_wrong_option_is_named(make, case):
    options, option, words = WRONG[case]
    with pytest.raises(hogwire.ConfigError, match=option) as raised:
        make(**{"api_key": "phc_x", **options})
    assert isinstance(raised.value, ValueError)
    assert raised.value.option == option
    assert words in raised.value.problem
    assert str(raised.value) == f"{option}: {raised.value.problem}"
    assert "_ms" not in str(raised.value)
    assert "milliseconds" not in str(raised.value)
    twin = pickle.loads(pickle.dumps(raised.value))
    assert (str(twin), twin.option) == (str(raised.value), option)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("timeoutMs", "timeout"),
        ("connect_timeout_ms", "connect_timeout"),
        ("HOST", "host"),
        ("beforeSend", "before_send"),
    ],
)
def test_an_option_in_another_spelling_is_recognised(given, meant):
    words = rf"'{given}', which is no option; did you mean {meant}\?$"
    for make in (functools.partial(hogwire.Client, "phc_x"), hogwire.Client.from_env):
        with pytest.raises(TypeError, match=words):
            make(**{given: 1})


def test_an_option_that_is_none_is_told_which_there_are():
    with pytest.raises(
        TypeError, match=r"which is no option; the options are api_key, host, timeout, .*, before_send, transport$"
    ):
        hogwire.Client("phc_x", debug=True)
    with pytest.raises(
        TypeError, match=r"which is no option; the options are flush_at, flush_interval, .*, on_delivered$"
    ):
        hogwire.Client("phc_x").queue(max_queue_size=5)


@pytest.mark.parametrize("name", ["time_out", "timeout_ms", "flush_at"])
def test_an_option_that_does_not_exist_is_a_type_error(name):
    with pytest.raises(TypeError, match=rf"Client\(\) got an unexpected keyword argument '{name}'"):
        hogwire.Client("phc_x", **{name: 1})
    with pytest.raises(TypeError, match=name):
        hogwire.Client("phc_x", **{name: None})
    with pytest.raises(TypeError, match=rf"build\(\) got an unexpected keyword argument '{name}'"):
        hogwire.build("event", {}, api_key="phc_x", **{name: 1})
    with pytest.raises(TypeError, match="transport"):
        hogwire.build("event", {}, api_key="phc_x", transport=print)


@pytest.mark.parametrize("make", [hogwire.Client.from_env, hogwire.AsyncClient.from_env])
def test_an_option_that_from_env_does_not_take_is_a_type_error_of_its_own(make):
    words = r"Client\.from_env\(\) got an unexpected keyword argument 'time_out', which is no option; did you mean "
    with pytest.raises(TypeError, match=words + r"timeout\?$"):
        make(time_out=1)


@pytest.mark.parametrize("make", [hogwire.Client, hogwire.Client.from_env])
def test_an_option_without_its_name_is_a_type_error_that_shows_how_it_is_given(make):
    with pytest.raises(TypeError, match=r'takes its options by name: Client.*\("phc_\.\.\.", host="https://\.\.\."\)$'):
        make("phc_x", "https://eu.i.posthog.com")


@pytest.mark.parametrize("option", ["flush_at", "on_drop", "on_error", "on_delivered"])
def test_an_option_of_queues_is_recognised(option):
    for make in (hogwire.Client, hogwire.Client.from_env, hogwire.AsyncClient):
        with pytest.raises(TypeError, match=rf"'{option}'; it is an option of client.queue\(\)$"):
            make("phc_x", **{option: print})


@pytest.mark.parametrize("option", ["timeout", "before_send", "transport"])
def test_an_option_of_clients_is_recognised(option):
    with pytest.raises(TypeError, match=rf"'{option}'; it is an option of Client\(\)$"):
        hogwire.Client("phc_x").queue(**{option: print})


async def awaited(*arguments):
    raise AssertionError("nobody awaits it")


async def yielding(*arguments):
    yield arguments


class Asynchronous:
    async def __call__(self, *arguments):
        raise AssertionError("nobody awaits it")

    async def send(self, *arguments):
        raise AssertionError("nobody awaits it")


class Synchronous:
    def __call__(self, request, timeout):
        return 200, {}, b'{"status":"Ok"}'

    async def __aenter__(self):
        return self


@pytest.mark.parametrize(
    "function",
    [
        awaited,
        yielding,
        Asynchronous(),
        Asynchronous().send,
        functools.partial(awaited, 1),
        functools.partial(Asynchronous(), 1),
        unittest.mock.AsyncMock(),
    ],
)
def test_an_asynchronous_function_is_refused(function):
    def refused(make, option, given):
        with pytest.raises(hogwire.ConfigError) as raised:
            make(**{option: given})
        assert raised.value.option == option
        advice = "which nothing would await; give a synchronous one, with AsyncClient too"
        assert raised.value.problem.endswith(f"not an async one, {advice}")

    clients = [functools.partial(kind, "phc_x") for kind in (hogwire.Client, hogwire.AsyncClient)]
    for make in [*clients, hogwire.Client.from_env, hogwire.AsyncClient.from_env]:
        refused(make, "transport", function)
        refused(make, "before_send", function)
        refused(make, "before_send", [lambda event: event, function])
    refused(built, "before_send", function)
    for make in clients:
        for option in ("on_drop", "on_error", "on_delivered"):
            refused(make(transport=answering()).queue, option, function)


class Unasked:
    """Raises whatever it is asked, but for what it is there for."""

    def __getattribute__(self, name):
        raise RuntimeError(name)

    def __call__(self, request, timeout):
        return 200, {}, b'{"status":"Ok"}'


@pytest.mark.parametrize(
    "make",
    [
        Synchronous,
        Unasked,
        lambda: Synchronous().__call__,
        lambda: functools.partial(Synchronous()),
        lambda: unittest.mock.Mock(side_effect=answering()),
    ],
)
def test_other_functions_are_taken(make):
    with hogwire.Client("phc_x", transport=make()) as client:
        assert client.create_event(distinct_id="u", event_name="e").ok


def test_none_is_the_default():
    names = list(inspect.signature(hogwire.Client).parameters)[1:]
    assert len(names) == 20
    hogwire.Client("phc_x", **dict.fromkeys(names)).close()


def built(**options):
    given = {"DistinctId": "u", "EventName": "e", "Properties": {"own": 1}}
    return hogwire.build("event", given, **{"api_key": "phc_x", **options})


def test_what_options_do():
    request = built(
        host="http://posthog.internal/prefix/",
        geoip_disable=False,
        is_server=False,
        properties={"team": "growth", "own": 2, "price": decimal.Decimal("2.5")},
        headers={"X-Team": "growth"},
        app_info="shop/2.1",
    )
    assert request.url == "http://posthog.internal/prefix/batch/"
    properties = json.loads(request.body)["batch"][0]["properties"]
    assert properties.pop("$lib_version") == hogwire.__version__
    assert properties == {"own": 1, "team": "growth", "price": 2.5, "$lib": "hogwire-python"}
    headers = dict(request.headers)
    assert headers["X-Team"] == "growth"
    assert headers["User-Agent"] == f"hogwire-python/{hogwire.__version__} shop/2.1"


def test_nested_properties(offline):
    client, _ = offline
    given = {"distinct_id": "u", "event_name": "e", "properties": {"list": [1]}}
    assert client.create_event(**given).findings[0].code == "nested_value"
    with hogwire.Client("phc_x", nested_properties=True, transport=answering()) as allowing:
        assert allowing.create_event(**given).ok


def test_compression(receiver):
    with hogwire.Client("phc_x", host=receiver.url, compression="gzip") as client:
        assert client.create_event(distinct_id="u", event_name="e").ok
    [request] = receiver.requests()
    assert ["content-encoding", "gzip"] in [[name.lower(), value] for name, value in request["headers"]]
    assert len(receiver.stored()) == 1


def test_disabled_opted_out_and_closed(receiver):
    send = {"distinct_id": "u", "event_name": "e"}
    disabled = hogwire.Client("phc_x", host=receiver.url, disabled=True)
    assert disabled.create_event(**send).error_code == "disabled"
    client = hogwire.Client("phc_x", host=receiver.url)
    client.opt_out()
    assert client.create_event(**send).error_code == "opted_out"
    client.opt_in()
    assert client.create_event(**send).ok
    with client as same:
        assert same is client
    assert client.create_event(**send).error_code == "closed"
    client.close()
    outcome = client.execute("event", {})
    assert (outcome.error_code, outcome.status_code, outcome.delivery) == ("closed", 500, "not_sent")
    assert len(receiver.requests()) == 1


def test_the_environment(receiver, monkeypatch):
    send = {"distinct_id": "u", "event_name": "e"}
    outcome = hogwire.Client.from_env().create_event(**send)
    assert outcome.error_code == "disabled"
    assert "POSTHOG_API_KEY" in outcome.error_message
    monkeypatch.setenv("POSTHOG_API_KEY", " phc_env ")
    monkeypatch.setenv("POSTHOG_HOST", receiver.url)
    assert hogwire.Client.from_env(timeout=5.0).create_event(**send).ok
    assert receiver.page("stored")[0]["token"] == "phc_env"
    for api_key, token in (("phc_given", "phc_given"), ("", "phc_env"), (None, "phc_env")):
        assert hogwire.Client.from_env(api_key).create_event(**send).ok
        assert hogwire.Client.from_env(api_key=api_key, timeout=5.0).create_event(**send).ok
        assert [event["token"] for event in receiver.page("stored")[-2:]] == [token] * 2
    with pytest.raises(hogwire.ConfigError, match="project API key"):
        hogwire.Client.from_env("phx_personal")
    assert repr(hogwire.Client.from_env(host="http://other.example")) == "Client(host='http://other.example')"
    with pytest.raises(TypeError, match="time_out"):
        hogwire.Client.from_env(time_out=1)
    monkeypatch.setenv("POSTHOG_HOST", "no scheme")
    with pytest.raises(hogwire.ConfigError, match="host"):
        hogwire.Client.from_env()


def test_the_key_never_shows():
    client = hogwire.Client("phc_secret_key", transport=answering(401, b"phc_secret_key is wrong"))
    outcome = client.create_event(distinct_id="u", event_name="e")
    request = hogwire.build("event", {"DistinctId": "u", "EventName": "e"}, api_key="phc_secret_key")
    for text in (repr(client), outcome.error_message, repr(outcome), repr(request), request.to_curl()):
        assert "secret_key" not in text
    with pytest.raises(hogwire.ConfigError) as raised:
        hogwire.Client("phx_secret_key")
    assert "secret_key" not in str(raised.value)


def test_paths_are_taken_as_files(tmp_path):
    missing = pathlib.Path(tmp_path, "missing.pem")
    with pytest.raises(hogwire.ConfigError, match="client_cert"):
        hogwire.Client("phc_x", client_cert=missing)
