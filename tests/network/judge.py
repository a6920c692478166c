"""Compares what came with what the case expects; every difference is a sentence."""

OUTCOME = ["ErrorCode", "Delivery", "StatusCode", "OriginalStatusCode", "Attempts", "RetryAfterMs"]


def differences(case, answer, seconds, stored, through, connections):
    """`stored`: uuids; `through`: the proxies that nginx saw the requests come from; `connections`: how many it saw."""
    expect = case.expect
    if "outcome" in answer:
        yield from outcome_differences(expect, answer["outcome"])
    elif "outcomes" in answer:
        yield from {found for outcome in answer["outcomes"] for found in outcome_differences(expect, outcome)}
    elif "on_delivered" in answer:
        yield from queue_differences(expect, answer)
    else:
        yield f"no outcome: {answer}"
    if seconds > case.within:
        yield f"took {seconds:.2f} s, more than {case.within} s"
    # At least once: an attempt whose answer was lost may have been stored too.
    if len(set(stored)) != expect["stored"]:
        yield f"{len(set(stored))} events were stored, not {expect['stored']}"
    wanted = [expect["through"]] if "through" in expect else []
    if through != wanted:
        yield f"went through {through}, not {wanted}"
    if "connections" in expect and connections != expect["connections"]:
        yield f"{connections} connections, not {expect['connections']}"


def outcome_differences(expect, outcome):
    for key in OUTCOME:
        if key in expect and outcome[key] != expect[key]:
            yield f"{key} is {outcome[key]!r}, not {expect[key]!r}: {outcome['ErrorMessage']}"
    warnings = [warning["Code"] for warning in outcome["Warnings"]]
    if warnings != expect.get("Warnings", []):
        yield f"warnings {warnings}, not {expect.get('Warnings', [])}"
    if (outcome["ErrorMessage"] == "") != (outcome["StatusCode"] == 200):
        yield f"StatusCode {outcome['StatusCode']} with the message {outcome['ErrorMessage']!r}"
    if expect.get("message", "") not in outcome["ErrorMessage"]:
        yield f"the message does not say {expect['message']!r}: {outcome['ErrorMessage']}"


def queue_differences(expect, answer):
    uuids = {
        uuid for told in answer["on_delivered"] if told["Delivery"] == expect["Delivery"] for uuid in told["Uuids"]
    }
    if len(uuids) != expect["events"]:
        yield f"{len(uuids)} events were told of as {expect['Delivery']}, not {expect['events']}"
    if answer["on_drop"]:
        yield f"dropped: {answer['on_drop'][0]}"
    errors = sorted({error["ErrorCode"] for error in answer["on_error"]})
    if errors != expect["errors"]:
        yield f"on_error was told of {errors}, not {expect['errors']}"


def seen(answer):
    """The code and the Delivery that came, for the table; of a queue, with what its hooks were told on the way."""
    if "on_delivered" in answer:
        codes = sorted({error["ErrorCode"] for error in answer["on_error"]})
        deliveries = sorted({told["Delivery"] for told in answer["on_delivered"]})
        ends = sorted({dropped["Reason"] for dropped in answer["on_drop"]}) or ["ok"]
        return ", then ".join(codes + ends), ", ".join(deliveries)
    outcomes = answer.get("outcomes", [answer["outcome"]] if "outcome" in answer else [])
    return tuple(", ".join(sorted({outcome[key] for outcome in outcomes})) for key in ("ErrorCode", "Delivery"))
