"""Limits of the system: what cannot be had says so, and what to raise."""

import pytest

from test_processes import run

pytest.importorskip("resource")


def test_a_queue_without_a_thread_says_so(receiver):
    code = """
import resource, sys, hogwire
queue = hogwire.Client("phc_x", host=sys.argv[1]).queue(close_timeout=0.1)
threads = resource.getrlimit(resource.RLIMIT_AS)
with open("/proc/self/statm") as sizes:
    mapped = int(sizes.read().split()[0]) * resource.getpagesize()
# Not enough for the stack of another thread.
resource.setrlimit(resource.RLIMIT_AS, (mapped + 1_000_000, threads[1]))
queue.create_event(distinct_id="u", event_name="e")
print(queue.flush(timeout=0.1).last_error)
resource.setrlimit(resource.RLIMIT_AS, threads)
print(queue.flush().delivered)
"""
    told, delivered = run(code, receiver.url).stdout.splitlines()
    assert told.startswith("no thread could be started to send the events: ")
    assert told.endswith("; raise the limit of threads or of memory (ulimit, or the container's)")
    assert delivered == "1"


@pytest.mark.parametrize("end", ["flush", "close"])
def test_a_queue_goes_on_as_soon_as_a_thread_can_be_had(receiver, end):
    code = f"""
import resource, sys, threading, hogwire
queue = hogwire.Client("phc_x", host=sys.argv[1]).queue()
threads = resource.getrlimit(resource.RLIMIT_AS)
# The lack has to last for some time.
threading.Timer(0.5, resource.setrlimit, [resource.RLIMIT_AS, threads]).start()
with open("/proc/self/statm") as sizes:
    mapped = int(sizes.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (mapped + 1_000_000, threads[1]))
queue.create_event(distinct_id="u", event_name="e")
assert "no thread could be started" in queue.flush(timeout=0).last_error
print(queue.{end}(timeout=10.0).delivered)
"""
    assert run(code, receiver.url).stdout == "1\n"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_call_without_a_file_for_its_connection_says_so(receiver, host):
    code = """
import resource, sys, hogwire
client = hogwire.Client("phc_x", host=sys.argv[1], max_retries=0)
files = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (3, files[1]))
refused = client.create_event(distinct_id="u", event_name="e")
resource.setrlimit(resource.RLIMIT_NOFILE, files)
print(refused.delivery, refused.error_message)
assert client.create_event(distinct_id="u", event_name="e")
"""
    told = run(code, receiver.url.replace("127.0.0.1", host)).stdout.strip()
    assert told.startswith(f"not_sent no connection to {host}:")
    assert told.endswith("; raise the limit of open files (ulimit -n), or lower max_connections")
