"""Requests that wait for somebody else's service: never on all threads of a process at once.

A service that is slow would otherwise stop everybody who asks for something else.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from connections.egress.turns import Turns

# A thread that waits for its turn waits as well.
LONGEST_WAIT = 0.2

_turns = Turns()
_held = threading.local()
_at_most = 0


def limit_to(count: int) -> None:
    """So many requests of this process may wait at once; none is limited until this is called."""
    global _at_most  # noqa: PLW0603 - one server in a process
    _at_most = count


@contextmanager
def waiting() -> Iterator[None]:
    """Hold one of the turns; within one, another is free. Raises EgressError("busy")."""
    if not _at_most or getattr(_held, "is_held", False):
        yield
        return
    with _turns.taken("requests", at_most=_at_most, seconds=LONGEST_WAIT):
        _held.is_held = True
        try:
            yield
        finally:
            _held.is_held = False
