"""The Python adapter: one JSON line in, one JSON line out, through nothing but the public API of `hogwire`."""

import base64
import inspect
import json
import re
import sys
import time

import hogwire


def options(config, hooks=()):
    """The configuration in Python's spelling: times are seconds."""
    named = in_seconds(config)
    named.setdefault("api_key", None)
    if hooks:
        named["before_send"] = [HOOKS[hook] for hook in hooks]
    return named


def in_seconds(config):
    named = {}
    for name, value in config.items():
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        named[name.removesuffix("_ms")] = value / 1000 if name.endswith("_ms") and is_number else value
    return named


def rename(event):
    event["event"] = "renamed"
    return event


def reassign(event):
    event["distinct_id"] = "reassigned"
    return event


def add_property(event):
    event["properties"]["hook"] = True
    return event


def drop(event):
    return None


def fail(event):
    raise ValueError("the hook raised")


def break_it(event):
    del event["distinct_id"]
    return event


HOOKS = {
    "rename": rename,
    "reassign": reassign,
    "add_property": add_property,
    "drop": drop,
    "raise": fail,
    "break": break_it,
}


def build(line):
    return hogwire.build(
        line["operation"],
        line["input_text"] if "input_text" in line else line["input"],
        now_ms=line["now_ms"],
        seed=line["seed"],
        attempt=line["attempt"],
        **options(line["config"], line.get("before_send", ())),
    )


def interpret(line):
    request = build(line)
    if not request.ok:
        return request
    if "failure" in line:
        return hogwire.interpret(request, failure=line["failure"], sent=line.get("sent"), now_ms=line["now_ms"])
    answer = line["response"]
    body = base64.b64decode(answer["body_base64"]) if "body_base64" in answer else answer.get("body", "")
    return hogwire.interpret(
        request, status=answer["status"], headers=answer["headers"], body=body, now_ms=line["now_ms"]
    )


def call(line):
    with hogwire.Client(**options(line["config"], line.get("before_send", ()))) as client:
        for step in line.get("before", ()):
            getattr(client, step)()
        given = line["input_text"] if "input_text" in line else line["input"]
        return client.execute(line["operation"], given)


def batch(line):
    with hogwire.Client(**options(line["config"], line.get("before_send", ()))) as client:
        for step in line.get("before", ()):
            getattr(client, step)()
        return [outcome.to_dict() for outcome in client.send_batch(line["items"])]


class Told:
    """A queue's hooks: they note what they are told, and raise where that is asked for."""

    def __init__(self, raising):
        self.raising = raising
        self.drops, self.errors, self.delivered = [], [], []

    def hooks(self):
        return {
            "on_drop": lambda dropped: self.note(self.drops, dropped.to_dict()),
            "on_error": lambda outcome: self.note(self.errors, outcome.to_dict()),
            "on_delivered": lambda uuids, delivery: self.note(self.delivered, {"Uuids": uuids, "Delivery": delivery}),
        }

    def note(self, notes, told):
        notes.append(told)
        if self.raising:
            raise ValueError("the hook raised")

    def has_heard(self, stats):
        return (
            sum(len(told["Uuids"]) for told in self.delivered) >= stats["events_delivered_total"]
            and len(self.drops) >= sum(stats["events_dropped_total"].values())
            and len(self.errors) >= stats["requests_failed_total"]
        )


def queue(line):
    client = hogwire.Client(**options(line["config"], line.get("before_send", ())))
    for step in line.get("before", ()):
        getattr(client, step)()
    told = Told(line.get("raising", False))
    queue = client.queue(**in_seconds(line.get("options", {})), **told.hooks())
    steps = [take(step, client, queue) for step in line["steps"]]
    until(2, lambda: told.has_heard(queue.stats()))
    return {
        "steps": steps,
        "stats": queue.stats(),
        "on_drop": told.drops,
        "on_error": told.errors,
        "on_delivered": told.delivered,
    }


def take(step, client, queue):
    [(name, value)] = step.items()
    match name:
        case "push":
            return {"receipt": queue.execute(value["operation"], value["input"]).to_dict()}
        case "flush" | "close":
            return {"report": getattr(queue, name)(timeout=value / 1000).to_dict()}
        case "wait":
            return {"waited": until(10, lambda: all(queue.stats()[key] >= least for key, least in value.items()))}
        case "opt_out" | "opt_in":
            getattr(client, name)()
            return {"opted": name.removeprefix("opt_")}


def until(seconds, is_so):
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.003)
    return True


def queue_options():
    """The options of `Client.queue` in the suite's spelling: what is given in seconds has a float as its default."""
    given = inspect.signature(hogwire.Client.queue).parameters.values()
    plain = [option for option in given if option.kind is option.KEYWORD_ONLY and not option.name.startswith("on_")]
    return [f"{option.name}_ms" if isinstance(option.default, float) else option.name for option in plain]


def catalogue():
    return {
        "ErrorCodes": hogwire.ERROR_CODES,
        "Deliveries": hogwire.DELIVERIES,
        "Findings": hogwire.FINDING_CODES,
        "Warnings": hogwire.WARNING_CODES,
        "DropReasons": hogwire.DROP_REASONS,
        "QueueOptions": queue_options(),
        "Operations": hogwire.OPERATIONS,
    }


def answer(line):
    match line["do"]:
        case "build":
            made = build(line)
            return {"request" if made.ok else "outcome": made.to_dict()}
        case "interpret":
            return {"outcome": interpret(line).to_dict()}
        case "call":
            return {"outcome": call(line).to_dict()}
        case "batch":
            return {"outcomes": batch(line)}
        case "queue":
            return queue(line)
        case "uuid_from":
            return {"uuid": hogwire.uuid_from(line["key"])}
        case "config":
            hogwire.Client(**options(line["config"])).close()
            return {"config": "ok"}
        case "curl":
            made = build(line)
            return {"curl": made.to_curl()} if made.ok else {"outcome": made.to_dict()}
        case "catalogue":
            return {"catalogue": catalogue()}


def misuse(error, config):
    """What was raised, with the option in the spelling of the line's configuration."""
    if isinstance(error, hogwire.ConfigError):
        option = error.option if error.option in config else f"{error.option}_ms"
        return {"Option": option if option in config else error.option, "Message": error.problem}
    unknown = re.search(r"unexpected keyword argument '(\w+)'", str(error))
    if unknown:
        return {"Option": unknown[1], "Message": str(error)}
    if "there is no operation" in str(error):
        return {"Message": str(error)}
    raise error


for text in sys.stdin:
    line = json.loads(text)
    try:
        result = answer(line)
    except (TypeError, ValueError) as error:
        result = {"error": misuse(error, {**line.get("config", {}), **line.get("options", {})})}
    print(json.dumps(result), flush=True)
