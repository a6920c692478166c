"""`make bench`: makes and measures everything, prints the tables, and writes them to target/bench/RESULTS.md and results.json.

BENCH_PARTS=queued,direct      only these parts
BENCH_LANGUAGES=python,node    only these languages
BENCH_ROUNDS=5                 rounds of every part
BENCH_INSTALL=0                measure what was made by the last run
"""

import json
import os
import platform
import subprocess
import sys
import time

import direct
import floors
import install
import queued
import workers
from paths import PROJECT, SCRATCH

PARTS = ("floors", "queued", "direct")


def chosen(name, known):
    words = [word for word in os.environ.get(name, "").split(",") if word] or list(known)
    for word in words:
        if word not in known:
            sys.exit(f"{name}: there is no {word!r}; known are {', '.join(known)}")
    return [word for word in known if word in words]


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    with open("/proc/meminfo") as file:
        memory = int(file.readline().split()[1]) // (1 << 20)

    def version(*command):
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    commit = version("git", "-C", str(PROJECT), "describe", "--always", "--dirty")
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} cores of {model}, {memory} GiB, Linux {platform.release()};"
        f" {version('rustc', '--version').rsplit(' (', 1)[0]}, {version(workers.PYTHON, '--version')},"
        f" Node {version('node', '--version')}, {version('gcc', '--version').splitlines()[0]}."
        f" hogwire at {commit}, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC; load average at the start {load}."
    )


def main():
    parts = chosen("BENCH_PARTS", PARTS)
    languages = chosen("BENCH_LANGUAGES", workers.LANGUAGES)
    rounds = int(os.environ.get("BENCH_ROUNDS", "5"))
    left_out = install.install(languages) if os.environ.get("BENCH_INSTALL") != "0" else []
    sections = [
        "# Benchmarks\n\nWritten by `make bench`; what is measured and how stands in [README.md](README.md).",
        machine() + f" {rounds} rounds, interleaved. The ratio decides; microseconds are for orientation.",
        *left_out,
    ]
    raw = {}
    floor = {}
    for part in parts:
        print(f"{part}:", file=sys.stderr)
        if part == "floors":
            results = floors.measure(languages, rounds)
            floor = floors.summary(results)
            text = floors.render(results)
        elif part == "queued":
            results = queued.measure(languages, rounds)
            text = queued.render(results, floor)
        else:
            results = direct.measure(languages, rounds)
            text = direct.render(results)
        raw[part] = {" / ".join(key): runs for key, runs in results.items()}
        sections.append(text)
        print(f"\n{text}\n", flush=True)
    (SCRATCH / "RESULTS.md").write_text("\n\n".join(sections) + "\n", encoding="utf-8")
    (SCRATCH / "results.json").write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")


main()
