"""Moments as texts that a rule has accepted."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any


def moment_in_utc(text: str) -> datetime:
    """The moment of a checked date and time with its offset.

    What lies beyond the years that UTC can name (the first hours of year 1, the last of 9999) is
    the nearest moment that it can.
    """
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        return (datetime.min if text < "5000" else datetime.max).replace(tzinfo=UTC)


def token_expiry(values: Mapping[str, Any], now: datetime) -> datetime | None:
    """The moment named by `expires_at`, else by `expires_in` seconds from `now`."""
    if values.get("expires_at"):
        return moment_in_utc(values["expires_at"])
    if values.get("expires_in") is not None:
        return now + timedelta(seconds=values["expires_in"])
    return None
