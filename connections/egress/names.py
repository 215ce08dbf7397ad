"""From a host to addresses that were all checked.

Whoever connects must connect to what stands in the answer, and must not ask again: the second
answer for a name may differ from the first.
"""

import contextlib
import queue
import socket
import threading

from connections.egress import limits, policy
from connections.egress.messages import EgressError
from connections.egress.urls import is_address


def resolve(host: str) -> list[str]:
    """Ask the system for every address of a name. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def addresses_of(host: str, *, seconds: float) -> list[str]:
    """Addresses of a host in its one spelling, in the order to try them: all may be connected to.

    Raises EgressError: "blocked" if a single one of them may not, "dns" if there is none or the
    resolver fails or does not answer in time.
    """
    policy.check_name(host)
    found = [host] if is_address(host) else _look_up(host, min(seconds, limits.RESOLVE_SECONDS))
    if not found:
        raise EgressError("dns")
    for address in found:
        policy.check_address(address)
    return found


def _look_up(host: str, seconds: float) -> list[str]:
    # The system's resolver takes no timeout. A thread of its own for each question: a pool could
    # be filled up by names that never answer, and would not survive a fork.
    answers: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
    asking = threading.Thread(target=_ask, args=(host, answers), name="egress-dns", daemon=True)
    try:
        asking.start()
        return answers.get(timeout=seconds)
    except (queue.Empty, RuntimeError):
        raise EgressError("dns") from None


def _ask(host: str, answers: "queue.SimpleQueue[list[str]]") -> None:
    found: list[str] = []
    try:
        with contextlib.suppress(OSError, UnicodeError):
            found = resolve(host)
    finally:
        answers.put(found)
