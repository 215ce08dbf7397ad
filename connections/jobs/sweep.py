"""A pool of threads that does what is due: claimed in small batches, as threads are free."""

import logging
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections, connections

from connections.jobs.due import CLAIMS, Piece

logger = logging.getLogger("connections.jobs")


class Sweep:
    """`start_due` claims no more than is begun at once: a lease that waits in a queue runs out."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.running = 0
        # `refresh` or `test`, and how it went.
        self.done: Counter[tuple[str, bool]] = Counter()
        self._changed = threading.Condition()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sweep")

    def start_due(self) -> bool:
        """Claim and begin what is due; whether there may be more of it."""
        may_be_more = False
        for kind, claim in CLAIMS.items():
            room = self.threads - self.running
            # Live tests may be slow: they never take the last threads from refreshes.
            room -= 0 if kind == "refresh" else self.threads // 2
            pieces = claim(room) if room > 0 else []
            for piece in pieces:
                self._begin(kind, piece)
            may_be_more = may_be_more or (bool(pieces) and len(pieces) >= room)
        return may_be_more

    def _begin(self, kind: str, piece: Piece) -> None:
        with self._changed:
            self.running += 1
        self._pool.submit(self._run, kind, piece)

    def _run(self, kind: str, piece: Piece) -> None:
        went_well = False
        try:
            close_old_connections()
            went_well = piece()
        except Exception:
            # Most likely the database is away. It is due again when its lease is over.
            logger.exception("a %s came to nothing", kind)
            connections.close_all()
        finally:
            close_old_connections()
            with self._changed:
                self.running -= 1
                self.done[kind, went_well] += 1
                self._changed.notify_all()

    def wait_for_room(self, seconds: float) -> None:
        """Until a quarter of the threads is free, so that claims are few and large."""
        enough = max(1, self.threads // 4)
        with self._changed:
            self._changed.wait_for(lambda: self.threads - self.running >= enough, seconds)

    def wait_until_idle(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self.running, seconds)

    def run_all(self, seconds: float) -> None:
        """Do everything that is due by now, in at most about so many seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.start_due():
                self.wait_for_room(1.0)
            elif self.wait_until_idle(0.5):
                return
        self.wait_until_idle(seconds)

    def close(self) -> None:
        self._pool.shutdown()
