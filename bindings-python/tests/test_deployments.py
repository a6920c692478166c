"""The guide's programs where they live: servers and workers that are stopped, functions that are frozen.

Each program is taken from the guide, as it stands there, and its commands too. Whatever it said it had taken has to be
stored.
"""

import http.client
import json
import multiprocessing
import os
import shlex
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from conftest import fenced, running, wait_until
from test_processes import needs_fork

GUIDE = "bindings-python/README.md"
BIN = os.path.dirname(sys.executable)


class Place:
    """A folder for programs of the guide, and how to start them there."""

    def __init__(self, folder, receiver):
        self.folder = folder
        self.started = []
        self.environment = os.environ | {
            "POSTHOG_API_KEY": "phc_x",
            "POSTHOG_HOST": receiver.url,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            # Servers leave sockets and caches at home.
            "HOME": str(folder),
            "PYTHONPATH": str(folder),
        }

    def write(self, name, change=lambda program: program):
        [program] = [block for block in fenced(GUIDE, "python") if block.startswith(f"# {name}\n")]
        (self.folder / name).write_text(change(program))
        return name

    def command(self, program):
        """The guide's command for a program, in words."""
        [command] = [block for block in fenced(GUIDE, "sh") if block.startswith(f"{program} ")]
        return shlex.split(command)

    def start(self, *words, **more):
        process = subprocess.Popen(words, cwd=self.folder, env=self.environment, **more)
        self.started.append(process)
        return process


@pytest.fixture
def place(tmp_path, receiver):
    place = Place(tmp_path, receiver)
    yield place
    for process in place.started:
        process.kill()
        with process:  # closes its pipes
            pass


def waits_an_hour(program):
    """The program with a queue that sends nothing by itself: only what the end delivers arrives."""
    assert ".queue()" in program
    return program.replace(".queue()", ".queue(flush_interval=3600.0, flush_at=100_000)")


def stored_uuids(receiver):
    uuids = [event["uuid"] for event in receiver.stored()]
    assert len(uuids) == len(set(uuids))
    return set(uuids)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def answer(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as response:
        return response.read().decode().strip()


def answers(port):
    try:
        return answer(port)
    except OSError:
        return None


def under_load_until_stopped(server, port, requests=400):
    """Eight clients ask; the server is told to stop in the middle of it; what they were answered."""
    first = []
    wait_until(lambda: first.append(answers(port)) or first[-1], within=60)
    answered = [first[-1]]

    def ask():
        while True:
            try:
                answered.append(answer(port))
            except (OSError, http.client.HTTPException):  # it listens no more
                return

    with running(*[ask] * 8):
        wait_until(lambda: len(answered) >= requests, within=60)
        server.send_signal(signal.SIGTERM)
        code = server.wait(60)
    return code, answered


@needs_fork
@pytest.mark.parametrize("change", [str, waits_an_hour], ids=["as it stands", "all at the end"])
def test_gunicorn_with_preload_and_four_workers(receiver, place, change):
    place.write("app.py", change)
    port = free_port()
    command = place.command("gunicorn")
    assert command[1:-1] == ["--preload", "--workers", "4"]
    server = place.start(*command, "--bind", f"127.0.0.1:{port}", stderr=subprocess.DEVNULL)
    code, answered = under_load_until_stopped(server, port)
    assert code == 0
    uuids = stored_uuids(receiver)
    assert set(answered) <= uuids
    names = [event["event"] for event in receiver.stored()]
    assert names.count("Server Loaded") == 1, "what the parent pushed before the fork is sent once"


@pytest.mark.parametrize("change", [str, waits_an_hour], ids=["as it stands", "all at the end"])
def test_uvicorn_closes_the_queue_in_its_lifespan(receiver, place, change):
    place.write("web.py", change)
    port = free_port()
    server = place.start(*place.command("uvicorn"), "--port", str(port), "--log-level", "error")
    code, answered = under_load_until_stopped(server, port)
    assert code == -signal.SIGTERM, "it leaves without exit handlers"
    assert set(answered) <= stored_uuids(receiver)


def test_a_script_that_is_stopped(receiver, place):
    place.write("consumer.py", waits_an_hour)
    script = place.start(sys.executable, "consumer.py", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    script.stdin.write("".join(f"user-{number}\n" for number in range(100)))
    script.stdin.flush()
    taken = {script.stdout.readline().strip() for _ in range(100)}
    assert not receiver.stored()
    script.send_signal(signal.SIGTERM)
    assert script.wait(60) == 143
    assert stored_uuids(receiver) == taken


EXECUTOR = """    with concurrent.futures.ProcessPoolExecutor(4) as pool:
        uuids = list(pool.map(resize, range(200)))
"""
# What the guide says of the other kind of pool: closed and joined before the block ends.
POOL = """    with multiprocessing.Pool(4) as pool:
        uuids = pool.map(resize, range(200))
        pool.close()
        pool.join()
"""


@pytest.mark.parametrize("pool", [EXECUTOR, POOL], ids=["executor", "pool"])
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_pool_whose_workers_share_a_module(receiver, place, method, pool):
    main = 'if __name__ == "__main__":\n'

    def change(program):
        assert main + EXECUTOR in program
        chosen = f'{main}    import multiprocessing\n    multiprocessing.set_start_method("{method}")\n'
        return f"{waits_an_hour(program).replace(main + EXECUTOR, chosen + pool)}    print(*uuids)\n"

    place.write("jobs.py", change)
    done = subprocess.run(
        [sys.executable, "jobs.py"],
        cwd=place.folder,
        env=place.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert stored_uuids(receiver) == set(done.stdout.split())


CELERY_ON_FILES = """
from pathlib import Path

for folder in ("broker", "control", "results"):
    Path(folder).mkdir(exist_ok=True)
broker_url = "filesystem://"
broker_transport_options = {"data_folder_in": "broker", "data_folder_out": "broker", "control_folder": "control"}
result_backend = "file://results"
"""
CELERY_CALLER = """
import tasks

results = [tasks.ship.delay(order) for order in range(40)]
print(*(result.get(timeout=60, interval=0.01) for result in results))
"""


@needs_fork
def test_a_celery_worker_that_is_stopped(receiver, place):
    (place.folder / "celeryconfig.py").write_text(CELERY_ON_FILES)
    place.write("tasks.py", waits_an_hour)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    worker = place.start(*place.command("celery"), "--without-mingle", "--without-gossip", **quiet)
    caller = place.start(sys.executable, "-c", CELERY_CALLER, stdout=subprocess.PIPE, text=True)
    told = caller.communicate(timeout=120)[0].split()
    assert len(set(told)) == 40
    assert not receiver.stored()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    assert stored_uuids(receiver) == set(told)


HOST = """
import json, sys
import handler

print("ready", flush=True)
for line in sys.stdin:
    print(json.dumps(handler.handler(json.loads(line), None)), flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system cannot freeze a process")
def test_a_function_that_is_frozen_when_it_returns(receiver, place):
    place.write("handler.py", waits_an_hour)
    host = place.start(sys.executable, "-c", HOST, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert host.stdout.readline() == "ready\n"
    already = len(receiver.stored())
    for invocation in range(1, 4):
        # Its connection dies while it is frozen.
        receiver.script({"close": True, "silent": True})
        host.stdin.write(json.dumps({"user": "user-1", "orders": [invocation, -invocation]}) + "\n")
        host.stdin.flush()
        assert json.loads(host.stdout.readline()) == {"delivered": 2, "pending": 0, "error": ""}
        host.send_signal(signal.SIGSTOP)
        assert len(receiver.stored()) == already + 2 * invocation
        host.send_signal(signal.SIGCONT)
    assert len(stored_uuids(receiver)) == already + 6
