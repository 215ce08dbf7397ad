"""Redis and Valkey: AUTH, SELECT and PING over a connection to a checked address.

redis.io/docs/latest/develop/reference/protocol-spec: requests are arrays of bulk strings, and
these commands are answered by one line each.
"""

import time
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from connections.checks.attempts import Attempt
from connections.checks.outcomes import Cause, Outcome, because, passed
from connections.egress import EgressError, open_connection
from integrations.templates import UnfilledTemplate, UnfitValue

DEFAULT_PORT = 6379
SECONDS = 5.0
LONGEST_LINE = 1024
PING = ("PING",)
# By the first word of an error. The rest of its text may quote what was sent.
CAUSES: dict[str, Cause] = {
    "WRONGPASS": "unauthorized",
    "NOAUTH": "unauthorized",
    "NOPERM": "forbidden_scope",
    "ERR max": "rate_limited",
    "ERR DB": "not_found_base_url",
    "ERR SELECT": "not_found_base_url",
    "ERR invalid": "unauthorized",
    "ERR AUTH": "unauthorized",
    "ERR Client": "unauthorized",
    "ERR wrong": "unauthorized",
}


class Connected(Protocol):
    """What is used of a socket: its module belongs to the door."""

    def sendall(self, data: bytes, /) -> None: ...
    def recv(self, size: int, /) -> bytes: ...
    def settimeout(self, seconds: float, /) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    host: str
    port: int
    tls: bool
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    database: int = 0

    def commands(self) -> list[tuple[str, ...]]:
        """What is said, in order; each is answered before the next."""
        names = (self.username,) if self.username else ()
        signing_in = [("AUTH", *names, self.password)] if self.password else []
        choosing = [("SELECT", str(self.database))] if self.database else []
        return [*signing_in, *choosing, PING]


def check(attempt: Attempt) -> Outcome:
    server = server_of(attempt)
    deadline = time.monotonic() + SECONDS
    with open_connection(server.host, server.port, seconds=SECONDS, tls=server.tls) as connected:
        for command in server.commands():
            reply = _ask(connected, command, deadline)
            # A user whose rules leave PING out was signed in all the same.
            if not reply.startswith("+") and (command, reply[:7]) != (PING, "-NOPERM"):
                return because(cause_of(reply))
    return passed()


def server_of(attempt: Attempt) -> Server:
    """From the parts, or from `redis[s]://user:password@host:port/database`."""
    if attempt.text("connection_string"):
        return _from_url(attempt.text("connection_string"))
    if not attempt.text("host"):
        raise UnfilledTemplate("host")
    return Server(
        host=attempt.text("host"),
        port=int(attempt.text("port") or DEFAULT_PORT),
        tls=attempt.value("tls") is not False,
        username=attempt.text("username"),
        password=attempt.text("password"),
        database=int(attempt.text("database") or 0),
    )


def _from_url(text: str) -> Server:
    try:
        parts = urlsplit(text)
        if not parts.hostname:
            raise UnfitValue("connection_string")
        return Server(
            host=parts.hostname,
            port=parts.port or DEFAULT_PORT,
            tls=parts.scheme == "rediss",
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            database=_database(parts),
        )
    except ValueError:
        raise UnfitValue("connection_string") from None


def _database(parts: SplitResult) -> int:
    number = parts.path.strip("/")
    if number and not (number.isascii() and number.isdecimal() and len(number) <= 5):
        raise UnfitValue("connection_string")
    return int(number or 0)


def cause_of(reply: str) -> Cause:
    """What the line of an error means."""
    words = reply.removeprefix("-").split(" ")
    return CAUSES.get(words[0]) or CAUSES.get(" ".join(words[:2])) or "service_error"


def _ask(connected: Connected, command: tuple[str, ...], deadline: float) -> str:
    """The line that answers. Raises EgressError."""
    parts = [part.encode(errors="replace") for part in command]
    sent = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    try:
        connected.sendall(b"*%d\r\n%s" % (len(parts), sent))
        return _line(connected, deadline)
    except TimeoutError:
        raise EgressError("timeout") from None
    except OSError:
        raise EgressError("refused") from None


def _line(connected: Connected, deadline: float) -> str:
    received = b""
    while b"\r\n" not in received:
        left = deadline - time.monotonic()
        if left <= 0:
            raise EgressError("timeout")
        connected.settimeout(left)
        more = connected.recv(LONGEST_LINE)
        if not more:
            raise EgressError("refused")
        received += more
        if len(received) > LONGEST_LINE:
            raise EgressError("too_large")
    return received.partition(b"\r\n")[0].decode(errors="replace")
