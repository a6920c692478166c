"""The worker for hogwire in Python: does the run its arguments describe, prints one line of figures."""

import json
import os

import hogwire
import measure

run = measure.arguments()
client = hogwire.Client(
    "phc_hogwire_benchmark", host=run["host"], protocol=run.get("protocol", "v0"), nested_properties=True
)
properties = measure.payload(run["payload"])

if run["mode"] in ("queued", "held"):
    options = {}
    if run.get("compression"):
        options["compression"] = run["compression"]
    if run.get("queue_events"):
        options.update(max_queue_events=int(run["queue_events"]), max_queue_bytes=16 << 30)
    queue = client.queue(**options)
    create_event = queue.create_event

    def push(number):
        receipt = create_event(distinct_id="user-12345", event_name="benchmark event", properties=properties(number))
        return receipt.queued

    figures = measure.queued(run, push, lambda: queue.close(timeout=300.0), lambda: queue.flush(timeout=300.0))
elif run["mode"] == "made":
    figures = measure.queued(run, lambda number: bool(properties(number)), None)
else:

    def call(number):
        outcome = client.create_event(
            distinct_id="user-12345", event_name="benchmark event", properties=properties(number)
        )
        return outcome.ok

    figures = measure.calls(run, call)
print(json.dumps(figures), flush=True)
if run["mode"] == "held":
    os._exit(0)  # without closing: what is held has nowhere to go
