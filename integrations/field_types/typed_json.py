"""JSON that a person typed or pasted into a form: read as strictly as a program's body is."""

import json
import re
from typing import Any

# A body is nested 32 levels at most, and two of them lie around a value.
MOST_NESTED = 30
LARGEST_NUMBER = 10**308
# NUL does not fit into PostgreSQL, half a surrogate pair not into UTF-8.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def read_json(typed: str) -> Any:
    """The JSON value, or None for what no body could carry: the rule then refuses the text."""
    try:
        value = json.loads(typed, object_pairs_hook=_without_duplicates, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if _is_plain(value) else None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is named twice")
    return members


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _is_plain(value: Any) -> bool:
    """Whether a body could carry it: what is refused by the parser of programs is refused here."""
    left = [(value, 1)]
    while left:
        item, depth = left.pop()
        if not isinstance(item, dict | list):
            if not _is_plain_leaf(item):
                return False
        elif depth > MOST_NESTED:
            return False
        else:
            children = [*item, *item.values()] if isinstance(item, dict) else item
            left.extend((child, depth + 1) for child in children)
    return True


def _is_plain_leaf(item: Any) -> bool:
    if isinstance(item, str):
        return _UNSTORABLE.search(item) is None
    return not isinstance(item, int | float) or abs(item) <= LARGEST_NUMBER
