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

import judge
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
    """What came in this run: codes, and the seconds in each language."""
    rows = [["case", "code", "Delivery", *names, "within"]]
    for case in cases:
        came = [results[name][case.name] for name in names]
        code, delivery = (
            " or ".join(sorted({*words})) for words in zip(*(judge.seen(result.answer) for result in came), strict=True)
        )
        seconds = [f"{result.seconds:.2f}{'!' if result.differences else ''}" for result in came]
        rows.append([case.name, code, delivery, *seconds, f"{case.within:g}"])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        words = [cell.ljust(width) for cell, width in zip(row[:3], widths[:3], strict=True)]
        numbers = [cell.rjust(width) for cell, width in zip(row[3:], widths[3:], strict=True)]
        yield "  ".join(words + numbers)


def choose(text):
    """The cases whose name holds the text and that can run here, and which of those cannot; says what is skipped."""
    absent = missing()
    if absent:
        packages = " ".join(PACKAGES[program] for program in absent)
        print(f"SKIPPED what needs {', '.join(absent)}. To install: apt-get install {packages}")
    at_hand = {*PACKAGES} - {*absent} | ({"IPv6"} if has_ipv6() else set())
    wanted = [case for case in CASES if text in case.name]
    skipped = [case for case in wanted if not case.needs() <= at_hand]
    for case in skipped:
        print(f"SKIPPED {case.name}: {', '.join(sorted(case.needs() - at_hand))} is not there")
    return [case for case in wanted if case not in skipped], skipped


def built(build, names):
    """The languages' adapters; the run ends when one is not built."""
    known = {adapter.name: adapter for adapter in adapters(build)}
    for name in names or known:
        if known[name].missing():
            sys.exit(f"the adapter {name} is not built: {known[name].missing()} is missing; run make test-network")
    return [known[name] for name in names or known]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("--languages", type=lambda names: names.split(","))
    parser.add_argument("--case", default="")
    parser.add_argument("--calls", type=int, default=1000)
    given = parser.parse_args()
    target = given.target.resolve()
    cases, skipped = choose(given.case)
    build = Path(os.environ.get("HOGWIRE_BUILD", target / "debug"))
    languages = built(build, given.languages)
    names = [language.name for language in languages]

    failures = [] if cases else ["no case ran"]
    if skipped and os.environ.get("HOGWIRE_REQUIRE_ALL") == "1":
        failures.append(f"{len(skipped)} cases were skipped, and HOGWIRE_REQUIRE_ALL=1")
    with Programs(build, target / "network") as programs, ThreadPoolExecutor(len(names)) as pool:
        failures += self_check.run(languages[0], programs)
        ran = pool.map(lambda language: run_language(language, cases, programs), languages)
        results = dict(zip(names, ran, strict=True))
        for line in table(cases, names, results):
            print(line)
        for case in cases:
            for name in names:
                failures += [f"{case.name}, {name}: {found}" for found in results[name][case.name].differences]
        if cases and not given.case:
            for found in pool.map(lambda language: leaks.check(language, cases, programs, given.calls), languages):
                print(found)
                failures += found.differences
    for failure in failures:
        print(f"FAILED {failure}")
    verdict = f"{len(failures)} failures" if failures else "all as documented and in time"
    print(f"{len(cases)} cases in {len(names)} languages ({', '.join(names)}): {verdict}.")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
