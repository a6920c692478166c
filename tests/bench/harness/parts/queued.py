"""Queued events: what a push costs its caller, what a delivered event costs the process, and what was lost."""

from sink import running
from tables import median, ratio, spread, table
from workers import HOGWIRE, OFFICIAL, interleaved

COUNT = 100_000
# Batches of the official clients where their users tune them.
TUNED_BATCH = {"python": 1_000, "node": 5_000, "rust": 1_000}


def variants(language):
    """(client, variant, worker, arguments), each measured in every round."""
    hogwire = HOGWIRE[language]
    yield "hogwire", "defaults (gzip)", hogwire, {}
    yield "hogwire", "no gzip", hogwire, {"compression": "none"}
    yield "hogwire", "v1 (gzip)", hogwire, {"protocol": "v1"}
    yield "hogwire", "v1, no gzip", hogwire, {"protocol": "v1", "compression": "none"}
    if language in OFFICIAL:
        official = OFFICIAL[language]
        tuned = {"queue_events": COUNT, "batch_events": TUNED_BATCH[language]}
        yield official.client, "defaults", official, {}
        yield official.client, "tuned, gzip", official, {**tuned, "compression": "gzip"}
        yield official.client, "tuned, no gzip", official, {**tuned, "compression": "none"}


def measure(languages, rounds):
    with running() as sink:

        def run(worker, arguments):
            sink.reset()
            return worker.run(sink, mode="queued", count=COUNT, **arguments)

        runs = {
            (language, client, variant): lambda worker=worker, arguments=arguments: run(worker, arguments)
            for language in languages
            for client, variant, worker, arguments in variants(language)
        }
        return interleaved(rounds, runs)


def caller_us(figures):
    return [run["caller_ns"] / COUNT / 1_000 for run in figures]


def delivered_us(figures):
    return [run["cpu_ns"] / max(1, run["sink"]["distinct_uuids"]) / 1_000 for run in figures]


def official_of(results, language, variant=None):
    """Of the official client's variants, all or those of one name."""
    return {
        key: runs
        for key, runs in results.items()
        if key[0] == language and key[1] != "hogwire" and (variant is None or key[2] == variant)
    }


def best(results, language, figure, variant=None):
    """The official client's lowest median (C: Rust's), of variants that lose nothing: to drop an event is cheap."""
    official = official_of(results, language, variant) or official_of(results, "rust", variant)
    return min((median(figure(runs)) for runs in official.values() if not any(lost(runs))), default=None)


def lost(figures):
    return [COUNT - run["sink"]["distinct_uuids"] for run in figures]


def render(results, floors):
    """Two tables."""
    callers, deliveries = [], []
    for (language, client, variant), runs in results.items():
        is_ours = client == "hogwire"
        floor = floors.get(language, {})
        caller, delivered = caller_us(runs), delivered_us(runs)
        callers.append(
            [language, client, variant, spread(caller)]
            + [ratio(median(caller), best(results, language, caller_us)) if is_ours else ""]
            + [ratio(median(caller), floor.get("json_us"))]
        )
        gzip = "no gzip" not in variant
        against = "tuned, gzip" if gzip else "tuned, no gzip"
        whole_floor = floor.get("json_us", 0) + (floor.get("gzip_us", 0) if gzip else 0)
        losses = lost(runs)
        deliveries.append(
            [language, client, variant, spread(delivered)]
            + [ratio(median(delivered), best(results, language, delivered_us, against)) if is_ours else ""]
            + [ratio(median(delivered), whole_floor)]
            + [spread(losses) if len(set(losses)) > 1 else losses[0]]
            + [median([run["wall_ns"] / 1e9 for run in runs])]
            + [median([(run["peak_kb"] - run["idle_kb"]) / 1024 for run in runs])]
            + [median([run["sink"]["requests"] for run in runs]), median([run["sink"]["connections"] for run in runs])]
        )
    us = "us: median (min to max)"
    return "\n\n".join(
        [
            f"### Caller CPU per queued event\n\n{COUNT:,} events pushed in a tight loop by one thread; the thread's"
            " own CPU time.",
            table(["language", "client", "variant", us, "to the official client's best", "to JSON alone"], callers),
            "### CPU per delivered event\n\nUser and system time of the process from the first push to the end of"
            " close, over the events that arrived. The official client is the tuned one, with or without"
            " gzip as hogwire.",
            table(
                [
                    "language",
                    "client",
                    "variant",
                    us,
                    "to the official client",
                    "to JSON (and gzip) alone",
                    "lost",
                    "seconds",
                    "peak MB",
                    "requests",
                    "connections",
                ],
                deliveries,
            ),
        ]
    )
