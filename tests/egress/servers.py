"""Servers on loopback that say exactly what a test wants, and count who came."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[socket.socket], None]


@dataclass
class Listener:
    """`hits` counts connections that were taken; `heard` is what came before a script answered."""

    port: int
    reads: bool = True
    hits: int = 0
    heard: list[bytes] = field(default_factory=list)

    def url(self, path: str = "/", *, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@contextmanager
def listening(
    script: Script,
    *,
    tls: ssl.SSLContext | None = None,
    address: str = "127.0.0.1",
    port: int = 0,
    reads: bool = True,
) -> Iterator[Listener]:
    """Run `script` with each connection, in a thread of its own, after its request was read or,
    without `reads`, while it still lies in the socket.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, port), family=family) as server:
        listener = Listener(port=server.getsockname()[1], reads=reads)
        accepting = threading.Thread(
            target=accept_all, args=(server, listener, script, tls), daemon=True
        )
        accepting.start()
        try:
            yield listener
        finally:
            # A thread that waits in accept() does not notice that its socket was closed.
            server.shutdown(socket.SHUT_RDWR)
            accepting.join(5)


def accept_all(
    server: socket.socket, listener: Listener, script: Script, tls: ssl.SSLContext | None
) -> None:
    with suppress(OSError):
        while True:
            taken, _ = server.accept()
            listener.hits += 1
            arguments = (taken, listener, script, tls)
            threading.Thread(target=converse, args=arguments, daemon=True).start()


def converse(
    taken: socket.socket, listener: Listener, script: Script, tls: ssl.SSLContext | None
) -> None:
    # The other side hangs up on most of what is said here.
    with suppress(OSError), taken:
        talking = tls.wrap_socket(taken, server_side=True) if tls else taken
        with talking:
            if listener.reads:
                listener.heard.append(read_request(talking))
            script(talking)


def read_request(talking: socket.socket) -> bytes:
    heard = b""
    while b"\r\n\r\n" not in heard:
        piece = talking.recv(65536)
        if not piece:
            return heard
        heard += piece
    head, _, body = heard.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length and (piece := talking.recv(65536)):
        body += piece
    return head + b"\r\n\r\n" + body


def answering(body: bytes = b"hello", *, status: str = "200 OK", headers: str = "") -> Script:
    """`headers` are whole lines, each with its line end."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return saying(head.encode() + body)


def saying(*pieces: bytes, pause: float = 0) -> Script:
    """The pieces one after the other, with a pause before each but the first."""

    def script(talking: socket.socket) -> None:
        for number, piece in enumerate(pieces):
            if number and pause:
                threading.Event().wait(pause)
            talking.sendall(piece)

    return script


def saying_for_ever(start: bytes, again: bytes, *, pause: float = 0) -> Script:
    """Until the other side hangs up."""

    def script(talking: socket.socket) -> None:
        talking.sendall(start)
        while True:
            if pause:
                threading.Event().wait(pause)
            talking.sendall(again)

    return script


def holding_its_tongue(talking: socket.socket) -> None:
    """Until the other side hangs up."""
    with suppress(OSError):
        talking.recv(1)


def sitting_still(talking: socket.socket) -> None:
    """Reads nothing, so that the other side cannot go on writing."""
    threading.Event().wait(1)


def hanging_up(talking: socket.socket) -> None:
    talking.close()
