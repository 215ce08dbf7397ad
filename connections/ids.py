"""Identifiers: UUIDv7 in the database, `conn_` and 32 hexadecimal digits outside.

They are made in Python, before a row is written: its secrets are bound to its id.
"""

import os
import time
import uuid
from datetime import datetime, timedelta

PREFIXES = {"conn", "cred", "wsp", "key", "evt", "cns", "ask", "inv"}


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, 12 of their parts, 62 random.

    The parts (section 6.2, method 3) keep rows of one millisecond in the order of their making.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    parts = rest * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | parts << 64 | random
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def first_id(moment: datetime, *, plus: timedelta = timedelta(0)) -> uuid.UUID:
    """No id that was made so long after that moment, or later, comes before it."""
    milliseconds = max(0, int((moment.timestamp() + plus.total_seconds()) * 1000))
    return uuid.UUID(int=milliseconds << 80)


def public_id(prefix: str, value: uuid.UUID) -> str:
    return f"{prefix}_{value.hex}"


def parse_id(prefix: str, text: str) -> uuid.UUID | None:
    """The row id in `conn_…`; None for anything else, of whatever length or script."""
    head, _, digits = text.partition("_")
    if head != prefix or len(digits) != 32 or not set(digits) <= set("0123456789abcdef"):
        return None
    return uuid.UUID(hex=digits)
