"""What a family of processes costs: processor time, and memory at rest."""

import contextlib
from collections.abc import Iterator

import psutil


def family(pid: int) -> Iterator[psutil.Process]:
    root = psutil.Process(pid)
    yield root
    yield from root.children(recursive=True)


def cpu_seconds(pid: int) -> float:
    """User and system time of `pid` and all below it, those that have ended included.

    A child that ended is in its parent's `children_*` once it was waited for, and no longer counted
    by itself, so nothing is counted twice.
    """
    total = 0.0
    for process in family(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total


def proportional_mib(pid: int) -> float:
    """Sum of the PSS: a page shared by several processes counts once."""
    return sum(process.memory_full_info().pss for process in family(pid)) / 2**20
