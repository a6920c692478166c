"""Event count: the cost of an event, from a thousand to a million."""

from sink import running
from tables import median, ratio, spread, table
from workers import HOGWIRE, interleaved

COUNTS = (1_000, 100_000, 1_000_000)


def measure(languages, rounds):
    with running() as sink:

        def run(worker, count):
            sink.reset()
            return worker.run(sink, mode="queued", count=count, queue_events=count)

        runs = {
            (language, str(count)): lambda worker=HOGWIRE[language], count=count: run(worker, count)
            for language in languages
            for count in COUNTS
        }
        return interleaved(rounds, runs)


def render(results, floors):
    rows = []
    for (language, count), runs in results.items():
        each = [run["cpu_ns"] / int(count) / 1_000 for run in runs]
        middle = median([run["cpu_ns"] / COUNTS[1] / 1_000 for run in results[language, str(COUNTS[1])]])
        rows.append(
            [language, int(count), spread(each), ratio(median(each), middle)]
            + [median([run["caller_ns"] / int(count) / 1_000 for run in runs])]
            + [median([(run["peak_kb"] - run["idle_kb"]) / 1024 for run in runs])]
            + [max(int(count) - run["sink"]["distinct_uuids"] for run in runs)]
        )
    return (
        "### Event count\n\nCPU of the process per event with default settings (gzip), the queue as large as the"
        " run.\n\n"
        + table(
            [
                "language",
                "events",
                "us an event",
                f"to that of {COUNTS[1]:,}",
                "caller CPU us",
                "peak MiB above idle",
                "lost",
            ],
            rows,
        )
    )
