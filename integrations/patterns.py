"""Patterns that mean what they mean in a browser, on an engine that runs in linear time.

The engine is the one of jsonschema-rs, so the rule and the published JSON Schema cannot differ.
It has no lookaround and no backreference; what it cannot run is refused when it is saved.
"""

import re
from functools import lru_cache

import jsonschema_rs

LONGEST_PATTERN = 512
MOST_REPEATS = 1000
_COMPILED_SIZE = 1024 * 1024

# Refused by name: other dialects' constructs that the engine would accept or explain badly.
_FOREIGN = re.compile(
    r"""(?P<bracket>\[\^?\])                 # a class that opens with its own end
    | \[(?:\\.|[^\]\\])*\]                  # a character class, skipped
    | (?P<look>\(\?<?[=!])                    # lookahead, lookbehind
    | (?P<flags>\(\?[a-zA-Z^-]+[:)])          # inline flags
    | (?P<named>\(\?P)                        # Python's named groups
    | (?P<back>\\[1-9]|\\k<)                  # backreferences
    | (?P<escape>\\[AzZGQU<>]|\\[bx]\{|\\[pP][^{])  # other dialects' anchors and escapes
    | \\.                                     # any other escape, skipped
    | (?P<spaced>\{\s+\d|\{[\d,]+\s)          # a counted repeat with spaces in it
    | (?P<twice>(?:[*+?]|\{\d+(?:,\d*)?\})(?:[*+{]|\?[*+?{]))  # repeats of a repeat
    | \{(?P<low>\d+)(?:,(?P<high>\d*))?\}     # counted repeats
    """,
    re.VERBOSE,
)
_REASONS = {
    "look": "lookahead and lookbehind cannot run in linear time",
    "flags": "inline flags are not part of a browser's patterns",
    "named": "named groups are written (?<name>...)",
    "back": "backreferences cannot run in linear time",
    "bracket": "a character class cannot be empty; write \\] for the bracket itself",
    "escape": "this escape is not part of a browser's patterns",
    "spaced": "a counted repeat has no spaces",
    "twice": "a repeat cannot be repeated",
}


class PatternError(ValueError):
    """A pattern that cannot be used; `position` counts characters from 0."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason} (at position {position})")
        self.reason, self.position = reason, position


class Pattern:
    """A compiled pattern. Use `whole()` for values and `anywhere()` for forbidden parts."""

    __slots__ = ("_validator", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._validator = jsonschema_rs.Draft202012Validator(
            {"pattern": source},
            pattern_options=jsonschema_rs.RegexOptions(size_limit=_COMPILED_SIZE),
        )

    def matches(self, value: str) -> bool:
        """Text that is no Unicode text (a lone surrogate) matches nothing."""
        try:
            return self._validator.is_valid(value)
        except UnicodeEncodeError:
            return False


def anchored(pattern: str) -> str:
    """The same pattern over the whole value, as JSON Schema has to spell it."""
    return f"^(?:{pattern})$"


@lru_cache(maxsize=4096)
def whole(pattern: str) -> Pattern:
    return Pattern(anchored(pattern))


@lru_cache(maxsize=4096)
def anywhere(pattern: str) -> Pattern:
    return Pattern(pattern)


def check_pattern(pattern: str) -> None:
    """Raise PatternError unless the engine can run it in linear time."""
    if len(pattern) > LONGEST_PATTERN:
        raise PatternError(f"a pattern has at most {LONGEST_PATTERN} characters", LONGEST_PATTERN)
    _refuse_foreign(pattern)
    try:
        whole(pattern)
        anywhere(pattern)
    except ValueError as error:
        raise PatternError("this is not a pattern that can be run", _position(pattern)) from error


def _refuse_foreign(pattern: str) -> None:
    for found in _FOREIGN.finditer(pattern):
        for name, reason in _REASONS.items():
            if found.group(name):
                raise PatternError(reason, found.start())
        counts = [int(count) for count in (found.group("low"), found.group("high")) if count]
        if counts and max(counts) > MOST_REPEATS:
            raise PatternError(f"a repeat counts at most to {MOST_REPEATS}", found.start())


def _position(pattern: str) -> int:
    """Where another parser stumbles: the engine does not say, and a hint beats none."""
    try:
        re.compile(pattern)
    except re.error as error:
        return error.pos or 0
    except (OverflowError, RecursionError):
        return 0
    return 0
