"""Moments as texts that a rule has accepted."""

from datetime import UTC, datetime


def moment_in_utc(text: str) -> datetime:
    """The moment of a checked date and time with its offset.

    What lies beyond the years that UTC can name (the first hours of year 1, the last of 9999) is
    the nearest moment that it can.
    """
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        return (datetime.min if text < "5000" else datetime.max).replace(tzinfo=UTC)
