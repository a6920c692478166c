"""The worker for the official client in Python: does the run its arguments describe, prints one line of figures."""

import json
import logging
import os

import measure
from posthog import Posthog

logging.getLogger("posthog").setLevel(logging.CRITICAL)
run = measure.arguments()
properties = measure.payload(run["payload"])
options = {"gzip": run.get("compression") == "gzip"}
if run.get("queue_events"):
    options.update(max_queue_size=int(run["queue_events"]), flush_at=int(run["batch_events"]))
client = Posthog("phc_hogwire_benchmark", host=run["host"], sync_mode=run["mode"] == "direct", **options)


def push(number):
    sent = client.capture("benchmark event", distinct_id="user-12345", properties=properties(number))
    return sent is not None


bulk = run["mode"] in ("queued", "held")
print(json.dumps(measure.queued(run, push, client.shutdown) if bulk else measure.calls(run, push)), flush=True)
if run["mode"] == "held":
    os._exit(0)  # without shutting down: what is held has nowhere to go
