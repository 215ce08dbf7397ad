"""Bytes to and from one connected socket, within a deadline and a number of bytes."""

import socket
import ssl

from httpcore2 import NetworkStream, WriteError

from connections.egress import limits
from connections.egress.deadline import Deadline
from connections.egress.messages import EgressError


class LimitedStream(NetworkStream):
    """What the HTTP library reads and writes. It was given a socket and cannot open another.

    `may_receive` counts down: bytes that may still come, of headers at first, then of the body.
    """

    def __init__(self, connected: socket.socket, *, deadline: Deadline) -> None:
        self._socket = connected
        self._deadline = deadline
        self._has_received = False
        self.may_receive = limits.HEADER_BYTES

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Raises EgressError. `timeout` would be for this read alone; the deadline is for all."""
        if self.may_receive <= 0:
            raise EgressError("too_large")
        data = self._receive(min(max_bytes, self.may_receive))
        if not (data or self._has_received):
            # Closed without a word, which is not the same as a word that makes no sense.
            raise EgressError("refused")
        self._has_received = True
        self.may_receive -= len(data)
        return data

    def _receive(self, size: int) -> bytes:
        self._socket.settimeout(self._deadline.left())
        try:
            return self._socket.recv(size)
        except TimeoutError:
            raise EgressError("timeout") from None
        except ssl.SSLError:
            # In TLS 1.3 the other side says only now that it wanted a certificate of ours.
            raise EgressError("tls") from None
        except OSError:
            raise EgressError("refused") from None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Raises EgressError("timeout"), or WriteError, after which the library reads on: a server
        may answer before it has read everything, and close.
        """
        unsent = memoryview(buffer)
        while unsent:
            self._socket.settimeout(self._deadline.left())
            try:
                unsent = unsent[self._socket.send(unsent) :]
            except TimeoutError:
                raise EgressError("timeout") from None
            except OSError:
                raise WriteError from None

    def close(self) -> None:
        self._socket.close()
