"""Floors: what nobody can do without. The JSON text of the properties, and gzip of it."""

from tables import median, number, table
from workers import JSON_FLOOR, interleaved

COUNT = 20_000


def measure(languages, rounds):
    return interleaved(
        rounds,
        {
            (language,): lambda worker=worker: worker.run(mode="floor", count=COUNT)
            for language, worker in JSON_FLOOR.items()
            if language in languages
        },
    )


def json_ns_of(run):
    """What the fastest writer of JSON took in a run."""
    return run.get("orjson_ns", run["json_ns"])


def summary(results):
    """Microseconds per event by language; JSON is that of the fastest writer."""
    floors = {}
    for (language,), runs in results.items():
        each = {name: median([run[name] / COUNT / 1_000 for run in runs]) for name in runs[0]}
        floors[language] = {
            "made_us": each["made_ns"],
            "json_us": json_ns_of(each),
            "standard_json_us": each["json_ns"],
            "gzip_us": each["gzip_ns"],
        }
    if "rust" in floors:
        floors["c"] = floors["rust"]
    return floors


def render(results, floors):
    names = {"python": "orjson", "node": "JSON.stringify", "rust": "serde_json"}
    rows = [
        [language, names[language], floor["json_us"], floor["gzip_us"], floor["made_us"]]
        + [f"json.dumps: {number(floor['standard_json_us'])}" if language == "python" else ""]
        for language, floor in floors.items()
        if language != "c"
    ]
    return "### Floors\n\nMicroseconds per event.\n\n" + table(
        ["language", "writer", "JSON text", "gzip level 1", "making the properties", ""], rows
    )
