"""Threads: pushing from 1, 2, 4 and 8 of them while batches are being sent."""

import functools

from sink import running
from tables import median, spread, table
from workers import HOGWIRE, OFFICIAL, companion, interleaved

COUNT = 100_000
THREADS = (1, 2, 4, 8)
# Where threads take turns, what the program costs without any client: it makes the properties only.
TAKES_TURNS = ("python",)
ALONE = "the program alone"
BESIDE = "the program alone, beside gzip"
# The official client has a queue of its own in each worker too; its figures are those of one thread.
ONE_THREAD_ONLY = ("node",)


def measure(languages, rounds):
    with running() as sink:

        def run(worker, threads, mode="queued", **arguments):
            sink.reset()
            return worker.run(sink, mode=mode, count=COUNT, threads=threads, timed=1, **arguments)

        def beside_gzip(run):
            with companion():
                return run()

        runs = {}
        for language in languages:
            for threads in THREADS:
                runs[language, "hogwire", str(threads)] = lambda worker=HOGWIRE[language], threads=threads: run(
                    worker, threads
                )
            for threads in THREADS if language in TAKES_TURNS else ():
                made = functools.partial(run, HOGWIRE[language], threads, mode="made")
                runs[language, ALONE, str(threads)] = made
                runs[language, BESIDE, str(threads)] = functools.partial(beside_gzip, made)
            if language in OFFICIAL:
                official = OFFICIAL[language]
                tuned = {"queue_events": COUNT, "batch_events": 1_000, "compression": "gzip"}
                for threads in (THREADS[0], THREADS[-1]):
                    if language in ONE_THREAD_ONLY and threads > 1:
                        continue
                    runs[language, official.client, str(threads)] = (
                        lambda worker=official, threads=threads, tuned=tuned: run(worker, threads, **tuned)
                    )
        return interleaved(rounds, runs)


def render(results, floors):
    rows = []
    for key, runs in results.items():
        rate = [COUNT / run["pushed_wall_ns"] * 1e6 for run in runs]
        rows.append(
            [*key, spread(rate), spread([run["caller_ns"] / COUNT / 1_000 for run in runs])]
            + [median([run["p50_ns"] / 1_000 for run in runs]), spread([run["p99_ns"] / 1_000 for run in runs])]
            + [max(COUNT - run["sink"]["distinct_uuids"] for run in runs) if key[1] not in (ALONE, BESIDE) else ""]
        )
    return (
        f"### Threads\n\n{COUNT:,} events from several threads at once, each push timed, while batches are being"
        " sent. In Node, each thread is a worker with a client and queue of its own, warmed up before. In Python,"
        " threads take turns, which costs a program without any client, too: it makes the same properties and throws"
        " them away; beside gzip, while another process compresses for a quarter of the time, as a sender does.\n\n"
        + table(
            [
                "language",
                "client",
                "threads",
                "thousand pushes a second",
                "caller CPU us",
                "p50 of a push us",
                "p99 of a push us",
                "lost",
            ],
            rows,
        )
    )
