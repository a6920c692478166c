"""The loopback sink as a child process, and its control requests."""

import contextlib
import http.client
import json
import os
import subprocess

from paths import RELEASE


class Sink:
    def __init__(self, port):
        self.port = port
        self.host = f"http://127.0.0.1:{port}"

    def _ask(self, method, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request(method, path)
        answer = connection.getresponse().read()
        connection.close()
        return answer

    def reset(self, delay_ms=0):
        self._ask("POST", f"/control/reset?delay_ms={delay_ms}")

    def report(self):
        return json.loads(self._ask("GET", "/control/report"))

    def last_request(self):
        return self._ask("GET", "/control/last-request")


@contextlib.contextmanager
def running(core=None):
    """A sink of its own; on one core when it is given."""
    program = str(RELEASE / "hogwire-bench-sink")
    pin = (lambda: os.sched_setaffinity(0, {core})) if core is not None else None
    process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True, preexec_fn=pin)
    try:
        yield Sink(int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
