"""The worker of gunicorn, made patient with slow clients and others not dependent on them.

gunicorn's thread reads the head of a request until it is complete, however long a client takes: as
many clients as there are threads stop everybody else. Here a thread gets a connection only once
its head is there, and a request that takes too long to arrive is cut off. A proxy that buffers
whole requests does the same better; this is for those who have none.
"""

import time
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from socket import MSG_DONTWAIT, MSG_PEEK, SHUT_RD
from typing import Any

from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import ThreadWorker

END_OF_HEAD = b"\r\n\r\n"
LONGEST_HEAD = 64 * 1024
SECONDS_FOR_THE_HEAD = 10
SECONDS_FOR_THE_BODY = 30


class PatientWorker(ThreadWorker):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Connections whose head is not complete, and those that a thread reads from, by deadline.
        self.waiting: dict[Any, float] = {}
        self.reading: dict[Any, float] = {}

    def handle_quit(self, sig: int, frame: Any) -> None:
        """Stop at once, threads aside: the interpreter sees to them when it ends.

        gunicorn's has the pool of threads shut down here, in a signal handler: where the signal
        comes while a request is handed to the pool, the lock that it waits for is its own.
        """
        Worker.handle_quit(self, sig, frame)

    def enqueue_req(self, conn: Any) -> None:
        """Hand the connection to a thread, or keep it until its head is complete."""
        arrived = _arrived(conn)
        if arrived is None:
            self._wait_for_data(conn)
        elif conn.cfg.is_ssl or END_OF_HEAD in arrived.lstrip(b"\r\n"):
            self.waiting.pop(conn, None)
            self.reading[conn] = time.monotonic() + SECONDS_FOR_THE_BODY
            super().enqueue_req(conn)
        elif arrived and len(arrived) < LONGEST_HEAD:
            self.waiting.setdefault(conn, time.monotonic() + SECONDS_FOR_THE_HEAD)
        else:
            self._drop(conn)

    def _wait_for_data(self, conn: Any) -> None:
        """As gunicorn has a connection wait that a thread gave back."""
        conn.sock.setblocking(False)
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def finish_request(self, conn: Any, fs: Any) -> None:
        self.reading.pop(conn, None)
        super().finish_request(conn, fs)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        # Whoever waits is looked at again soon: a slow client costs itself a moment, no thread.
        super().wait_for_and_dispatch_events(0.05 if self.waiting else timeout)
        now = time.monotonic()
        for conn, deadline in list(self.waiting.items()):
            if now < deadline:
                self.enqueue_req(conn)
            else:
                self._drop(conn)
        for conn in [conn for conn, deadline in self.reading.items() if now >= deadline]:
            # The thread that waits for the rest wakes up and finds that there is none.
            del self.reading[conn]
            with suppress(OSError):
                conn.sock.shutdown(SHUT_RD)

    def _drop(self, conn: Any) -> None:
        self.waiting.pop(conn, None)
        self.nr_conns -= 1
        conn.close()


def _arrived(conn: Any) -> bytes | None:
    """What a thread would read next; None where it would have to wait, nothing after the end."""
    read_ahead: bytes = conn.parser.unreader.buf.getvalue() if conn.parser is not None else b""
    if read_ahead:
        # Of a request that was sent along with the one before: a thread takes it from here.
        return b"." + END_OF_HEAD
    try:
        return conn.sock.recv(LONGEST_HEAD, MSG_PEEK | MSG_DONTWAIT)  # type: ignore[no-any-return]
    except BlockingIOError:
        return None
    except OSError:
        return b""
