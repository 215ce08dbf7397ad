"""Services that keep their callers waiting: what is due there makes room for all others."""

import threading
import time
from collections import defaultdict
from collections.abc import Hashable

SLOW_SECONDS = 3.0
FAILURES_TO_OPEN = 3
SECONDS_OPEN = 30.0


class Breaker:
    """Open for a key after some slow failures in a row; afterwards one more opens it again.

    Quick failures take up no thread and do not count. In this process's memory only: each worker
    finds out for itself.
    """

    def __init__(self) -> None:
        self._failures: defaultdict[Hashable, int] = defaultdict(int)
        self._open_until: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    def is_open(self, key: Hashable) -> bool:
        with self._lock:
            return self._open_until.get(key, 0.0) > time.monotonic()

    def note_success(self, key: Hashable) -> None:
        with self._lock:
            self._failures.pop(key, None)
            self._open_until.pop(key, None)

    def note_failure(self, key: Hashable, *, seconds: float) -> None:
        if seconds < SLOW_SECONDS:
            return
        with self._lock:
            self._failures[key] += 1
            if self._failures[key] >= FAILURES_TO_OPEN:
                self._open_until[key] = time.monotonic() + SECONDS_OPEN
