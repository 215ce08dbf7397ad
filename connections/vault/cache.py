"""Unwrapped workspace keys, held in this process for minutes.

A remote provider cannot be asked for every value. The keys stay in memory: no shared cache, no
file, and nothing that prints them.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from uuid import UUID

from connections.vault.opaque import Opaque


class KeyCache(Opaque):
    """Thread-safe. The key loaded first leaves first, be it for its age or for want of room."""

    __slots__ = ("_clock", "_entries", "_lock", "_max_entries", "_ttl_seconds")

    def __init__(
        self,
        ttl_seconds: float = 300,
        max_entries: int = 1024,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ttl_seconds = ttl_seconds
        self._max_entries = max_entries
        self._clock = clock
        self._lock = Lock()
        # In the order of loading, which is the order of expiry: every entry lives equally long.
        self._entries: OrderedDict[tuple[UUID, int], tuple[float, bytes]] = OrderedDict()

    def get(self, workspace_id: UUID, version: int, load: Callable[[], bytes]) -> bytes:
        """Return the key held for this version, or what `load` returns, which is then held.

        What `load` raises is passed on and not remembered.
        """
        name = (workspace_id, version)
        with self._lock:
            self._drop_expired()
            if entry := self._entries.get(name):
                return entry[1]
        # Loading may take a network call; nobody else waits for it. Two threads that load the same
        # key get the same bytes.
        key = load()
        with self._lock:
            self._hold(name, key)
        return key

    def _drop_expired(self) -> None:
        now = self._clock()
        while self._entries and next(iter(self._entries.values()))[0] <= now:
            self._entries.popitem(last=False)

    def _hold(self, name: tuple[UUID, int], key: bytes) -> None:
        self._entries.pop(name, None)
        self._entries[name] = (self._clock() + self._ttl_seconds, key)
        while len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)

    def __repr__(self) -> str:
        return f"KeyCache(entries={len(self._entries)}, max_entries={self._max_entries})"
