"""The floors in Python: making the properties, JSON by json and by orjson, gzip at level 1, a bare socket POST."""

import gzip
import json
import socket
import time

import measure

BATCH = 1_000


def floor(run):
    try:
        import orjson
    except ImportError:
        orjson = None
    properties = measure.payload(run["payload"])
    figures = {"made_ns": 0, "json_ns": 0, "orjson_ns": 0, "gzip_ns": 0}

    def timed(name, function, *arguments):
        start = time.thread_time_ns()
        result = function(*arguments)
        figures[name] += time.thread_time_ns() - start
        return result

    def write(dumps, events):
        for event in events:
            dumps(event)

    count = int(run["count"])
    for first in range(0, count, BATCH):
        events = timed(
            "made_ns", lambda numbers: list(map(properties, numbers)), range(first, min(count, first + BATCH))
        )
        timed("json_ns", write, json.dumps, events)
        if orjson:
            timed("orjson_ns", write, orjson.dumps, events)
        batch = "".join(map(json.dumps, events)).encode()
        timed("gzip_ns", gzip.compress, batch, 1)
    if not orjson:
        del figures["orjson_ns"]
    json_ns = figures.get("orjson_ns", figures["json_ns"])
    return {**figures, "cpu_ns": figures["made_ns"] + json_ns + figures["gzip_ns"]}


def bare_socket(run):
    with open(run["request"], "rb") as file:
        request = file.read()
    host, port = run["host"].removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(number):
        connection.sendall(request)
        answer = connection.recv(4096)
        # The sink's answers end with the JSON object they consist of.
        while not (b"\r\n\r\n" in answer and answer.endswith(b"}")):
            answer += connection.recv(4096)
        return True

    return measure.calls(run, call)


run = measure.arguments()
print(json.dumps(bare_socket(run) if run["mode"] == "socket" else floor(run)))
