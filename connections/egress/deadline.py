"""A moment after which a call is over, however busily the other side keeps it going."""

import time
from typing import Self

from connections.egress.messages import EgressError


class Deadline:
    """Counts from when it is made. A timeout per read would let one byte a second go on."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, more than 0. Raises EgressError("timeout") once there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise EgressError("timeout")
        return seconds

    def within(self, seconds: float) -> Self:
        """An earlier end for a part of the call; never a later one."""
        return type(self)(min(seconds, self.left()))
