"""The workers: one program for each language and client, and how one run of it is started and read."""

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys

from paths import BENCH, RELEASE, SCRATCH, WORKERS

# A worker that has not ended by then hangs.
DEADLINE_SECONDS = 600


@dataclasses.dataclass(frozen=True)
class Worker:
    language: str
    client: str
    command: tuple
    environment: tuple = ()

    def run(self, sink=None, core=None, **arguments):
        """Does one run. The figures it printed, with the sink's report under `sink`."""
        if sink is not None:
            arguments = {"host": sink.host, **arguments}
        arguments.setdefault("payload", SCRATCH / "payload.json")
        words = [f"{key}={value}" for key, value in arguments.items() if value is not None]
        pin = (lambda: os.sched_setaffinity(0, {core})) if core is not None else None
        done = subprocess.run(
            [*self.command, *words],
            env={**os.environ, **dict(self.environment)},
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            preexec_fn=pin,
        )
        lines = done.stdout.strip().splitlines()
        if not lines:
            raise RuntimeError(f"{self.language} {self.client} {words}: no figures\n{done.stderr[-2000:]}")
        figures = json.loads(lines[-1])
        if sink is not None:
            figures["sink"] = sink.report()
        return figures


PYTHON = str(SCRATCH / "python" / "bin" / "python")
NODE_PATH = (("NODE_PATH", str(SCRATCH / "node" / "node_modules")),)
# No bytecode beside the workers' sources.
QUIET = (("PYTHONPYCACHEPREFIX", str(SCRATCH / "pycache")),)


def _python(client, name):
    return Worker("python", client, (PYTHON, str(WORKERS / "python" / name)), QUIET)


def _node(client, name):
    return Worker("node", client, ("node", str(WORKERS / "node" / name)), NODE_PATH)


HOGWIRE = {
    "python": _python("hogwire", "hogwire_worker.py"),
    "node": _node("hogwire", "hogwire_worker.js"),
    "rust": Worker("rust", "hogwire", (str(RELEASE / "hogwire-bench-rust"),)),
    "c": Worker("c", "hogwire", (str(SCRATCH / "hogwire-bench-c"),)),
}
OFFICIAL = {
    "python": _python("posthog", "posthog_worker.py"),
    "node": _node("posthog-node", "posthog_worker.js"),
    "rust": Worker("rust", "posthog-rs", (str(SCRATCH / "posthog-rs-asynchronous"),)),
}
# Confirmed sends: Rust's blocking client is the official one that is made for them.
OFFICIAL_DIRECT = {**OFFICIAL, "rust": Worker("rust", "posthog-rs", (str(SCRATCH / "posthog-rs-blocking"),))}
FLOOR = {
    "python": _python("floor", "floor_worker.py"),
    "node": _node("floor", "floor_worker.js"),
    "rust": Worker("rust", "floor", (str(RELEASE / "hogwire-bench-rust"),)),
    "c": Worker("c", "floor", (str(SCRATCH / "hogwire-bench-c"),)),
}
# C has no JSON writer of its own; its floor is Rust's.
JSON_FLOOR = {language: worker for language, worker in FLOOR.items() if language != "c"}
LANGUAGES = tuple(HOGWIRE)


@contextlib.contextmanager
def companion():
    """While this runs, a process of its own compresses for a quarter of the time, as a sender of batches does."""
    command = [PYTHON, str(WORKERS / "python" / "companion.py"), str(SCRATCH / "payload.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            process.stdout.readline()
            yield
        finally:
            process.kill()


def _libraries():
    """The files with hogwire's code that workers run."""
    installed = ("python/lib/python3*/site-packages/hogwire/*.so", "node/node_modules/@hogwire/*/*.node")
    yield from (path for pattern in installed for path in SCRATCH.glob(pattern))
    yield from (RELEASE / name for name in ("hogwire-bench-rust", "libhogwire.so") if (RELEASE / name).exists())


def _place_anew():
    """Copies each library over itself: where a file lies in memory can make its code 5 % faster or slower."""
    for path in _libraries():
        copy = path.with_name(path.name + ".copy")
        shutil.copy2(path, copy)
        copy.replace(path)


def interleaved(rounds, runs, quiet=False):
    """Does every run once, then every run again, `rounds` times: lists of figures by the keys of `runs`."""
    figures = {key: [] for key in runs}
    for number in range(rounds):
        _place_anew()
        for key, run in runs.items():
            if not quiet:
                print(f"  round {number + 1}/{rounds}: {' '.join(map(str, key))}", file=sys.stderr, flush=True)
            figures[key].append(run())
    return figures


def write_payloads():
    """The payload with the places where workers put a new number into each event."""
    properties = json.loads((BENCH / "payload.json").read_text(encoding="utf-8"))
    write_payload(SCRATCH / "payload.json", properties)


def write_payload(path, properties):
    """`properties` with the three that are new for each event: an integer, a number with a fraction, a text."""
    url = properties.get("$current_url", "https://example.com/42/")
    varied = {
        **properties,
        "amount": 10_000_000.99,
        "quantity": 10_000_000,
        "$current_url": url.replace("/42/", "/10000000/"),
    }
    path.write_text(json.dumps(varied, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
