"""What is wrong with an input, in words for people and in codes for programs."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

# One answer names at most this many unknown members: a body may hold thousands.
MOST_UNKNOWN = 20
LONGEST_QUOTED_NAME = 64


class Problem(ErrorDetail):
    """DRF's error detail with a hint and the stage of the check that found it.

    `stage` is `shape` (one field for itself) or `rules` (several fields together).
    """

    hint: str | None
    stage: str

    def __new__(
        cls, text: str, code: str, *, hint: str | None = None, stage: str = "shape"
    ) -> "Problem":
        self = super().__new__(cls, text, code)
        self.hint, self.stage = hint, stage
        return self

    @property
    def in_full(self) -> str:
        """What is wrong and what to do, as sentences."""
        return f"{self}. {self.hint}" if self.hint else f"{self}."


Problems = dict[str, list[Problem]]


class Refused(ValidationError):
    """A validation error that keeps its problems as they are: DRF's copies them without hints."""

    def __init__(self, detail: list[Problem] | Problems) -> None:
        super().__init__()
        self.detail = detail  # type: ignore[assignment]


def required(label: str) -> Problem:
    return Problem(_("Field '%(label)s' is required") % {"label": label}, "required")


def unknown(names: Iterable[str], known: Iterable[str], *, prefix: str = "") -> Problems:
    """One problem for each name that nobody declared, with a hint where one is close."""
    found: Problems = {}
    known = list(known)
    for name in list(names)[:MOST_UNKNOWN]:
        shown = printable(name)
        close = get_close_matches(shown, known, n=1)
        hint = _("Did you mean '%(name)s'?") % {"name": close[0]} if close else None
        text = _("Unknown field '%(name)s'") % {"name": shown}
        found[prefix + shown] = [Problem(text, "unknown", hint=hint)]
    return found


def printable(name: str) -> str:
    """A caller's own word, short and without control characters, fit to be quoted."""
    word = "".join(letter if letter.isprintable() else "?" for letter in name)
    return word if len(word) <= LONGEST_QUOTED_NAME else word[:LONGEST_QUOTED_NAME] + "…"


def as_rows(problems: Mapping[str, list[Problem]]) -> list[dict[str, Any]]:
    """The `fields` of the contract's refusal: `{field, code, message, hint}` in order."""
    return [
        {
            "field": path,
            "code": problem.code,
            "message": str(problem),
            "hint": getattr(problem, "hint", None),
        }
        for path, found in problems.items()
        for problem in found
    ]
