"""Property size: the cost of a byte, from 100 bytes of properties to 100 KB."""

import itertools
import json

from paths import BENCH, SCRATCH
from sink import running
from tables import median, number, spread, table
from workers import HOGWIRE, interleaved, write_payload

# Bytes of properties, and how many such events: about the same work each.
SIZES = {100: 100_000, 1_000: 50_000, 10_000: 5_000, 100_000: 500}
# Rust's and C's workers write the properties straight into hogwire's own, or into JSON text.
MAKES_OBJECTS = ("python", "node")


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

        def run(language, size):
            """With what the program itself takes to make the properties, where it makes an object of them first."""
            worker, given = HOGWIRE[language], {"count": SIZES[size], "payload": payloads[size]}
            made = worker.run(sink, mode="made", **given)["caller_ns"] if language in MAKES_OBJECTS else 0
            sink.reset()
            figures = worker.run(sink, mode="queued", **given)
            return {**figures, "property_bytes": payloads[size].stat().st_size, "made_ns": made}

        runs = {
            (language, str(size)): lambda language=language, size=size: run(language, size)
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
        made_us = median([run["made_ns"] / count / 1_000 for run in runs])
        sent = median([run["sink"]["json_bytes"] / run["sink"]["events"] for run in runs])
        own_us = median(event_us) - made_us
        more = ""
        if before and before[0] == language:
            more = number((own_us - before[1]) * 1_000 / (length - before[2]))
        before = (language, own_us, length)
        lost = max(count - run["sink"]["distinct_uuids"] for run in runs)
        rows.append([language, length, sent, spread(event_us), made_us or "", own_us * 1_000 / sent, more, lost])
    return (
        "### Property size\n\nCPU of the process per delivered event with default settings (gzip). Made: what the"
        " program itself takes to make the object, which is in the figure and left out of those after it. Bytes sent:"
        " the event's JSON with its share of the batch. Each byte more: beyond the size before, so without what every"
        " event costs.\n\n"
        + table(
            [
                "language",
                "bytes of properties",
                "bytes sent",
                "us an event",
                "made, us",
                "ns a byte sent",
                "ns for each byte more",
                "lost",
            ],
            rows,
        )
    )
