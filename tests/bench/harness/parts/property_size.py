"""Property size: the cost of a byte, from 100 bytes of properties to 100 KB."""

import functools
import itertools
import json

from paths import BENCH, SCRATCH
from sink import running
from tables import median, spread, table
from workers import HOGWIRE, JSON_FLOOR, interleaved, write_payload

from parts.floors import json_ns_of

# Bytes of properties, and how many such events: about the same work each.
SIZES = {100: 100_000, 1_000: 50_000, 10_000: 5_000, 100_000: 500}
COMPRESSIONS = ("gzip", "none")
FLOOR = "floor"
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

        def run(language, size, compression):
            """With what the program itself takes to make the properties, where it makes an object of them first."""
            worker, given = HOGWIRE[language], {"count": SIZES[size], "payload": payloads[size]}
            made = worker.run(sink, mode="made", **given)["caller_ns"] if language in MAKES_OBJECTS else 0
            sink.reset()
            figures = worker.run(sink, mode="queued", compression=compression, **given)
            return {**figures, "property_bytes": payloads[size].stat().st_size, "made_ns": made}

        def floor(language, size):
            figures = JSON_FLOOR[language].run(mode="floor", count=SIZES[size], payload=payloads[size])
            return {**figures, "property_bytes": payloads[size].stat().st_size}

        runs = {
            (language, str(size), compression): functools.partial(run, language, size, compression)
            for language in languages
            for size in SIZES
            for compression in COMPRESSIONS
        }
        for language, size in itertools.product(filter(JSON_FLOOR.__contains__, languages), SIZES):
            runs[language, str(size), FLOOR] = functools.partial(floor, language, size)
        return interleaved(rounds, runs)


def _of_a_byte(runs, what):
    """Nanoseconds of hogwire's own for each byte sent: `what(run)` without the making of the properties."""
    return median([(what(run) - run["made_ns"]) / run["sink"]["json_bytes"] for run in runs])


def render(results, floors):
    rows, floor_rows = [], []
    for (language, size, compression), runs in results.items():
        count = SIZES[int(size)]
        if compression == FLOOR:
            written = count * runs[0]["property_bytes"]
            json_ns = median([json_ns_of(run) / written for run in runs])
            gzip_ns = median([run["gzip_ns"] / written for run in runs])
            floor_rows.append([language, runs[0]["property_bytes"], json_ns, gzip_ns, json_ns + gzip_ns])
            continue
        sent = median([run["sink"]["json_bytes"] / run["sink"]["events"] for run in runs])
        made_us = median([run["made_ns"] / count / 1_000 for run in runs])
        whole = _of_a_byte(runs, lambda run: run["cpu_ns"])
        caller = _of_a_byte(runs, lambda run: run["caller_ns"])
        body = median([run["sink"]["body_bytes"] / run["sink"]["json_bytes"] for run in runs])
        lost = max(count - run["sink"]["distinct_uuids"] for run in runs)
        rows.append(
            [language, runs[0]["property_bytes"], compression, sent, f"{body:.1%}"]
            + [spread([run["cpu_ns"] / count / 1_000 for run in runs]), made_us or ""]
            + [whole, caller, whole - caller, lost]
        )
    return (
        "### Property size\n\nCPU of the process per delivered event. Made: what the program itself takes to make the"
        " object, which is in the figure and left out of those after it. Bytes sent: the event's JSON with its share of"
        " the batch; body: what compression makes of them, which depends on whether the event before it still lies in"
        " gzip's window of 32 KB. Caller: the pushing thread's part; sender: the rest.\n\n"
        + table(
            ["language", "bytes of properties", "compression", "bytes sent", "body", "us an event", "made, us"]
            + ["ns a byte sent", "caller's", "sender's", "lost"],
            rows,
        )
        + "\n\nThe same properties by the fastest JSON writer and by gzip alone, in nanoseconds a byte of theirs.\n\n"
        + table(["language", "bytes of properties", "JSON text", "gzip level 1", "both"], floor_rows)
    )
