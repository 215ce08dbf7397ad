"""Few calls at once: one caller's slow service must not take every thread of the process."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from connections.egress.messages import EgressError


class Turns:
    """Counts what is under way, by caller, within one process."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start anew: a forked process inherits the counts, but not the threads that lower them."""
        self._changed = threading.Condition()
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def taken(self, caller: str, *, at_most: int, seconds: float) -> Iterator[None]:
        """Hold one of `at_most` turns, after waiting for it. Raises EgressError("busy")."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._under_way[caller] < at_most, seconds):
                raise EgressError("busy")
            self._under_way[caller] += 1
        try:
            yield
        finally:
            self._give_back(caller)

    def _give_back(self, caller: str) -> None:
        with self._changed:
            self._under_way[caller] -= 1
            if self._under_way[caller] <= 0:
                # Otherwise every caller that there ever was would stay in memory.
                del self._under_way[caller]
            self._changed.notify_all()
