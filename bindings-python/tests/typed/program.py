"""A program that uses the whole surface; `mypy --strict` reads it, nobody runs it."""

import asyncio
import datetime
import http.client
import pathlib
import uuid
from collections.abc import Mapping
from typing import Any

import hogwire
from hogwire.testing import RecordingTransport, events_of


def transport(request: hogwire.Request, timeout: float) -> tuple[int, dict[str, str], bytes]:
    print(request.method, request.url, dict(request.headers), len(request.body), timeout)
    return 200, {}, b'{"status":"Ok"}'


def hook(event: dict[str, Any]) -> Mapping[str, Any] | None:
    return event if event["event"] else None


def direct() -> None:
    with hogwire.Client(
        "phc_example",
        host="https://eu.i.posthog.com",
        timeout=10.0,
        connect_timeout=5,
        max_retries=2,
        compression="gzip",
        properties={"team": "growth"},
        headers={"X-Team": "growth"},
        before_send=[hook],
        ca_file=pathlib.Path("ca.pem"),
        transport=transport,
    ) as client:
        outcome: hogwire.Outcome = client.create_alias(distinct_id=1, alias="visitor")
        outcome = client.create_event(
            distinct_id=uuid.uuid4(),
            event_name="bought",
            properties={"n": 1},
            timestamp=datetime.datetime.now(datetime.timezone.utc),
            groups={"company": 5, "team": uuid.uuid4()},
            process_person_profile=False,
        )
        outcome = client.create_identity(distinct_id="u", signup_date=datetime.date.today(), properties_unset=["a"])
        outcome = client.track_page(distinct_id="u", page_url="https://shop.example/", referrer=None)
        outcome = client.track_screen(distinct_id="u", screen_view_name="Home", device_type="ios")
        outcome = client.execute("event", b"{}")
        client.opt_out()
        client.opt_in()
    code: int = outcome.status_code + outcome.original_status_code + outcome.attempts
    text: str = outcome.error_message + outcome.error_code + outcome.delivery + (outcome.event_uuid or "")
    wait: float = outcome.retry_after or 0.0
    data: dict[str, Any] = outcome.data
    findings: tuple[hogwire.Finding, ...] = outcome.findings + outcome.warnings
    print(code, text, wait, data, outcome.to_dict(), outcome.ok, bool(outcome), outcome.retryable)
    print([(finding.code, finding.parameter, finding.message) for finding in findings])
    if outcome.error_code == "rate_limited" or outcome.delivery == "stored":
        print(hogwire.ERROR_CODES.index("rate_limited"), hogwire.DELIVERIES)
    print(outcome.error_code == "rate_limitted")  # type: ignore[comparison-overlap]
    print(outcome.delivery == "send")  # type: ignore[comparison-overlap]
    print(findings[0].code == "invalid-type")  # type: ignore[comparison-overlap]
    client.create_event(distinct_id="u")  # type: ignore[call-arg]
    client.create_event("u", "e")  # type: ignore[call-arg]
    client.execute("capture", {})  # type: ignore[arg-type]
    hogwire.Client("phc_example", time_out=1)  # type: ignore[call-arg]
    outcome.status_code = 1  # type: ignore[misc]


def queued(client: hogwire.Client) -> None:
    dropped: list[str] = []
    with client.queue(
        flush_at=100,
        flush_interval=5.0,
        max_retries=3,
        compression="gzip",
        overflow="block",
        on_drop=lambda told: dropped.append(told.uuid + told.reason + told.message),
        on_error=lambda outcome: print(outcome.error_code),
        on_delivered=lambda uuids, delivery: print(uuids[0].upper(), delivery.upper()),
    ) as queue:
        receipt: hogwire.Receipt = queue.create_event(distinct_id="u", event_name="e")
        print(receipt.queued, receipt.event_uuid, receipt.error_code, receipt.findings, receipt.warnings, receipt.ok)
        print(receipt.error_code == "queue-full")  # type: ignore[comparison-overlap]
        receipt = queue.identify_group(group_type="company", group_key=5, properties_set={"plan": "pro"})
        receipt = queue.execute("group", {"GroupType": "company", "GroupKey": "acme"})
        report: hogwire.Report = queue.flush(timeout=10)
        count: int = report.delivered + report.accepted + report.stored + report.pending + report.dropped_total
        lost: tuple[hogwire.Dropped, ...] = report.dropped
        print(count, lost, report.last_error, report.to_dict())
        print(lost[0].reason == "over_quota")  # type: ignore[comparison-overlap]
        count = queue.stats()["requests_total"] + queue.stats()["events_dropped_total"]["overflow"]
        queue.stats()["requests"]  # type: ignore[typeddict-item]
        queue.stats()["events_dropped_total"]["overflown"]  # type: ignore[index]
        print([queue.execute(operation, {}) for operation in hogwire.OPERATIONS])
    outcomes: list[hogwire.Outcome] = client.send_batch([{"Operation": "event", "DistinctId": "u", "EventName": "e"}])
    print(outcomes, client.identify_group(group_type="company", group_key="acme"), hogwire.uuid_from("order-1"))
    hogwire.Client("phc_example", protocol="v1", historical_migration=True, compression="zstd")
    hogwire.Client("phc_example", protocol="v2")  # type: ignore[arg-type]
    client.queue(flush_at="many")  # type: ignore[arg-type]
    client.queue(on_drop=lambda: None)  # type: ignore[arg-type, misc]
    queue.create_event(distinct_id="u")  # type: ignore[call-arg]


def in_tests() -> None:
    recorded = RecordingTransport()
    recorded.answer(429, headers={"Retry-After": "1"})
    recorded.fail(TimeoutError())
    recorded.fail(ConnectionRefusedError)
    recorded.fail("tls")
    recorded.fail("slow")  # type: ignore[arg-type]
    queued(hogwire.Client("phc_test", transport=recorded))
    print(recorded.events[0]["event"], recorded.requests[0].url, events_of(recorded.requests[0]))
    recorded.clear()


def own_http(answer: http.client.HTTPResponse) -> None:
    made = hogwire.build("event", {"DistinctId": "u"}, api_key="phc_example", now_ms=1, seed=2, attempt=3, timeout=1.0)
    if isinstance(made, hogwire.Outcome):
        print(made.error_message)
        return
    print(made.to_curl(), hogwire.Request.from_dict(made.to_dict()), made.timestamp, made.warnings)
    hogwire.interpret(made, status=200, headers={"A": "b"}, body=b"{}")
    hogwire.interpret(made, status=200, headers=answer.headers, body=answer.read())
    hogwire.interpret(made, status=200, headers=answer.getheaders())
    hogwire.interpret(made, status=200, headers=["A"])  # type: ignore[list-item]
    hogwire.interpret(made, failure="timeout", sent=False, now_ms=1)
    hogwire.interpret(made, failure="slow")  # type: ignore[arg-type]


async def awaited() -> hogwire.Outcome:
    async with hogwire.AsyncClient.from_env(timeout=5.0) as client:
        outcome = await client.create_event(distinct_id="u", event_name="e")
        async with client.queue(flush_at=10) as queue:
            receipt: hogwire.Receipt = queue.create_event(distinct_id="u", event_name="e")
            report: hogwire.Report = await queue.flush()
            report = await queue.aclose(timeout=1.0)
        print(receipt, report, await client.send_batch([]))
        await client.aclose()
        return outcome


def environment() -> None:
    try:
        hogwire.Client.from_env(host="nonsense")
    except hogwire.ConfigError as error:
        print(error.option, error.problem)


if __name__ == "__main__":
    direct()
    own_http(http.client.HTTPConnection("eu.i.posthog.com").getresponse())
    environment()
    print(asyncio.run(awaited()), hogwire.__version__, hogwire.ERROR_CODES, hogwire.OPERATIONS["event"])
