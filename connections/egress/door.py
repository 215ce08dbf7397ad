"""The verbs of the door: call by HTTP, or connect for a protocol that is not HTTP."""

import os
import socket
from contextlib import AbstractContextManager, nullcontext

from django.conf import settings

from connections.egress import limits
from connections.egress.deadline import Deadline
from connections.egress.messages import Answer, EgressError, Request
from connections.egress.names import addresses_of
from connections.egress.sockets import connect, secure
from connections.egress.transport import call
from connections.egress.turns import Turns
from connections.egress.urls import normal_host, parse

_turns = Turns()
os.register_at_fork(after_in_child=_turns.forget)

# Below are the protocols of machines (mail, remote shells, files); databases listen above.
_FIRST_ORDINARY_PORT = 1024


def send(
    request: Request, *, caller: str = "", seconds: float = limits.WHOLE_CALL_SECONDS
) -> Answer:
    """Make one call and read its answer, whatever its status; redirects are not followed.

    `caller` is whose call it is, such as a workspace's id: each has few calls at once. Without one
    there is no such limit. `seconds` is for everything together, waiting for a turn included.
    Raises EgressError.
    """
    target = parse(request.url)
    deadline = Deadline(seconds)
    with _turn_of(caller, seconds=seconds):
        return call(request, target, deadline=deadline)


def _turn_of(caller: str, *, seconds: float) -> AbstractContextManager[None]:
    if not caller:
        return nullcontext()
    waiting = min(limits.WAIT_FOR_TURN_SECONDS, seconds)
    return _turns.taken(caller, at_most=limits.CALLS_AT_ONCE, seconds=waiting)


def checked_addresses(host: str, port: int) -> list[str]:
    """Addresses that may be connected to, for a library that connects by itself.

    It must be given one of these and the name only for its certificate. Ports below 1024 are
    refused unless they are 443 or EGRESS_ALLOW_PORTS lists them. Raises EgressError "bad_url",
    "blocked" or "dns".
    """
    return _checked(_one_spelling(host), port, seconds=limits.RESOLVE_SECONDS)


def open_connection(
    host: str, port: int, *, seconds: float = limits.CONNECT_SECONDS, tls: bool = False
) -> socket.socket:
    """A socket connected to a checked address of the host, with `seconds` as its timeout.

    With `tls` the certificate was checked for the host. The caller closes it, and bounds how long
    and how much it reads. Raises EgressError.
    """
    name = _one_spelling(host)
    deadline = Deadline(seconds)
    connected = connect(_checked(name, port, seconds=seconds), port, deadline=deadline)
    if tls:
        connected = secure(connected, name, deadline=deadline)
    connected.settimeout(seconds)
    return connected


def _one_spelling(host: str) -> str:
    """Settings of databases have IPv6 addresses without the brackets of URLs."""
    return normal_host(f"[{host}]" if ":" in host and not host.startswith("[") else host)


def _checked(name: str, port: int, *, seconds: float) -> list[str]:
    if not _is_for_databases(port):
        raise EgressError("bad_url")
    return addresses_of(name, seconds=seconds)


def _is_for_databases(port: int) -> bool:
    if _FIRST_ORDINARY_PORT <= port <= 65535:
        return True
    return port == 443 or (port > 0 and port in settings.EGRESS_ALLOW_PORTS)
