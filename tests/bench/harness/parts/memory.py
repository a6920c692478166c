"""Memory: what 100,000 queued events take while the server does not answer."""

from sink import running
from tables import median, spread, table
from workers import HOGWIRE, OFFICIAL, interleaved

COUNT = 100_000
# Longer than any run: nothing is delivered.
DELAY_MS = 3_600_000


def measure(languages, rounds):
    runs = {}

    def run(worker, **arguments):
        # One sink for each run: its connections wait for ever.
        with running() as sink:
            sink.reset(DELAY_MS)
            return worker.run(sink, mode="held", count=COUNT, **arguments)

    for language in languages:
        runs[language, "hogwire"] = lambda worker=HOGWIRE[language]: run(worker)
        if language in OFFICIAL:
            official = OFFICIAL[language]
            runs[language, official.client] = lambda worker=official: run(
                worker, queue_events=COUNT, batch_events=1_000, compression="gzip"
            )
    return interleaved(rounds, runs)


def render(results, floors):
    rows = []
    for key, runs in results.items():
        above = [(run["peak_kb"] - run["idle_kb"]) / 1024 for run in runs]
        held = [COUNT - run.get("refused", 0) for run in runs]
        rows.append([*key, spread(above), median(above) * (1 << 20) / median(held), min(held)])
    return (
        f"### Memory\n\n{COUNT:,} events in the queue and on their way to a server that does not answer: the peak above"
        " the idle process.\n\n"
        + table(["language", "client", "peak MiB above idle", "bytes an event", "events held"], rows)
    )
