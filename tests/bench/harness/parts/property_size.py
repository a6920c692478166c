"""Property size: the cost of a byte, from 100 bytes of properties to 100 KB."""

import itertools
import json

from paths import BENCH, SCRATCH
from sink import running
from tables import median, number, spread, table
from workers import HOGWIRE, interleaved, write_payload

# Bytes of properties, and how many such events: about the same work each.
SIZES = {100: 100_000, 1_000: 50_000, 10_000: 5_000, 100_000: 500}


def payload_of(size):
    """A file of about that many bytes: the benchmark's properties again and again, under new names."""
    base = json.loads((BENCH / "payload.json").read_text(encoding="utf-8"))
    varied = {name: base.pop(name) for name in ("amount", "quantity", "$current_url")}
    properties = dict(varied) if size > 200 else {}
    path = SCRATCH / f"payload-{size}.json"
    repeated = enumerate(itertools.cycle(base.items()))
    write_payload(path, properties)
    while path.stat().st_size < size:
        index, (name, value) = next(repeated)
        properties[f"{name}_{index}"] = value
        write_payload(path, properties)
    return path


def measure(languages, rounds):
    payloads = {size: payload_of(size) for size in SIZES}
    with running() as sink:

        def run(worker, size):
            sink.reset()
            figures = worker.run(sink, mode="queued", count=SIZES[size], payload=payloads[size])
            return {**figures, "property_bytes": payloads[size].stat().st_size}

        runs = {
            (language, str(size)): lambda worker=HOGWIRE[language], size=size: run(worker, size)
            for language in languages
            for size in SIZES
        }
        return interleaved(rounds, runs)


def render(results, floors):
    rows = []
    before = None
    for (language, size), runs in results.items():
        count, length = SIZES[int(size)], runs[0]["property_bytes"]
        event_us = [run["cpu_ns"] / count / 1_000 for run in runs]
        sent = median([run["sink"]["json_bytes"] / run["sink"]["events"] for run in runs])
        more = ""
        if before and before[0] == language:
            more = number((median(event_us) - before[1]) * 1_000 / (length - before[2]))
        before = (language, median(event_us), length)
        lost = max(count - run["sink"]["distinct_uuids"] for run in runs)
        caller = median([run["caller_ns"] / count / length for run in runs])
        each = median(event_us) * 1_000
        rows.append([language, length, sent, spread(event_us), each / sent, each / length, more, caller, lost])
    return (
        "### Property size\n\nCPU of the process per delivered event with default settings (gzip). Bytes sent: the event's JSON"
        " with its share of the batch. Each byte more: beyond the size before, so without what every event costs.\n\n"
        + table(
            [
                "language",
                "bytes of properties",
                "bytes sent",
                "us an event",
                "ns a byte sent",
                "ns a byte of properties",
                "ns for each byte more",
                "caller ns a byte of properties",
                "lost",
            ],
            rows,
        )
    )
