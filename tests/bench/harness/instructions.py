"""`make bench-instructions`: instructions of the core, counted by valgrind, beside the figures checked in.

BLESS=1   writes the new figures to tests/bench/instructions.json
"""

import json
import os
import re
import subprocess
import sys

from paths import BENCH, RELEASE
from tables import table

PROGRAM = str(RELEASE / "hogwire-bench-instructions")
CHECKED_IN = BENCH / "instructions.json"
# How often a case is done, and how many events that is each time; then twice as often. What it costs once is the
# difference, and everything else cancels out. More often where a queue's thread may take its turn here or there.
COUNTS = {"push": (200, 1), "batch": (2, 100), "queue and deliver": (10, 100), "": (20, 1)}
# What differs by less is the hash seed or a thread's turn, not the code.
NOISE_PERCENT = 1.0


def counted(case, count):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", PROGRAM, case, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not collected:
        sys.exit(f"{case}: {done.stderr[-2000:]}")
    return int(collected.group(1))


def cost(case):
    """Instructions of one event."""
    count, events = next(counts for name, counts in COUNTS.items() if case.startswith(name))
    return round((counted(case, 2 * count) - counted(case, count)) / count / events)


def main():
    cases = subprocess.run([PROGRAM], capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
    before = json.loads(CHECKED_IN.read_text()) if CHECKED_IN.exists() else {}
    compiler = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split(" (")[0]
    costs, rows = {}, []
    for case in cases:
        print(f"  {case}", file=sys.stderr, flush=True)
        costs[case] = now = cost(case)
        old = before.get("instructions", {}).get(case)
        change = (now / old - 1) * 100 if old else None
        word = "new" if change is None else "same" if abs(change) < NOISE_PERCENT else f"{change:+.1f} %"
        rows.append([case, now, old, word])
    print(table(["case", "instructions an event", "checked in", "change"], rows))
    if before and before["compiler"] != compiler:
        print(f"\nThe figures checked in are of {before['compiler']}; these are of {compiler}.")
    if os.environ.get("BLESS") == "1":
        text = json.dumps({"compiler": compiler, "instructions": costs}, indent=2)
        CHECKED_IN.write_text(text + "\n")


main()
