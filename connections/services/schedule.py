"""When stored connections are tried and refreshed again: pure functions of moments."""

import random
from datetime import datetime, timedelta

# A token is refreshed on reading when less than this is left …
LEAST_LEFT = timedelta(seconds=60)
# … and by the sweep somewhat earlier, so that readers seldom wait.
AHEAD = timedelta(minutes=5)
RETEST_EVERY = timedelta(hours=24)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=6)


def least_left(lifetime: timedelta | None) -> timedelta:
    """How much may be left before a token is refreshed: a minute, or a tenth of a short life."""
    return LEAST_LEFT if lifetime is None else min(LEAST_LEFT, lifetime / 10)


def next_refresh(expires_at: datetime | None, issued_at: datetime) -> datetime | None:
    """When the sweep refreshes a token; None for one that does not end.

    A fifth of its life before the end at most, spread so that a thousand that were made together
    are not due together.
    """
    if expires_at is None:
        return None
    lifetime = max(expires_at - issued_at, timedelta(0))
    ahead = max(min(AHEAD, lifetime / 5), least_left(lifetime))
    spread = ahead * 0.5 * random.random()  # noqa: S311 - spreads load, protects nothing
    return max(expires_at - ahead - spread, issued_at)


def next_test(now: datetime) -> datetime:
    """When a connection that works is tried again: about a day later."""
    return now + RETEST_EVERY * (0.9 + 0.2 * random.random())  # noqa: S311


def next_attempt(now: datetime, attempts: int, retry_after: float | None = None) -> datetime:
    """After `attempts` failures in a row: twice as long each time, with jitter.

    `retry_after` are the seconds that the service asked for, at most an hour of them.
    """
    wait = min(FIRST_RETRY * 2 ** min(attempts, 20), LONGEST_RETRY)
    wait *= 0.5 + random.random()  # noqa: S311
    asked = timedelta(seconds=min(max(retry_after or 0, 0), 3600))
    return now + max(wait, asked)
