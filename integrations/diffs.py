"""What sets two definitions apart, line by line of their files."""

import difflib
from dataclasses import dataclass
from typing import Any, Literal

from integrations.export import document_of, written
from integrations.specs import IntegrationDefinition

CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Line:
    """`mark` is `+`, `-`, a space, or `@` for what was left out between two places."""

    mark: Literal["+", "-", " ", "@"]
    text: str


def difference(before: IntegrationDefinition | None, after: IntegrationDefinition) -> list[Line]:
    """Empty where both say the same. Without a `before` all lines are new."""
    old = {} if before is None else document_of(before)
    return document_difference(old, document_of(after))


def document_difference(before: dict[str, Any], after: dict[str, Any]) -> list[Line]:
    old = written(before).splitlines() if before else []
    new = written(after).splitlines()
    found = list(difflib.unified_diff(old, new, n=CONTEXT, lineterm=""))
    # The first two name files.
    return [_line(one) for one in found[2:]]


def _line(one: str) -> Line:
    if one.startswith("@"):
        return Line("@", one)
    mark: Any = one[0]
    return Line(mark, one[1:])
