"""Bars that the server draws: as long as their share of the longest, with their number beside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Counted(NamedTuple):
    """What is counted, how many, where they are listed; `tone` is a status, for the colour."""

    label: str
    count: int
    url: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    counted: Counted
    percent: int

    @property
    def gap(self) -> int:
        """Above it, where it stands upright."""
        return 100 - self.percent


def bars(rows: Iterable[Counted]) -> Sequence[Bar]:
    """A whole percent for each; what is there at all can be seen."""
    listed = list(rows)
    longest = max((row.count for row in listed), default=0)
    return [Bar(row, _percent(row.count, longest)) for row in listed]


def _percent(count: int, longest: int) -> int:
    return max(1, round(100 * count / longest)) if count else 0
