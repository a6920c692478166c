"""Processes: fork, pickling, the interpreter's start and its end."""

import asyncio
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading

import pytest

import hogwire
from conftest import answering, running

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def run(code, *arguments, flags=()):
    done = subprocess.run(
        [sys.executable, *flags, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


def in_child(act):
    """Runs `act` in a forked child and gives its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if act() else 2
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_client_used_before_and_after_a_fork_in_both(own_receiver):
    send = {"distinct_id": "user-1", "event_name": "bought"}
    with hogwire.Client("phc_test", host=own_receiver.url) as client:
        uuids = [client.create_event(**send).event_uuid]
        assert in_child(lambda: client.create_event(**send).ok and client.create_event(**send).ok) == 0
        uuids += [client.create_event(**send).event_uuid for _ in range(2)]
    assert len({event["uuid"] for event in own_receiver.stored()}) == 5
    assert all(uuids)
    # The parent's connection stayed its own: two connections, one of each process.
    assert own_receiver.page("stats")["connections"] == 2


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_forks_while_other_threads_send(own_receiver):
    send = {"distinct_id": "user-1", "event_name": "bought"}
    with hogwire.Client("phc_test", host=own_receiver.url) as client:
        stop = threading.Event()

        def work():
            while not stop.is_set():
                assert client.create_event(**send).ok

        with running(*[work] * 4):
            codes = [in_child(lambda: client.create_event(**send).ok) for _ in range(10)]
            stop.set()
    assert codes == [0] * 10


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_asyncio_in_a_forked_child(receiver):
    async def send():
        return (await client.create_event(distinct_id="user-1", event_name="bought")).ok

    client = hogwire.AsyncClient("phc_test", host=receiver.url)
    assert asyncio.run(send())
    assert in_child(lambda: asyncio.run(send())) == 0
    assert asyncio.run(send())
    client.close()


def send_number(client, number):
    return client.create_event(distinct_id="user-1", event_name="bought", properties={"n": number})


@pytest.mark.parametrize(
    "method", [name for name in ("fork", "spawn") if name in multiprocessing.get_all_start_methods()]
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_multiprocessing_carries_clients_and_outcomes(receiver, method):
    with hogwire.Client("phc_test", host=receiver.url) as client:
        assert send_number(client, 0).ok
        with multiprocessing.get_context(method).Pool(2) as pool:
            outcomes = pool.starmap(send_number, [(client, number) for number in range(1, 7)])
    assert all(outcomes)
    assert sorted(event["properties"]["n"] for event in receiver.stored()) == list(range(7))


ok = answering()


def transport(request, timeout):
    return ok(request, timeout)


def drop(event):
    return None


def test_pickling_carries_the_configuration(receiver, monkeypatch):
    send = {"distinct_id": "u", "event_name": "e"}
    client = hogwire.Client("phc_test", host=receiver.url, timeout=1.5, properties={"team": "growth"})
    twin = pickle.loads(pickle.dumps(client))
    client.close()
    assert twin.create_event(**send).ok
    assert receiver.stored()[0]["properties"]["team"] == "growth"
    with_callbacks = hogwire.Client("phc_test", transport=transport, before_send=[drop])
    assert pickle.loads(pickle.dumps(with_callbacks)).create_event(**send).error_code == "dropped"
    out = hogwire.Client("phc_test", transport=transport)
    out.opt_out()
    assert pickle.loads(pickle.dumps(out)).create_event(**send).error_code == "opted_out"
    monkeypatch.setenv("POSTHOG_API_KEY", "phc_env")
    from_env = hogwire.Client.from_env(host="http://other.example")
    assert repr(pickle.loads(pickle.dumps(from_env))) == repr(from_env)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(hogwire.Client("phc_test", transport=lambda request, timeout: None))


def test_importing_stays_light():
    # -S leaves out `site`, which would bring modules of its own.
    code = """
import sys
sys.path.append(sys.argv[1])
before = set(sys.modules)
import hogwire
new = set(sys.modules) - before
heavy = {"typing", "dataclasses", "logging", "asyncio", "enum", "re", "json", "collections", "inspect", "threading"}
assert not new & heavy, sorted(new & heavy)
client = hogwire.Client("phc_x", transport=lambda request, timeout: (200, {}, b'{"status":1}'))
assert client.create_event(distinct_id="u", event_name="e", properties={"n": 1}).ok
assert not client.create_event(distinct_id="u", event_name="e", properties={"n": object()}).ok
new = set(sys.modules) - before
assert not new & heavy, sorted(new & heavy)
"""
    path = os.path.dirname(os.path.dirname(hogwire.__file__))
    run(code, path, flags=["-S", "-E", "-I"])


def test_leaving_with_calls_under_way(receiver):
    receiver.script(*[{"delay_ms": 300} for _ in range(8)])
    code = """
import asyncio, sys, threading
import hogwire
client = hogwire.AsyncClient("phc_x", host=sys.argv[1])
slow = hogwire.Client("phc_x", host=sys.argv[1])

async def main():
    for _ in range(4):
        asyncio.ensure_future(client.create_event(distinct_id="u", event_name="e"))
    await asyncio.sleep(0)

asyncio.run(main())
for _ in range(4):
    threading.Thread(target=lambda: slow.create_event(distinct_id="u", event_name="e"), daemon=True).start()
print("left")
"""
    done = run(code, receiver.url)
    assert (done.stdout, done.stderr) == ("left\n", "")


def test_leaving_while_callbacks_run():
    code = """
import asyncio, threading, time
import hogwire
inside = threading.Event()

def transport(request, timeout):
    inside.set()
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        pass
    return 200, {}, b'{"status":1}'

client = hogwire.AsyncClient("phc_x", transport=transport)

async def main():
    for _ in range(8):
        asyncio.ensure_future(client.create_event(distinct_id="u", event_name="e"))
    await asyncio.sleep(0)
    inside.wait()

asyncio.run(main())
print("left")
"""
    done = run(code)
    assert (done.stdout, done.stderr) == ("left\n", "")


def test_a_call_from_an_exit_handler(receiver):
    code = """
import atexit, sys
kept = []
atexit.register(lambda: print(kept[0].create_event(distinct_id="u", event_name="late").error_code))
import hogwire
kept.append(hogwire.Client("phc_x", host=sys.argv[1]))
"""
    assert run(code, receiver.url).stdout == "ok\n"


def test_a_panic_ends_in_an_outcome_or_an_ordinary_exception(offline):
    client, sent = offline
    send = {"distinct_id": "u", "event_name": "e"}
    panic = hogwire._native._panic_on_next_call
    panic()
    outcome = client.create_event(**send)
    assert (outcome.error_code, outcome.status_code, outcome.delivery) == ("internal", 500, "not_sent")
    assert "a planned panic" in outcome.error_message
    panic()
    assert client.execute("event", {}).error_code == "internal"
    request = hogwire.build("event", {"DistinctId": "u", "EventName": "e"}, api_key="phc_x")
    for function in (
        lambda: hogwire.Client("phc_x"),
        lambda: hogwire.build("event", {}, api_key="phc_x"),
        lambda: hogwire.Request.from_dict({}),
        request.to_curl,
    ):
        panic()
        with pytest.raises(RuntimeError, match="a planned panic"):
            function()
    panic()
    assert hogwire.interpret(request, status=200).error_code == "internal"
    assert client.create_event(**send).ok
    assert len(sent) == 1


# Not isolated, as mod_wsgi makes them: Python itself lets an isolated one import no such module.
SUBINTERPRETER = """
try:
    import _xxsubinterpreters as interpreters
    made = interpreters.create(isolated=False)
except ImportError:
    import _interpreters as interpreters
    made = interpreters.create("legacy")
code = "try:\\n    import hogwire\\nexcept ImportError as error:\\n    print(error, flush=True)"
(getattr(interpreters, "run_string", None) or interpreters.exec)(made, code)
"""


@pytest.mark.parametrize("first", ["", "import hogwire"])
def test_a_subinterpreter_is_told_that_it_cannot_import(first):
    done = run(f"{first}\n{SUBINTERPRETER}")
    assert done.stdout.startswith("hogwire works in the main interpreter only")
    assert "WSGIApplicationGroup %{GLOBAL}" in done.stdout
