"""`make bench`: makes and measures everything, prints tables, writes target/bench/RESULTS.md and results.json.

BENCH_PARTS=queued,direct      only these parts
BENCH_LANGUAGES=python,node    only these languages
BENCH_ROUNDS=5                 rounds of every part
BENCH_INSTALL=0                measure what was made by the last run
"""

import json
import os
import sys

import install
import machine
import workers
from parts import (
    direct,
    event_count,
    floors,
    memory,
    property_size,
    queued,
    sizes,
    slow_server,
    startup,
    threads,
)
from paths import SCRATCH

# In this order: the floors come first, because other tables relate to them.
PARTS = {
    "floors": floors,
    "queued": queued,
    "direct": direct,
    "memory": memory,
    "startup": startup,
    "sizes": sizes,
    "threads": threads,
    "property_size": property_size,
    "event_count": event_count,
    "slow_server": slow_server,
}


def chosen(name, known):
    words = [word for word in os.environ.get(name, "").split(",") if word] or list(known)
    for word in words:
        if word not in known:
            sys.exit(f"{name}: there is no {word!r}; known are {', '.join(known)}")
    return [word for word in known if word in words]


def main():
    parts = chosen("BENCH_PARTS", PARTS)
    languages = chosen("BENCH_LANGUAGES", workers.LANGUAGES)
    rounds = int(os.environ.get("BENCH_ROUNDS", "5"))
    before = machine.described()
    left_out = install.install(languages) if os.environ.get("BENCH_INSTALL") != "0" else []
    sections = [
        "# Benchmarks\n\nWritten by `make bench`; what is measured, and how, stands in [README.md](README.md).",
        f"{before} Rounds: {rounds}, interleaved. The ratio decides; microseconds are for orientation.",
        *left_out,
    ]
    figures, floor = {}, {}
    for name in parts:
        print(f"{name}:", file=sys.stderr, flush=True)
        results = PARTS[name].measure(languages, rounds)
        figures[name] = {" / ".join(key): runs for key, runs in results.items()}
        # After each part, so that an interrupted run leaves what it has.
        (SCRATCH / "results.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        if name == "floors":
            floor = floors.summary(results)
        text = PARTS[name].render(results, floor)
        print(f"\n{text}\n", flush=True)
        sections.append(text)
        (SCRATCH / "RESULTS.md").write_text("\n\n".join(sections) + "\n", encoding="utf-8")


main()
