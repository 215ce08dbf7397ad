"""Servers on this machine that are not HTTP: each connection is handed to a function."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Serve = Callable[[socket.socket], None]


@contextmanager
def listening(serve: Serve) -> Iterator[int]:
    """The port of a server that gives every connection to `serve`, in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, serve), daemon=True).start()
        yield listener.getsockname()[1]


def _accept(listener: socket.socket, serve: Serve) -> None:
    while True:
        try:
            connected, _address = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(connected, serve), daemon=True).start()


def _serve(connected: socket.socket, serve: Serve) -> None:
    with connected:
        try:
            serve(connected)
        except OSError:
            return


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
