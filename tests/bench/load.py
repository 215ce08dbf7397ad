"""The callers: a process of its own that sends prepared requests and times the answers.

One selector over kept-alive sockets, no threads and no HTTP library, so that two cores are left to
the server. It reads one JSON document on stdin and writes one to stdout. Loopback only.
"""

import json
import re
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, islice

HOST = "127.0.0.1"
STUCK_AFTER_SECONDS = 30
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
CLOSING = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


class Caller:
    """One kept-alive connection with at most one request on its way."""

    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self.port, self.requests = port, requests
        self.socket = self.connect()

    def connect(self) -> socket.socket:
        link = socket.create_connection((HOST, self.port), timeout=STUCK_AFTER_SECONDS)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return link

    def send(self) -> None:
        self.answer = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(next(self.requests))

    def receive(self) -> bool:
        """Read what has come; true once the answer is whole, or will never be."""
        piece = self.socket.recv(1 << 18)
        self.answer += piece
        self.ended_at = time.perf_counter()
        return not piece or is_whole(self.answer)

    def status(self) -> str:
        return self.answer[9:12].decode("ascii") if is_whole(self.answer) else "closed"

    def must_reconnect(self) -> bool:
        return self.status() == "closed" or bool(CLOSING.search(head_of(self.answer)))


def head_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[0]


def is_whole(answer: bytes) -> bool:
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    if CHUNKED.search(head):
        return body.endswith(b"0\r\n\r\n")
    length = LENGTH.search(head)
    return len(body) >= (int(length[1]) if length else 0)


class Result:
    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.errors: Counter[str] = Counter()
        self.first_error = ""

    def note(self, caller: Caller) -> None:
        status = caller.status()
        if status.startswith("2"):
            self.latencies.append(caller.ended_at - caller.sent_at)
            return
        self.errors[status] += 1
        self.first_error = self.first_error or caller.answer[-400:].decode("utf-8", "replace")


def run(*, port: int, callers: int, seconds: float, most: int, requests: list[str]) -> dict:
    """Send `requests` round and round until the time or the count is reached."""
    queue = islice(cycle([request.encode() for request in requests]), most)
    result, started = Result(), time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for caller in (Caller(port, queue) for _ in range(min(callers, most))):
            selector.register(caller.socket, selectors.EVENT_READ, caller)
            caller.send()
        serve(selector, result, until=started + seconds)
    elapsed = time.perf_counter() - started
    return {
        "elapsed": elapsed,
        "latencies": result.latencies,
        "errors": result.errors,
        "first_error": result.first_error,
    }


def serve(selector: selectors.BaseSelector, result: Result, *, until: float) -> None:
    while selector.get_map():
        events = selector.select(STUCK_AFTER_SECONDS)
        if not events:
            raise TimeoutError(f"no answer for {STUCK_AFTER_SECONDS} seconds")
        for key, _ in events:
            caller = key.data
            if caller.receive():
                result.note(caller)
                go_on(selector, caller, is_over=caller.ended_at >= until)


def go_on(selector: selectors.BaseSelector, caller: Caller, *, is_over: bool) -> None:
    """The caller's next request, on a new connection if the server closed the old one."""
    if is_over or caller.must_reconnect():
        selector.unregister(caller.socket)
        caller.socket.close()
        if is_over:
            return
        caller.socket = caller.connect()
        selector.register(caller.socket, selectors.EVENT_READ, caller)
    try:
        caller.send()
    except StopIteration:
        selector.unregister(caller.socket)
        caller.socket.close()


if __name__ == "__main__":
    json.dump(run(**json.load(sys.stdin)), sys.stdout)
