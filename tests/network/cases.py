"""The cases, as data: what stands in the way of a call, and the documented answer to it.

Each case of each language has a receiver of its own. Words in braces stand for what is only known in the run:
`{receiver}`, its `{receiver_address}` and `{receiver_port}`, `{ca_file}` (the receiver's authority); the servers of
nginx.conf (`{nginx}`, `{nginx_tls}`, ...: each leads to the receiver below a path prefix), `{tls_authority}`,
`{tls_client_cert}`; the proxies (`{proxy}`, `{proxy_password}`, `{socks}`, `{socks_password}`); `{refused}` (nobody
listens), `{full}` (connections are never made) and `{silent}` (accepts, never answers).
"""

import base64
import gzip
import json
from dataclasses import dataclass, field

from programs import PASSWORD

# What words in braces begin with, and the program they lead to.
PROGRAMS = {"nginx": "nginx", "proxy": "tinyproxy", "socks": "microsocks"}


@dataclass
class Case:
    name: str
    config: dict
    expect: dict
    within: float = 5
    operation: str = "event"
    input: dict = field(default_factory=dict)
    # The receiver's settings, and what it does with the requests; `None`: there is none until nginx has answered 502.
    receiver: dict | None = field(default_factory=dict)
    script: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    # The call is made so often; the last answer is judged.
    times: int = 1
    # `do` something else than a call: the keys of such a line.
    line: dict = field(default_factory=dict)

    def needs(self):
        """What it cannot run without: the programs its words in braces lead to, IPv6."""
        words = json.dumps([self.config, self.environment])
        programs = {program for word, program in PROGRAMS.items() if f"{{{word}" in words}
        return programs | ({"IPv6"} if "[::1]" in json.dumps(self.receiver) else set())


def accepted(**more):
    return {
        "ErrorCode": "ok",
        "Delivery": "accepted",
        "StatusCode": 200,
        "OriginalStatusCode": 200,
        "Attempts": 1,
        "stored": 1,
        **more,
    }


def failed(code, delivery, original=0, status=500, attempts=1, **more):
    codes = {"ErrorCode": code, "Delivery": delivery, "OriginalStatusCode": original, "StatusCode": status}
    return {**codes, "Attempts": attempts, "stored": 0, **more}


def unexpected(*warnings):
    """A 2xx of somebody who is no PostHog: nobody knows whether the event was kept."""
    return accepted(Delivery="unknown", Warnings=[*warnings, "unexpected_answer"], stored=0)


# After a 502 or more, as many as it took until the upstream was there.
RECOVERED = {key: value for key, value in accepted().items() if key != "Attempts"}
# Tried again twice by default, as nothing reached the server.
UNREACHED = failed("network", "not_sent", attempts=3)
TLS = failed("tls", "not_sent")
TIMED_OUT = failed("timeout", "unknown")
NOT_CONNECTED = failed("timeout", "not_sent")
BROKEN = failed("network", "unknown", attempts=3)

SECURE = {"host": "{nginx_tls}", "ca_file": "{tls_authority}"}
LONG = {"Properties": {"text": "x" * 5000}}
OK = '{"status":"Ok"}'
PACKED = base64.b64encode(gzip.compress(OK.encode())).decode()


def raw(text, **more):
    """For each attempt: exactly this goes onto the wire, then the connection ends."""
    return [{"raw": text, **more}] * 3


def answer(head, body=OK, version="1.1"):
    return f"HTTP/{version} 200 OK\r\n{head}\r\n\r\n{body}"


def events(count):
    return [
        {"push": {"operation": "event", "input": {"DistinctId": "u-1", "EventName": f"e{number}"}}}
        for number in range(count)
    ]


def queue(*rounds, **options):
    """A queue line: so many events are pushed and flushed, round by round."""
    steps = [step for count in rounds for step in [*events(count), {"flush": 20_000}]]
    return {"do": "queue", "options": {"flush_interval_ms": 3_600_000, **options}, "steps": [*steps, {"close": 10_000}]}


def one_by_one(count):
    """A queue line whose events go out alone, about 300 ms apart, when each has grown old enough."""
    steps = [step for number in range(count) for step in [*events(1), {"wait": {"events_delivered_total": number + 1}}]]
    return {"do": "queue", "options": {"flush_interval_ms": 300}, "steps": [*steps, {"close": 10_000}]}


def delivered(count, errors=(), **more):
    """Every event of a queue was stored and told of, whatever failed on the way."""
    return {"ErrorCode": "ok", "Delivery": "accepted", "events": count, "stored": count, "errors": list(errors), **more}


CASES = [
    # TLS. nginx speaks OpenSSL's, the receiver rustls'.
    Case("TLS: private authority, ca_file", SECURE, accepted()),
    Case("TLS: private authority, no ca_file", {"host": "{nginx_tls}"}, TLS),
    Case("TLS: another authority", {"host": "{nginx_tls_unknown}", "ca_file": "{tls_unknown_authority}"}, TLS),
    Case("TLS: expired certificate", {"host": "{nginx_tls_expired}", "ca_file": "{tls_expired_authority}"}, TLS),
    Case("TLS: wrong name", {"host": "{nginx_tls_wrong_name}", "ca_file": "{tls_wrong_name_authority}"}, TLS),
    Case(
        "TLS: client certificate shown",
        {"host": "{nginx_tls_client}", "ca_file": "{tls_authority}", "client_cert": "{tls_client_cert}"},
        accepted(),
    ),
    Case(
        "TLS: client certificate missing, nginx answers 400",
        {"host": "{nginx_tls_client}", "ca_file": "{tls_authority}"},
        failed("rejected", "rejected", 400),
    ),
    Case(
        "TLS: client certificate missing, alert",
        {"host": "{receiver}", "ca_file": "{ca_file}"},
        TLS,
        receiver={"tls": "trusted", "client_certificate": True},
    ),
    Case("TLS: https to a plain port", {"host": "https://{receiver_address}"}, TLS),
    Case("TLS: http to nginx's TLS port", {"host": "http://{nginx_tls_address}"}, failed("rejected", "rejected", 400)),
    Case(
        "TLS: the handshake is never answered",
        {"host": "https://{silent}", "connect_timeout_ms": 500},
        NOT_CONNECTED,
        within=3,
    ),
    # Proxies: plain HTTP is asked for with the whole URL, TLS through CONNECT.
    Case("proxy: http", {"host": "{nginx}", "proxy": "http://{proxy}"}, accepted(through="proxy")),
    Case("proxy: CONNECT", {**SECURE, "proxy": "http://{proxy}"}, accepted(through="proxy")),
    Case(
        "proxy: http, password",
        {"host": "{nginx}", "proxy": f"http://{PASSWORD}@{{proxy_password}}"},
        accepted(through="proxy_password"),
    ),
    Case(
        "proxy: CONNECT, password",
        {**SECURE, "proxy": f"http://{PASSWORD}@{{proxy_password}}"},
        accepted(through="proxy_password"),
    ),
    Case(
        "proxy: http, password missing",
        {"host": "{nginx}", "proxy": "http://{proxy_password}"},
        failed("network", "not_sent", attempts=3, message="proxy"),
    ),
    Case(
        "proxy: CONNECT, wrong password",
        {**SECURE, "proxy": "http://hogwire:wrong@{proxy_password}"},
        failed("network", "not_sent", attempts=3, message="proxy"),
    ),
    Case("proxy: nobody listens", {**SECURE, "proxy": "{refused}"}, UNREACHED),
    Case("proxy: http, nobody listens", {"host": "{receiver}", "proxy": "{refused}"}, UNREACHED),
    Case("proxy: CONNECT, target down", {"host": "https://{refused_address}", "proxy": "http://{proxy}"}, UNREACHED),
    Case(
        "proxy: http, target down, it answers 500",
        {"host": "{refused}", "proxy": "http://{proxy}"},
        failed("server_error", "unknown", 500, attempts=3),
    ),
    Case(
        "proxy: CONNECT is never answered",
        {**SECURE, "proxy": "http://{silent}", "connect_timeout_ms": 500},
        NOT_CONNECTED,
        within=3,
    ),
    Case(
        "proxy: HTTP_PROXY",
        {"host": "{nginx}"},
        accepted(through="proxy"),
        environment={"HTTP_PROXY": "http://{proxy}"},
    ),
    Case("proxy: HTTPS_PROXY", SECURE, accepted(through="proxy"), environment={"HTTPS_PROXY": "http://{proxy}"}),
    Case("proxy: https_proxy, no scheme", SECURE, accepted(through="proxy"), environment={"https_proxy": "{proxy}"}),
    Case(
        "proxy: HTTPS_PROXY is not for http",
        {"host": "{receiver}"},
        accepted(),
        environment={"HTTPS_PROXY": "{refused}"},
    ),
    Case("proxy: ALL_PROXY", SECURE, accepted(through="proxy"), environment={"ALL_PROXY": "http://{proxy}"}),
    Case(
        "proxy: HTTP_PROXY is not trusted in CGI",
        {"host": "{receiver}"},
        accepted(),
        environment={"HTTP_PROXY": "{refused}", "REQUEST_METHOD": "POST"},
    ),
    Case(
        "proxy: the option wins",
        {"host": "{nginx}", "proxy": "http://{proxy}"},
        accepted(through="proxy"),
        environment={"HTTP_PROXY": "{refused}", "NO_PROXY": "*"},
    ),
    *(
        Case(
            f"proxy: NO_PROXY={value}",
            {"host": "http://localhost:{receiver_port}"},
            accepted(),
            environment={"HTTP_PROXY": "{refused}", "NO_PROXY": value},
        )
        for value in ("localhost", "example.org, localhost", "localhost:{receiver_port}", "*")
    ),
    Case(
        "proxy: NO_PROXY=127.0.0.0/8",
        {"host": "{receiver}"},
        accepted(),
        environment={"HTTP_PROXY": "{refused}", "NO_PROXY": "127.0.0.0/8"},
    ),
    Case(
        "proxy: NO_PROXY names another host",
        {"host": "{nginx}"},
        accepted(through="proxy"),
        environment={"HTTP_PROXY": "http://{proxy}", "NO_PROXY": "localhost,10.0.0.0/8,127.0.0.1:1"},
    ),
    Case("SOCKS5", {"host": "{nginx}", "proxy": "socks5://{socks}"}, accepted(through="socks")),
    Case("SOCKS5: TLS, named at the proxy", {**SECURE, "proxy": "socks5h://{socks}"}, accepted(through="socks")),
    Case(
        "SOCKS5: password",
        {"host": "{nginx}", "proxy": f"socks5h://{PASSWORD}@{{socks_password}}"},
        accepted(through="socks_password"),
    ),
    Case(
        "SOCKS5: wrong password",
        {"host": "{nginx}", "proxy": "socks5h://hogwire:wrong@{socks_password}"},
        UNREACHED,
    ),
    Case("SOCKS5: target down", {"host": "{refused}", "proxy": "socks5://{socks}"}, UNREACHED),
    Case("SOCKS5: ALL_PROXY", SECURE, accepted(through="socks"), environment={"ALL_PROXY": "socks5h://{socks}"}),
    # nginx in front.
    Case("nginx: path prefix", {"host": "{nginx}"}, accepted()),
    Case("nginx: gzip'd body", {"host": "{nginx}", "compression": "gzip"}, accepted()),
    Case(
        "nginx: limit_req 429",
        {"host": "{nginx_limited}"},
        failed("rate_limited", "rejected", 429, 429, RetryAfterMs=None, stored=1),
        times=2,
    ),
    Case(
        "nginx: limit_req 429 with Retry-After",
        {"host": "{nginx_limited_hint}"},
        failed("rate_limited", "rejected", 429, 429, RetryAfterMs=2000, stored=1),
        times=2,
    ),
    Case(
        "nginx: client_max_body_size 413", {"host": "{nginx_small}"}, failed("too_large", "rejected", 413), input=LONG
    ),
    Case(
        "nginx: 502 while the upstream is down",
        {"host": "{nginx}"},
        failed("server_error", "unknown", 502, 502, attempts=3),
        operation="identity",
        receiver=None,
        script=["stays down"],
    ),
    Case(
        "nginx: 502, then the upstream is up",
        {"host": "{nginx}", "max_retries": 8, "timeout_ms": 20_000},
        RECOVERED,
        within=20,
        receiver=None,
    ),
    Case(
        "nginx: 504 from a slow upstream",
        {"host": "{nginx_hasty}", "max_retries": 0},
        failed("server_error", "unknown", 504, stored=1),
        script=[{"delay_ms": 3000}],
    ),
    Case("nginx: 301 to another place", {"host": "{nginx_moved}"}, failed("redirected", "rejected", 301)),
    Case("nginx: a page of somebody else", {"host": "{nginx_portal}"}, unexpected()),
    Case(
        "nginx: closes idle connections between calls",
        {"host": "{nginx_impatient}", "max_retries": 0},
        delivered(4, connections=4),
        line=one_by_one(4),
    ),
    Case(
        "nginx: keeps connections between calls",
        {"host": "{nginx}"},
        delivered(4, connections=1),
        line=queue(1, 1, 1, 1),
    ),
    Case(
        "nginx: client_max_body_size 413 splits a batch",
        {"host": "{nginx_small}"},
        accepted(stored=20, Attempts=3),
        line={"do": "batch", "items": [{"Operation": "event", "DistinctId": "u-1", "EventName": "e"}] * 20},
    ),
    # The queue behind nginx.
    Case(
        "queue: limit_req 429",
        {"host": "{nginx_limited}"},
        delivered(10, ["rate_limited"]),
        within=20,
        line=queue(5, 5, max_retries=6),
    ),
    Case(
        "queue: limit_req 429 with Retry-After",
        {"host": "{nginx_limited_hint}"},
        delivered(10, ["rate_limited"]),
        within=20,
        line=queue(5, 5),
    ),
    Case(
        "queue: client_max_body_size 413 splits",
        {"host": "{nginx_small}"},
        delivered(40, ["too_large"]),
        line=queue(40, compression="none"),
    ),
    Case("queue: gzip'd through client_max_body_size", {"host": "{nginx_small}"}, delivered(20), line=queue(20)),
    Case(
        "queue: 502, then the upstream is up",
        {"host": "{nginx}"},
        delivered(40, ["server_error"]),
        within=20,
        receiver=None,
        line=queue(40, max_retries=8),
    ),
    Case(
        "queue: client certificate, TLS",
        {"host": "{nginx_tls_client}", "ca_file": "{tls_authority}", "client_cert": "{tls_client_cert}"},
        delivered(40),
        line=queue(20, 20),
    ),
    Case(
        "queue: http proxy, password",
        {"host": "{nginx}", "proxy": f"http://{PASSWORD}@{{proxy_password}}"},
        delivered(40, through="proxy_password"),
        line=queue(20, 20),
    ),
    # Names and addresses.
    Case("IPv6", {"host": "{receiver}"}, accepted(), receiver={"bind": "[::1]:0"}),
    Case(
        "IPv6: TLS",
        {"host": "{receiver}", "ca_file": "{ca_file}"},
        accepted(),
        receiver={"bind": "[::1]:0", "tls": "trusted"},
    ),
    Case(
        "IPv6: NO_PROXY",
        {"host": "{receiver}"},
        accepted(),
        receiver={"bind": "[::1]:0"},
        environment={"HTTP_PROXY": "{refused}", "NO_PROXY": "::1"},
    ),
    Case(
        "a name that does not resolve",
        {"host": "http://hogwire.invalid"},
        {**UNREACHED, "message": "could not be resolved"},
        within=10,
    ),
    Case(
        "nobody takes the connection",
        {"host": "http://{full}", "connect_timeout_ms": 500},
        NOT_CONNECTED,
        within=3,
    ),
    Case("nobody listens", {"host": "{refused}"}, UNREACHED),
    # Servers that misbehave.
    Case(
        "accepts, never answers",
        {"host": "http://{silent}", "timeout_ms": 1000},
        failed("timeout", "unknown", status=504),
        within=3,
        operation="page",
    ),
    Case(
        "one byte a second",
        {"host": "{receiver}", "timeout_ms": 1500},
        TIMED_OUT,
        within=3.5,
        script=raw(answer("Content-Length: 15"), drip_ms=1000),
    ),
    Case(
        "one byte of the body a second",
        {"host": "{receiver}", "timeout_ms": 1500},
        TIMED_OUT,
        within=3.5,
        script=[{"status": 200, "body": OK, "drip_ms": 1000}],
    ),
    Case(
        "endless body",
        {"host": "{receiver}"},
        unexpected("answer_truncated"),
        script=[{"status": 200, "body": "x", "endless": True}],
    ),
    Case(
        "endless body, slowly",
        {"host": "{receiver}", "timeout_ms": 1000},
        TIMED_OUT,
        within=3,
        script=[{"status": 200, "body": "x", "endless": True, "drip_ms": 50}],
    ),
    Case(
        "endless head",
        {"host": "{receiver}"},
        BROKEN,
        script=raw("HTTP/1.1 200 OK\r\nX: x\r\n" + "X-Long: x\r\n" * 1000, endless=True),
    ),
    Case("bad chunking", {"host": "{receiver}"}, BROKEN, script=raw(answer("Transfer-Encoding: chunked", "zz\r\nbad"))),
    Case(
        "chunks without an end",
        {"host": "{receiver}"},
        BROKEN,
        script=raw(answer("Transfer-Encoding: chunked", f"f\r\n{OK}\r\n")),
    ),
    Case(
        "chunked, well",
        {"host": "{receiver}"},
        accepted(),
        script=raw(answer("Transfer-Encoding: chunked", f"f\r\n{OK}\r\n0\r\n\r\n"), store=True),
    ),
    Case(
        "HTTP/1.0, the end of the connection ends the body",
        {"host": "{receiver}"},
        accepted(),
        script=raw(answer("Server: x", version="1.0"), store=True),
    ),
    Case(
        "HTTP/1.0 with a length",
        {"host": "{receiver}"},
        accepted(),
        script=raw(answer("Content-Length: 15", version="1.0"), store=True),
    ),
    Case("Content-Length too long, closes", {"host": "{receiver}"}, BROKEN, script=raw(answer("Content-Length: 50"))),
    Case(
        "Content-Length too long, keeps open",
        {"host": "{receiver}", "timeout_ms": 1000},
        TIMED_OUT,
        within=3,
        script=[{"status": 200, "headers": [["Content-Length", "50"]], "body": OK}],
    ),
    Case("Content-Length too short", {"host": "{receiver}"}, unexpected(), script=raw(answer("Content-Length: 5"))),
    Case("no HTTP at all", {"host": "{receiver}"}, BROKEN, script=raw("SSH-2.0-OpenSSH_9.2\r\n")),
    Case(
        "gzip'd answer, unasked",
        {"host": "{receiver}"},
        accepted(),
        script=[{"status": 200, "headers": [["Content-Encoding", "gzip"]], "body_base64": PACKED, "store": True}],
    ),
    Case(
        "closes before it has read the request",
        {"host": "{receiver}"},
        BROKEN,
        script=[{"cut": "before_request_read"}] * 3,
    ),
    Case("closes in the middle of the answer", {"host": "{receiver}"}, BROKEN, script=[{"cut": "in_body"}] * 3),
    Case(
        "closes between calls without a word",
        {"host": "{receiver}", "max_retries": 0},
        delivered(5),
        line=queue(1, 1, 1, 1, 1),
        script=[{"judge": True, "close": True, "silent": True}] * 5,
    ),
]
