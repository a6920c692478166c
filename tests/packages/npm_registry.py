"""An npm registry on loopback that knows the packages under test and nothing else.

Packages for other platforms are announced, as they will be, and cannot be fetched: npm has to choose by os, cpu and
libc alone.
"""

import base64
import hashlib
import json
import tarfile
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def manifest(tarball):
    """The package.json inside a tarball."""
    with tarfile.open(tarball) as archive:
        return json.load(archive.extractfile("package/package.json"))


class Registry:
    """Serves tarballs, and announces platforms that have none; `fetched` are the tarballs somebody asked for."""

    def __init__(self, tarballs, platforms):
        self.fetched = []
        self.packages = {manifest(tarball)["name"]: tarball for tarball in tarballs}
        self.announced = {name: manifest(tarball) for name, tarball in self.packages.items()}
        main = self.announced["hogwire"]
        for name, place in platforms.items():
            fields = {key: [value] for key, value in place.items()}
            self.announced.setdefault(name, {"name": name, "version": main["version"], **fields})
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, body = registry.answer(urllib.parse.unquote(self.path).lstrip("/"))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def answer(self, path):
        name, slash, tail = path.partition("/-/")
        if slash:
            self.fetched.append(name)
            return (200, self.packages[name].read_bytes()) if name in self.packages else (404, b"{}")
        if name not in self.announced:
            return 404, b"{}"
        one = dict(self.announced[name])
        digest = b"" if name not in self.packages else hashlib.sha512(self.packages[name].read_bytes()).digest()
        one["dist"] = {
            "tarball": f"{self.url}/{name}/-/{one['version']}.tgz",
            "integrity": f"sha512-{base64.b64encode(digest).decode()}",
        }
        version = one["version"]
        return 200, json.dumps({"name": name, "dist-tags": {"latest": version}, "versions": {version: one}}).encode()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
