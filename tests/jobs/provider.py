"""A small authorization server on loopback: rotation, reuse detection, and answers to order."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass
class Provider:
    """A refresh token is `family.generation`; only the newest generation of a family is good.

    Whoever shows an older one has stolen it, as far as a server can know: the family is revoked.
    """

    rotates: bool = True
    latency: float = 0.0
    expires_in: int = 3600
    # Answers in place of the next ones: `(status, body, headers)`.
    scripted: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    # Called while a request waits for its answer.
    meanwhile: Any = None
    generations: dict[str, int] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    calls: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        with self.lock:
            self.calls.append({"path": path, **form})
            scripted = self.scripted.pop(0) if self.scripted else None
        if self.latency:
            time.sleep(self.latency)
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()
        if scripted is not None:
            return scripted
        return self.revoke(form) if path == "/revoke" else self.token(form)

    def token(self, form: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        if form["grant_type"] != "refresh_token":
            return 200, self.tokens(f"own-{len(self.calls)}", ""), {}
        family, _dot, generation = form["refresh_token"].partition(".")
        with self.lock:
            if family in self.revoked:
                return 400, {"error": "invalid_grant"}, {}
            if not self.rotates:
                return 200, self.tokens(f"{family}-{len(self.calls)}", ""), {}
            if int(generation) != self.generations.get(family, 0):
                self.revoked.add(family)
                return 400, {"error": "invalid_grant"}, {}
            self.generations[family] = int(generation) + 1
        return 200, self.tokens(family, f"{family}.{int(generation) + 1}"), {}

    def tokens(self, name: str, refresh_token: str) -> dict[str, Any]:
        answer = {
            "access_token": f"access-{name}-{self.generations.get(name, 0)}",
            "token_type": "Bearer",
            "expires_in": self.expires_in,
        }
        return {**answer, "refresh_token": refresh_token} if refresh_token else answer

    def revoke(self, form: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        self.revoked.add(form["token"].partition(".")[0])
        return 200, {}, {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: Provider

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        form = dict(parse_qsl(self.rfile.read(length).decode()))
        status, body, headers = self.provider.answer(self.path, form)
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(text)), **headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_arguments: Any) -> None:
        """Nothing: the tests print what they need."""


class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


@contextmanager
def running_provider(**options: Any) -> Iterator[Provider]:
    provider = Provider(**options)
    handler = type("BoundHandler", (Handler,), {"provider": provider})
    server = Server(("127.0.0.1", 0), handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
