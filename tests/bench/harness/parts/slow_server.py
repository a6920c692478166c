"""A server that takes 50 ms to answer: how long 100,000 events take, and how many arrive."""

from sink import running
from tables import median, ratio, spread, table
from workers import HOGWIRE, OFFICIAL, interleaved

from .queued import COUNT, TUNED_BATCH

DELAY_MS = 50


def measure(languages, rounds):
    with running() as sink:

        def run(worker, **arguments):
            sink.reset(DELAY_MS)
            return worker.run(sink, mode="queued", count=COUNT, **arguments)

        runs = {}
        for language in languages:
            runs[language, "hogwire", "defaults"] = lambda worker=HOGWIRE[language]: run(worker)
            if language in OFFICIAL:
                official = OFFICIAL[language]
                tuned = {"queue_events": COUNT, "batch_events": TUNED_BATCH[language], "compression": "gzip"}
                runs[language, official.client, "defaults"] = lambda worker=official: run(worker)
                runs[language, official.client, "tuned, gzip"] = lambda worker=official, tuned=tuned: run(
                    worker, **tuned
                )
        return interleaved(rounds, runs)


def render(results, floors):
    def rate(runs):
        return median([run["sink"]["distinct_uuids"] / run["wall_ns"] * 1e6 for run in runs])

    official = [rate(runs) for key, runs in results.items() if key[1] != "hogwire"]
    rows = []
    for key, runs in results.items():
        lost = [COUNT - run["sink"]["distinct_uuids"] for run in runs]
        rows.append(
            [*key, spread([run["wall_ns"] / 1e9 for run in runs]), spread(lost) if len(set(lost)) > 1 else lost[0]]
            + [rate(runs), ratio(rate(runs), max(official, default=None)) if key[1] == "hogwire" else ""]
            + [median([run["sink"]["requests"] for run in runs]), median([run["sink"]["connections"] for run in runs])]
        )
    return f"### A server that takes {DELAY_MS} ms\n\n{COUNT:,} events in a tight loop, then close.\n\n" + table(
        [
            "language",
            "client",
            "variant",
            "seconds",
            "lost",
            "thousand delivered a second",
            "to the fastest official client",
            "requests",
            "connections",
        ],
        rows,
    )
