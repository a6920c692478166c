"""Queues and processes: the interpreter's end, fork, multiprocessing."""

import gc
import multiprocessing
import os
import subprocess
import sys
import threading
import time
import weakref

import pytest

import hogwire
from conftest import running
from test_processes import in_child, needs_fork, run

SEND = {"distinct_id": "user-1", "event_name": "bought"}
quiet_fork = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def stored_names(receiver):
    return sorted(event["event"] for event in receiver.stored())


@pytest.mark.parametrize(
    "ending",
    ["", "sys.exit(0)", "del queue, client", "import threading; threading.Thread(target=push).start()"],
    ids=["falls off", "sys.exit", "thrown away", "a thread still pushes"],
)
def test_a_program_that_ends_without_a_flush(receiver, ending):
    code = f"""
import sys, hogwire
client = hogwire.Client("phc_x", host=sys.argv[1])
queue = client.queue()
def push():
    for _ in range(10):
        queue.create_event(distinct_id="u", event_name="late")
for _ in range(250):
    queue.create_event(distinct_id="u", event_name="e")
{ending}
"""
    assert run(code, receiver.url).stderr == ""
    assert len(receiver.stored()) == (260 if "push" in ending else 250)


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "thrown away"])
def test_a_queue_that_an_exit_handler_makes(receiver, keep):
    code = f"""
import atexit, sys, hogwire
def say_goodbye():
    queue = hogwire.Client("phc_x", host=sys.argv[1]).queue()
    queue.create_event(distinct_id="u", event_name="goodbye")
    if {keep}:
        sys.kept = queue
atexit.register(say_goodbye)
"""
    assert run(code, receiver.url).stderr == ""
    assert stored_names(receiver) == ["goodbye"]


def test_a_program_that_fails_still_delivers(receiver):
    code = """
import sys, hogwire
queue = hogwire.Client("phc_x", host=sys.argv[1]).queue()
queue.create_event(distinct_id="u", event_name="e")
try:
    raise RuntimeError
finally:
    sys.exit(0)
"""
    run(code, receiver.url)
    assert stored_names(receiver) == ["e"]


def test_many_queues_end_together_within_one_close_timeout():
    code = """
import time, hogwire
client = hogwire.Client("phc_x", host="http://127.0.0.1:1")
told = []
queues = [client.queue(close_timeout=0.5, on_drop=lambda dropped: told.append(dropped.reason)) for _ in range(20)]
for queue in queues:
    queue.create_event(distinct_id="u", event_name="e")
started = time.monotonic()
# What the end of the interpreter calls.
hogwire._native._close_queues()
took = time.monotonic() - started
assert took < 3, took
print(len(told), set(told))
"""
    done = run(code)
    assert done.stdout == "20 {'shutdown'}\n"
    assert done.stderr.count("1 event was not delivered") == 20


def test_what_is_left_at_the_end_is_told(receiver):
    code = """
import sys, hogwire
client = hogwire.Client("phc_x", host="http://127.0.0.1:1")
queue = client.queue(close_timeout=0.2, on_drop=lambda dropped: print(dropped.reason, flush=True))
queue.create_event(distinct_id="u", event_name="e")
queue.create_event(distinct_id="u", event_name="e")
"""
    done = run(code)
    assert done.stdout == "shutdown\nshutdown\n"
    assert done.stderr == "hogwire: 2 events were not delivered before the queue was closed\n"


def test_a_line_about_lost_events_that_cannot_be_written_is_all_that_is_lost():
    code = """
import os, hogwire
reader, writer = os.pipe()
os.close(reader)
os.dup2(writer, 2)
told = []
client = hogwire.Client("phc_x", host="http://127.0.0.1:1")
queue = client.queue(on_drop=lambda dropped: told.append(dropped.reason))
queue.create_event(distinct_id="u", event_name="e")
report = queue.close(timeout=0.1)
print(len(report.dropped), told)
"""
    done = run(code)
    assert (done.stdout, done.stderr) == ("1 ['shutdown']\n", "")


def test_the_line_about_lost_events_stands_before_hooks_are_told():
    code = """
import os, hogwire
client = hogwire.Client("phc_x", host="http://127.0.0.1:1")
queue = client.queue(close_timeout=0.1, on_drop=lambda dropped: (print(dropped.reason, flush=True), os._exit(0)))
queue.create_event(distinct_id="u", event_name="e")
queue.close()
"""
    done = run(code)
    assert done.stdout == "shutdown\n"
    assert done.stderr == "hogwire: 1 event was not delivered before the queue was closed\n"


def test_what_a_queue_that_was_thrown_away_leaves_at_the_end_is_told():
    code = """
import threading, hogwire
client = hogwire.Client("phc_x", host="http://127.0.0.1:1")
failed = threading.Event()
queue = client.queue(
    close_timeout=0.5, on_error=lambda _: failed.set(), on_drop=lambda dropped: print(dropped.reason, flush=True)
)
queue.create_event(distinct_id="u", event_name="e")
del queue, client
# It is being closed, which made it send.
failed.wait()
"""
    done = run(code)
    assert done.stdout == "shutdown\n"
    assert done.stderr == "hogwire: 1 event was not delivered before the queue was closed\n"


@pytest.mark.parametrize(
    "ending",
    ["queue.flush(0)", "del queue", "del queue, client"],
    ids=["falls off", "thrown away", "thrown away with its client"],
)
def test_an_end_while_the_server_hangs(ending):
    code = f"""
import socket, hogwire
# Takes connections and never answers.
server = socket.create_server(("127.0.0.1", 0))
client = hogwire.Client("phc_x", host="http://127.0.0.1:%d" % server.getsockname()[1], timeout=50)
queue = client.queue(close_timeout=0.3, on_drop=lambda dropped: print(dropped.reason, flush=True))
queue.create_event(distinct_id="u", event_name="e")
quick = client.queue(close_timeout=0.1)
{ending}
connection = server.accept()
"""
    started = time.monotonic()
    done = run(code)
    assert done.stdout == "shutdown\n"
    assert time.monotonic() - started < 20


def test_a_queue_that_a_daemon_thread_uses_to_the_end(receiver):
    code = """
import sys, threading, hogwire
queue = hogwire.Client("phc_x", host=sys.argv[1]).queue()
pushed = threading.Event()
def push():
    while queue.create_event(distinct_id="u", event_name="e"):
        pushed.set()
threading.Thread(target=push, daemon=True).start()
pushed.wait()
"""
    assert run(code, receiver.url).stderr == ""
    assert set(stored_names(receiver)) == {"e"}


@pytest.mark.parametrize(
    "call",
    [
        "queue.create_event(distinct_id='', event_name='e')",
        "queue.create_event(distinct_id='u', event_name='e', properties={'id': uuid.UUID(int=5)})",
        "queue.create_event(distinct_id='u', event_name='e', properties=collections.ChainMap({'n': 1}))",
        "client.send_batch(sum(range(1000)) for _ in range(1000))",
    ],
    ids=["logging", "a value's own text", "a mapping's own items", "a batch's own items"],
)
def test_daemon_threads_that_run_python_code_in_calls_to_the_end(call):
    """Before Python 3.14, such a thread is ended wherever it waits for the interpreter: also in the middle of ours."""
    code = f"""
import collections, logging, threading, uuid, hogwire
client = hogwire.Client("phc_x", transport=lambda *_: (200, {{}}, b'{{"status":"Ok"}}'))
queue = client.queue()
begun = threading.Barrier(4)
def push():
    begun.wait()
    try:
        while True:
            {call}
    except RuntimeError as error:
        # As from Python's own executors.
        assert "interpreter is ending" in str(error)
for _ in range(3):
    threading.Thread(target=push, daemon=True).start()
begun.wait()
"""
    for _ in range(3):
        assert run(code).stderr == ""


def test_a_queue_that_is_made_after_the_exit_handlers(receiver):
    code = """
import atexit, sys, uuid
# Runs after those that came later.
def last():
    queue = client.queue()
    # A UUID's text is made by code of Python's.
    queue.create_event(distinct_id="u", event_name="late", properties={"id": uuid.UUID(int=5)})
atexit.register(last)
import hogwire
client = hogwire.Client("phc_x", host=sys.argv[1])
client.queue().create_event(distinct_id="u", event_name="e")
"""
    assert run(code, receiver.url).stderr == ""
    assert stored_names(receiver) == ["e", "late"]


def test_transports_and_hooks_of_pythons_work_at_the_end():
    code = """
import hogwire
def transport(request, timeout):
    print("sent", flush=True)
    return 200, {}, b'{"status":"Ok"}'
client = hogwire.Client("phc_x", transport=transport)
queue = client.queue(on_delivered=lambda uuids, delivery: print(len(uuids), delivery, flush=True))
queue.create_event(distinct_id="u", event_name="e")
"""
    done = run(code)
    assert (done.stdout, done.stderr) == ("sent\n1 accepted\n", "")


def test_ending_while_hooks_run():
    code = """
import threading, time, hogwire
inside = threading.Event()
def busy(*_):
    inside.set()
    until = time.monotonic() + 0.2
    while time.monotonic() < until:
        pass
client = hogwire.Client("phc_x", transport=lambda request, timeout: (200, {}, b'{"status":"Ok"}'))
queue = client.queue(flush_at=1, on_delivered=busy)
for _ in range(8):
    queue.create_event(distinct_id="u", event_name="e")
inside.wait()
print("left", flush=True)
"""
    done = run(code)
    assert (done.stdout, done.stderr) == ("left\n", "")


def test_asyncio_queues_deliver_at_the_end(receiver):
    code = """
import asyncio, sys, hogwire
client = hogwire.AsyncClient("phc_x", host=sys.argv[1])
async def main():
    global queue
    queue = client.queue()
    queue.create_event(distinct_id="u", event_name="e")
asyncio.run(main())
"""
    assert run(code, receiver.url).stderr == ""
    assert stored_names(receiver) == ["e"]


@needs_fork
@quiet_fork
def test_a_queue_across_a_fork(receiver):
    def in_the_child():
        started = queue.stats()["events_pushed_total"]
        queue.create_event(distinct_id="user-1", event_name="child")
        report = queue.flush()
        return (started, report.delivered, report.pending) == (0, 1, 0)

    with hogwire.Client("phc_test", host=receiver.url) as client, client.queue() as queue:
        # Before its first use, with events waiting, and after deliveries.
        assert in_child(in_the_child) == 0
        queue.create_event(distinct_id="user-1", event_name="parent")
        assert in_child(in_the_child) == 0
        assert queue.flush().delivered == 1
        assert in_child(in_the_child) == 0
        queue.create_event(distinct_id="user-1", event_name="parent")
        assert queue.flush().delivered == 1
    assert stored_names(receiver) == ["child"] * 3 + ["parent"] * 2
    assert len({event["uuid"] for event in receiver.stored()}) == 5


@needs_fork
@quiet_fork
def test_forks_while_threads_push(receiver):
    def in_the_child():
        queue.create_event(distinct_id="user-1", event_name="child")
        return queue.close(timeout=20).delivered == 1

    with hogwire.Client("phc_test", host=receiver.url) as client:
        queue = client.queue(flush_at=20)
        stop, pushed, refused = threading.Event(), [], []

        def work():
            while not stop.is_set():
                receipt = queue.create_event(distinct_id="user-1", event_name="parent")
                (pushed if receipt.queued else refused).append(receipt)

        with running(*[work] * 3):
            codes = [in_child(in_the_child) for _ in range(10)]
            stop.set()
        queue.close(timeout=30)
    assert codes == [0] * 10
    # The threads may be faster than the receiver; nothing but a full queue turns an event away.
    assert {receipt.error_code for receipt in refused} <= {"queue_full"}
    assert stored_names(receiver) == ["child"] * 10 + ["parent"] * len(pushed)


@needs_fork
def test_a_forked_child_that_ends_like_a_program(receiver):
    code = """
import os, sys, warnings, hogwire
warnings.simplefilter("ignore")
queue = hogwire.Client("phc_x", host=sys.argv[1]).queue()
queue.create_event(distinct_id="u", event_name="parent")
if os.fork() == 0:
    queue.create_event(distinct_id="u", event_name="child")
    sys.exit(0)
os.wait()
"""
    assert run(code, receiver.url).stderr == ""
    assert stored_names(receiver) == ["child", "parent"]


@needs_fork
def test_a_forked_child_that_never_uses_it(receiver):
    code = """
import os, sys, warnings, hogwire
warnings.simplefilter("ignore")
queue = hogwire.Client("phc_x", host=sys.argv[1]).queue()
queue.create_event(distinct_id="u", event_name="parent")
if os.fork() == 0:
    del queue
    sys.exit(0)
os.wait()
"""
    assert run(code, receiver.url).stderr == ""
    assert stored_names(receiver) == ["parent"]


def push_without_flush(client, number):
    global kept
    kept = client.queue()
    kept.create_event(distinct_id="user-1", event_name=f"child {number}")


@pytest.mark.parametrize(
    "method", [name for name in ("fork", "spawn", "forkserver") if name in multiprocessing.get_all_start_methods()]
)
@quiet_fork
def test_multiprocessing_children_that_never_flush(receiver, method):
    context = multiprocessing.get_context(method)
    with hogwire.Client("phc_test", host=receiver.url) as client, client.queue() as queue:
        queue.create_event(distinct_id="user-1", event_name="parent")
        children = [context.Process(target=push_without_flush, args=(client, number)) for number in range(3)]
        for child in children:
            child.start()
        for child in children:
            child.join(30)
            assert child.exitcode == 0
    assert stored_names(receiver) == ["child 0", "child 1", "child 2", "parent"]


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_multiprocessing_children_that_import_a_program_with_a_queue(receiver, tmp_path, method):
    program = tmp_path / "program.py"
    program.write_text(
        f"""
import multiprocessing, hogwire
queue = hogwire.Client("phc_x", host={receiver.url!r}).queue()
def work():
    queue.create_event(distinct_id="u", event_name="child")
if __name__ == "__main__":
    child = multiprocessing.get_context({method!r}).Process(target=work)
    child.start()
    child.join()
"""
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert stored_names(receiver) == ["child"]


@needs_fork
@quiet_fork
def test_a_parents_queue_in_a_multiprocessing_child(receiver):
    with hogwire.Client("phc_test", host=receiver.url) as client, client.queue() as queue:
        queue.create_event(distinct_id="user-1", event_name="parent")
        child = multiprocessing.get_context("fork").Process(
            target=lambda: queue.create_event(distinct_id="user-1", event_name="child")
        )
        child.start()
        child.join(30)
        assert child.exitcode == 0
    assert stored_names(receiver) == ["child", "parent"]


def test_queues_do_not_outlive_their_last_name():
    with hogwire.Client("phc_test", transport=lambda request, timeout: (200, {}, b"{}")) as client:
        references = [weakref.ref(client.queue()) for _ in range(10)]
        gc.collect()
        assert [reference() for reference in references] == [None] * 10


def test_importing_stays_light_until_the_first_queue():
    code = """
import sys
sys.path.append(sys.argv[1])
import hogwire
assert "weakref" not in sys.modules and "hogwire.testing" not in sys.modules
client = hogwire.Client("phc_x", transport=lambda request, timeout: (200, {}, b'{"status":1}'))
with client.queue() as queue:
    assert queue.create_event(distinct_id="u", event_name="e")
heavy = {"typing", "dataclasses", "logging", "asyncio", "enum", "json", "threading", "multiprocessing"}
assert not set(sys.modules) & heavy, sorted(set(sys.modules) & heavy)
"""
    run(code, os.path.dirname(os.path.dirname(hogwire.__file__)), flags=["-S", "-E", "-I"])
