"""Real networks: every language's calls through and against real programs on loopback.

    run.py --target TARGET [--languages rust,c,...] [--case TEXT] [--calls 1000]

Prints one table and ends with 1 when anything differed, was left behind, or did not run. Programs that are not
installed are named with the line that installs them, and their cases are skipped; with HOGWIRE_REQUIRE_ALL=1 that is a
failure.
"""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import leaks
import self_check
from cases import CASES
from programs import PACKAGES, Programs, has_ipv6, missing
from stage import Result, run_case

from adapters import adapters


def run_language(adapter, cases, programs):
    """All cases; the process that they share is replaced when a case has broken it."""
    results, shared = {}, adapter.start()
    for case in cases:
        try:
            results[case.name] = run_case(case, adapter, shared, programs)
        except (OSError, RuntimeError) as error:
            results[case.name] = Result(0, {}, [f"{type(error).__name__}: {error}"])
            shared.close()
            shared = adapter.start()
    shared.close()
    return results


def table(cases, names, results):
    """The table of codes and seconds: in each language, as they came in this run."""
    rows = [["case", "code", "Delivery", *names, "within"]]
    for case in cases:
        seconds = [
            f"{results[name][case.name].seconds:.2f}{'!' if results[name][case.name].differences else ''}"
            for name in names
        ]
        words = [str(case.expect[key]) for key in ("ErrorCode", "Delivery")]
        rows.append([case.name, *words, *seconds, f"{case.within:g}"])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if column < 3 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("--languages")
    parser.add_argument("--case", default="")
    parser.add_argument("--calls", type=int, default=1000)
    wanted = parser.parse_args()
    build, required = wanted.target.resolve() / "debug", os.environ.get("HOGWIRE_REQUIRE_ALL") == "1"
    failures = []

    absent = missing()
    if absent:
        print(
            f"SKIPPED what needs {', '.join(absent)}. To install: apt-get install {' '.join(map(PACKAGES.get, absent))}"
        )
    installed = {*PACKAGES} - {*absent}
    at_hand = installed | ({"IPv6"} if has_ipv6() else set())
    wanted_cases = [case for case in CASES if wanted.case in case.name]
    cases = [case for case in wanted_cases if case.needs() <= at_hand]
    for case in wanted_cases:
        if case not in cases:
            print(f"SKIPPED {case.name}: {', '.join(sorted(case.needs() - at_hand))} is not there")
    if required and cases != wanted_cases:
        failures.append(f"{len(wanted_cases) - len(cases)} cases were skipped, and HOGWIRE_REQUIRE_ALL=1")

    known = {adapter.name: adapter for adapter in adapters(build)}
    names = wanted.languages.split(",") if wanted.languages else [*known]
    for name in names:
        if known[name].missing():
            sys.exit(f"the adapter {name} is not built: {known[name].missing()} is missing; run make test-network")
    languages = [known[name] for name in names]

    with (
        Programs(build, wanted.target.resolve() / "network", installed) as programs,
        ThreadPoolExecutor(len(names)) as pool,
    ):
        failures += self_check.run(languages[0], programs)
        results = dict(
            zip(names, pool.map(lambda adapter: run_language(adapter, cases, programs), languages), strict=True)
        )
        for line in table(cases, names, results):
            print(line)
        failures += [
            f"{case.name}, {name}: {difference}"
            for case in cases
            for name in names
            for difference in results[name][case.name].differences
        ]
        if not wanted.case and cases:
            for found in pool.map(lambda adapter: leaks.check(adapter, cases, programs, wanted.calls), languages):
                print(found)
                failures += found.differences
    if not cases:
        failures.append("no case ran")
    for failure in failures:
        print(f"FAILED {failure}")
    verdict = f"{len(failures)} failures" if failures else "all as documented and in time"
    print(f"{len(cases)} cases in {len(names)} languages ({', '.join(names)}): {verdict}.")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
