"""Event count: the cost of an event, from a thousand to a million; beside it, that of JSON and gzip alone."""

from sink import running
from tables import median, ratio, spread, table
from workers import HOGWIRE, JSON_FLOOR, interleaved

COUNTS = (1_000, 100_000, 1_000_000)
# How often a program has already done the same: the first time, it also starts threads and connections, touches its
# memory for the first time, and is compiled, in Node.
BEFORE = {1_000: (0, 20)}
# In a program that has done nothing before, these take longer for the first thousand, too.
FLOOR = "JSON and gzip alone"
FLOOR_COUNTS = COUNTS[:2]
HEADINGS = (
    "language",
    "client",
    "events",
    "before",
    "us an event",
    f"to that of {COUNTS[1]:,}",
    "caller CPU us",
    "peak MiB above idle",
    "lost",
)


def measure(languages, rounds):
    with running() as sink:

        def run(worker, count, before):
            sink.reset()
            return worker.run(sink, mode="queued", count=count, before=before, queue_events=count)

        runs = {}
        for language in languages:
            for count in COUNTS:
                for before in BEFORE.get(count, (0,)):
                    runs[language, "hogwire", str(count), str(before)] = (
                        lambda worker=HOGWIRE[language], count=count, before=before: run(worker, count, before)
                    )
            for count in FLOOR_COUNTS if language in JSON_FLOOR else ():
                runs[language, FLOOR, str(count), "0"] = lambda worker=JSON_FLOOR[language], count=count: worker.run(
                    mode="floor", count=count
                )
        return interleaved(rounds, runs)


def render(results, floors):
    rows = []
    for (language, client, count, before), runs in results.items():
        each = [run["cpu_ns"] / int(count) / 1_000 for run in runs]
        middle = median([run["cpu_ns"] / COUNTS[1] / 1_000 for run in results[language, client, str(COUNTS[1]), "0"]])
        row = [language, client, int(count), int(before), spread(each), ratio(median(each), middle)]
        if client != FLOOR:
            pushed = int(count) * (1 + int(before))
            row += [median([run["caller_ns"] / int(count) / 1_000 for run in runs])]
            row += [median([(run["peak_kb"] - run["idle_kb"]) / 1024 for run in runs])]
            row += [max(pushed - run["sink"]["distinct_uuids"] for run in runs)]
        rows.append(row + [""] * (len(HEADINGS) - len(row)))
    return (
        "### Event count\n\nCPU of the process per event with default settings (gzip), the queue as large as the"
        " run. Before: how often the program had pushed and flushed as many already; the figures are of the last"
        " time. Beside it, what making the properties, the fastest JSON writer and gzip cost in a program without any"
        " client.\n\n" + table(HEADINGS, rows)
    )
