"""A server on loopback that answers with the bytes it was told to, and remembers what it heard."""

import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connections.egress import Send, send

Script = bytes | Callable[["Heard"], bytes]


@dataclass
class Heard:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Scripted:
    """`answers` by path, `default` for every other; bytes of a whole HTTP answer."""

    url: str = ""
    answers: dict[str, Script] = field(default_factory=dict)
    default: Script = b""
    heard: list[Heard] = field(default_factory=list)

    @property
    def last(self) -> Heard:
        return self.heard[-1]

    def answer_for(self, heard: Heard) -> bytes:
        script = self.answers.get(urlsplit(heard.path).path, self.default)
        return script(heard) if callable(script) else script


def http(
    body: bytes | str = b"",
    *,
    status: int = 200,
    content_type: str | None = "application/json",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of a well-formed answer."""
    packed = body.encode() if isinstance(body, str) else body
    lines = {"Content-Length": str(len(packed)), "Connection": "close"}
    if content_type is not None:
        lines["Content-Type"] = content_type
    head = "".join(f"{name}: {value}\r\n" for name, value in {**lines, **(headers or {})}.items())
    return f"HTTP/1.1 {status} Said so\r\n{head}\r\n".encode("latin-1") + packed


def answer(members: Any, *, status: int = 200, **more: Any) -> bytes:
    return http(json.dumps(members), status=status, **more)


NOT_FOUND = http("no", status=404, content_type="text/plain")


@contextmanager
def scripted_server() -> Iterator[Scripted]:
    script = Scripted(default=NOT_FOUND)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError, ValueError):
                heard = _read(self.rfile)
                script.heard.append(heard)
                self.wfile.write(script.answer_for(heard))
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_WR)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        script.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()


def _read(stream: Any) -> Heard:
    method, path, _version = stream.readline().decode("latin-1").split()
    headers: dict[str, str] = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _colon, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return Heard(method, path, headers, body)


def quick_send(seconds: float = 5.0) -> Send:
    """The real door to the network, with less patience."""
    return partial(send, seconds=seconds)
