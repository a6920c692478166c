"""Direct calls: one request, one answer, on a warm connection, beside the same bytes on a bare socket."""

import os

from paths import SCRATCH
from sink import running
from tables import median, ratio, spread, table
from workers import FLOOR, HOGWIRE, OFFICIAL_DIRECT, interleaved

COUNT = 2_000


def measure(languages, rounds):
    # Client and sink share a core: no wake-up of another core, and no luck in where the scheduler puts them.
    core = max(os.sched_getaffinity(0))
    with running(core) as sink:
        runs = {}
        for language in languages:
            sink.reset()
            HOGWIRE[language].run(sink, core, mode="direct", count=1, warm_up=0)
            request = SCRATCH / f"request-{language}"
            request.write_bytes(sink.last_request())

            def run(worker, **arguments):
                sink.reset()
                return worker.run(sink, core, count=COUNT, **arguments)

            runs[language, "bare socket"] = lambda worker=FLOOR[language], request=request: run(
                worker, mode="socket", request=request
            )
            workers = [HOGWIRE[language], *filter(None, [OFFICIAL_DIRECT.get(language)])]
            for worker in workers:
                runs[language, worker.client] = lambda worker=worker: run(worker, mode="direct")
        return interleaved(rounds, runs)


def render(results, floors):
    def middle(key, name):
        return median([run[name] / 1_000 for run in results[key]]) if key in results else None

    rows = []
    for (language, client), runs in results.items():
        official = next(
            (key for key in results if key[0] == language and key[1] not in ("hogwire", "bare socket")), None
        )
        p50 = [run["p50_ns"] / 1_000 for run in runs]
        rows.append(
            [language, client, spread(p50), spread([run["p99_ns"] / 1_000 for run in runs])]
            + [ratio(median(p50), middle((language, "bare socket"), "p50_ns")) if client != "bare socket" else ""]
            + [ratio(median(p50), middle(official, "p50_ns")) if client == "hogwire" else ""]
            + [spread([run["cpu_ns"] / COUNT / 1_000 for run in runs])]
            + [sum(run.get("failed", 0) for run in runs), median([run["sink"]["connections"] for run in runs])]
        )
    return (
        f"### Direct calls\n\n{COUNT:,} calls one after the other on a warm connection, client and sink on one"
        " core.\n\n"
        + table(
            [
                "language",
                "client",
                "p50 us",
                "p99 us",
                "p50 to the bare socket",
                "p50 to the official client",
                "CPU us a call",
                "failed",
                "connections",
            ],
            rows,
        )
    )
