"""Event count: the cost of an event, from a thousand to a million."""

from sink import running
from tables import median, ratio, spread, table
from workers import HOGWIRE, interleaved

COUNTS = (1_000, 100_000, 1_000_000)
# How often a program has already done the same: the first time, it also starts threads and connections, touches its
# memory for the first time, and is compiled, in Node.
BEFORE = {1_000: (0, 20)}


def measure(languages, rounds):
    with running() as sink:

        def run(worker, count, before):
            sink.reset()
            return worker.run(sink, mode="queued", count=count, before=before, queue_events=count)

        runs = {
            (language, str(count), str(before)): lambda worker=HOGWIRE[language], count=count, before=before: run(
                worker, count, before
            )
            for language in languages
            for count in COUNTS
            for before in BEFORE.get(count, (0,))
        }
        return interleaved(rounds, runs)


def render(results, floors):
    rows = []
    for (language, count, before), runs in results.items():
        each = [run["cpu_ns"] / int(count) / 1_000 for run in runs]
        middle = median([run["cpu_ns"] / COUNTS[1] / 1_000 for run in results[language, str(COUNTS[1]), "0"]])
        pushed = int(count) * (1 + int(before))
        rows.append(
            [language, int(count), int(before), spread(each), ratio(median(each), middle)]
            + [median([run["caller_ns"] / int(count) / 1_000 for run in runs])]
            + [median([(run["peak_kb"] - run["idle_kb"]) / 1024 for run in runs])]
            + [max(pushed - run["sink"]["distinct_uuids"] for run in runs)]
        )
    return (
        "### Event count\n\nCPU of the process per event with default settings (gzip), the queue as large as the"
        " run. Before: how often the program had pushed and flushed as many already; the figures are of the last"
        " time.\n\n"
        + table(
            [
                "language",
                "events",
                "before",
                "us an event",
                f"to that of {COUNTS[1]:,}",
                "caller CPU us",
                "peak MiB above idle",
                "lost",
            ],
            rows,
        )
    )
