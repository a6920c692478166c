"""The programs a run needs, as child processes: nginx, tinyproxy and microsocks from Debian, and the suite's receiver.

They take free ports, whatever they write goes into one folder, and they end with the run. This file knows no case.
"""

import contextlib
import ctypes
import http.client
import json
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent

# Program, and the Debian package that brings it.
PACKAGES = {"nginx": "nginx", "tinyproxy": "tinyproxy", "microsocks": "microsocks"}
PASSWORD = "hogwire:secret"

# A start that takes longer has failed, also on a machine under load.
PATIENCE = 30

# The servers of nginx.conf and the proxies; each gets a port of its own.
PORTS = [
    "nginx",
    "nginx_limited",
    "nginx_limited_hint",
    "nginx_small",
    "nginx_impatient",
    "nginx_hasty",
    "nginx_moved",
    "nginx_portal",
    "nginx_tls",
    "nginx_tls_expired",
    "nginx_tls_wrong_name",
    "nginx_tls_unknown",
    "nginx_tls_client",
    "proxy",
    "proxy_password",
    "socks",
    "socks_password",
]

# tcpmux, which no system serves any more, so that nothing else can come to listen there.
REFUSED = 1

# What a proxy's connections come from, so that the server sees who came through which. Directly, it is 127.0.0.1.
SOURCES = {"proxy": "127.0.0.2", "proxy_password": "127.0.0.3", "socks": "127.0.0.4", "socks_password": "127.0.0.5"}


def found(program):
    """Where a program is; system programs stand in folders that are not on every user's PATH."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin:/sbin")


def missing():
    return [program for program in PACKAGES if not found(program)]


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def until(is_so, what, patience=PATIENCE):
    """Waits for a condition; there is nothing to be told by, so it looks every few milliseconds."""
    end = time.monotonic() + patience
    while not (found := is_so()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {patience} s")
        time.sleep(0.01)
    return found


def free_ports(names):
    """A free port for each name, taken together so that none is given twice."""
    with contextlib.ExitStack() as taken:
        sockets = {name: taken.enter_context(socket.create_server(("127.0.0.1", 0))) for name in names}
        return {name: held.getsockname()[1] for name, held in sockets.items()}


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def end_with_parent():
    """Asks the system to end this child also when the run is killed and can end nobody any more (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Program:
    """A child process that writes what it says into a file; ended, and waited for, when the run is over."""

    def __init__(self, command, log, ports):
        self.command, self.log, self.ports = command, log, ports

    def __enter__(self):
        with self.log.open("wb") as out:
            quiet = subprocess.DEVNULL
            self.child = subprocess.Popen(self.command, stdin=quiet, stdout=out, stderr=out, preexec_fn=end_with_parent)
        for port in self.ports:
            until(lambda port=port: self.is_ready(port), f"{self.command[0]} on port {port}; see {self.log}")
        return self

    def is_ready(self, port):
        if self.child.poll() is not None:
            raise RuntimeError(f"{self.command[0]} ended with {self.child.returncode}: {self.log.read_text()}")
        return listens(port)

    def __exit__(self, *_):
        self.child.terminate()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class Receiver:
    """The suite's PostHog-like server, see tests/receiver. It ends when its input does, so when this process does."""

    def __init__(self, build, settings=(), script=()):
        flags = []
        for name, value in dict(settings).items():
            flags += [f"--{name.replace('_', '-')}", value if isinstance(value, str) else json.dumps(value)]
        self.command = [str(build / "hogwire-receiver"), *flags, "--until-stdin-closes"]
        self.script = list(script)

    def __enter__(self):
        self.child = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = json.loads(self.child.stdout.readline())
        self.url, self.control, self.certificates = line["url"], line["control_url"], line
        self.port = urllib.parse.urlsplit(self.url).port
        if self.script:
            self.ask("POST", "script", self.script)
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait()
        self.child.stdout.close()

    def ask(self, method, page, body=None):
        control = urllib.parse.urlsplit(self.control)
        connection = http.client.HTTPConnection(control.hostname, control.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, f"/_receiver/{page}", body and json.dumps(body))
            return json.loads(connection.getresponse().read())

    def stored(self, at_least):
        """The uuids of the events stored, once there are so many; a request may still be being read."""
        self.ask("GET", f"wait?stored={at_least}")
        return [event["uuid"] for event in self.ask("GET", "stored")]


class Programs:
    """All programs of a run that are installed, and the words in braces that lead to them."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.running = contextlib.ExitStack()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.running.close()
            raise
        return self

    def __exit__(self, *_):
        self.running.close()

    def start(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.ports = free_ports(PORTS)
        self.words = {"{refused}": f"http://127.0.0.1:{REFUSED}", "{refused_address}": f"127.0.0.1:{REFUSED}"}
        # Nobody takes these connections out of the system's hands: it accepts them, and that is all.
        silent = self.running.enter_context(socket.create_server(("127.0.0.1", 0), backlog=4096))
        self.words["{silent}"] = f"127.0.0.1:{silent.getsockname()[1]}"
        self.words["{full}"] = self.full()
        self.certificates()
        if found("nginx"):
            self.start_nginx()
        for name, port in self.ports.items():
            scheme, host = ("https", "localhost") if "_tls" in name else ("http", "127.0.0.1")
            self.words[f"{{{name}_address}}"] = f"{host}:{port}"
            if name.startswith("nginx"):
                self.words[f"{{{name}}}"] = f"{scheme}://{host}:{port}/to/{{place}}"
        for name in SOURCES:
            self.words[f"{{{name}}}"] = f"127.0.0.1:{self.ports[name]}"
            if name.startswith("proxy") and found("tinyproxy"):
                self.start_tinyproxy(name)
            if name.startswith("socks") and found("microsocks"):
                self.start_microsocks(name)

    def full(self):
        """A server whose line of waiting connections is full: the system takes no more, and lets whoever comes wait."""
        server = self.running.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = self.running.enter_context(socket.socket())
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect(server.getsockname())
        return f"127.0.0.1:{server.getsockname()[1]}"

    def certificates(self):
        """Those that nginx shows and asks for: made by receivers, one for each kind, which only lend them."""
        kinds = {
            "trusted": "tls",
            "expired": "tls_expired",
            "wrong_name": "tls_wrong_name",
            "unknown_authority": "tls_unknown",
        }
        for kind, name in kinds.items():
            with Receiver(self.build, {"tls": kind}) as lender:
                pem = lender.certificates
                self.write(f"{name}.pem", pem["server_certificate_pem"] + pem["server_key_pem"])
                authority = self.write(f"{name}-authority.pem", pem["certificate_authority_pem"])
                self.words[f"{{{name}_authority}}"] = authority
                if kind == "trusted":
                    own = pem["client_certificate_pem"] + pem["client_key_pem"]
                    self.words["{tls_client_cert}"] = self.write("tls-client.pem", own)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def start_nginx(self):
        text = (HERE / "nginx.conf").read_text()
        for name, port in self.ports.items():
            text = text.replace(f"{{{name}}}", str(port))
        configuration = self.write("nginx.conf", text.replace("{folder}", str(self.folder)))
        ports = [port for name, port in self.ports.items() if name.startswith("nginx")]
        command = [found("nginx"), "-e", str(self.folder / "nginx-errors.log"), "-c", configuration]
        self.running.enter_context(Program(command, self.folder / "nginx-output.log", ports))

    def start_tinyproxy(self, name):
        # As Debian has it, CONNECT leads to TLS ports only: plain HTTP has to be asked for in the plain way.
        lines = [
            f"Port {self.ports[name]}",
            "Listen 127.0.0.1",
            f"Bind {SOURCES[name]}",
            "Timeout 60",
            "MaxClients 500",
            "LogLevel Connect",
            *(
                f"ConnectPort {port}"
                for port in [REFUSED, *(port for server, port in self.ports.items() if "_tls" in server)]
            ),
        ]
        if name.endswith("password"):
            lines.append(f"BasicAuth {PASSWORD.replace(':', ' ')}")
        configuration = self.write(f"{name}.conf", "".join(f"{line}\n" for line in lines))
        command = [found("tinyproxy"), "-d", "-c", configuration]
        self.running.enter_context(Program(command, self.folder / f"{name}.log", [self.ports[name]]))

    def start_microsocks(self, name):
        command = [found("microsocks"), "-i", "127.0.0.1", "-p", str(self.ports[name]), "-b", SOURCES[name]]
        if name.endswith("password"):
            user, _, password = PASSWORD.partition(":")
            command += ["-u", user, "-P", password]
        self.running.enter_context(Program(command, self.folder / f"{name}.log", [self.ports[name]]))

    def seen_by_nginx(self, number):
        """What nginx noted of the requests with this number in their path."""
        log = self.folder / "nginx-access.log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [Noted(*line.split()[1:]) for line in lines if line.startswith(f"{number} ")]


class Noted(NamedTuple):
    """A request as nginx notes it."""

    status: str
    connection: str
    address: str

    @property
    def proxy(self):
        """The proxy it came through; `None` when it came directly."""
        return next((name for name, address in SOURCES.items() if address == self.address), None)
