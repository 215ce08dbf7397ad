"""Patterns mean what they mean in a browser, run in linear time, and are refused with a place."""

import time

import pytest

from integrations import patterns
from integrations.patterns import PatternError, check_pattern

ACCEPTED = [
    "", ".*", "abc", "^abc$", "^abc", "a|b", "(a+)+$", "(a|aa)+$", "(.*a){12}", "[A-Za-z0-9]{40}",
    r"\d{4}-\d\d", r"[\w.-]+", r"[\-+]", r"[\]a]", "[^a]", "[a&&b]", "[(?=]",
    "[*+]+", "[{]{2}", r"\{name\}", r"\}+", r"a\*+", r"\(\?=", "a{2}", "a{2,}", "a{2,5}", "a{1000}",
    "a*?", "a+?", "a??", "a{2}?", "(?:ab)+", "(?<year>[0-9]{4})", r"\bfoo\b", r"\.", r"\/",
    r"\u00e9", r"\x41", r"\p{L}+", "\u00e9+", "\U0001f511", "x" * 512,
]  # fmt: skip


@pytest.mark.parametrize("pattern", ACCEPTED)
def test_accepted(pattern: str) -> None:
    check_pattern(pattern)


CANNOT_RUN = "this is not a pattern that can be run"
REFUSED = [
    ("(", 0, CANNOT_RUN),
    ("ab(c", 2, CANNOT_RUN),
    ("*", 0, CANNOT_RUN),
    ("a)(?:b", 1, CANNOT_RUN),
    ("[z-a]", 1, CANNOT_RUN),
    ("[\\\\-+]", 1, CANNOT_RUN),
    ("[abc", 0, CANNOT_RUN),
    ("((a{100}){100}){100}", 0, CANNOT_RUN),
    ("a{", 0, CANNOT_RUN),
    ("\ud800", 0, CANNOT_RUN),
    ("a{1001}", 1, "a repeat counts at most to 1000"),
    ("ab{1,1001}", 2, "a repeat counts at most to 1000"),
    ("a{99999999999}", 1, "a repeat counts at most to 1000"),
    ("x" * 513, 512, "a pattern has at most 512 characters"),
    ("a(?=b)", 1, "lookahead and lookbehind cannot run in linear time"),
    ("(?!a)", 0, "lookahead and lookbehind cannot run in linear time"),
    ("ab(?<=b)", 2, "lookahead and lookbehind cannot run in linear time"),
    ("(?<!b)", 0, "lookahead and lookbehind cannot run in linear time"),
    (r"(a)\1", 3, "backreferences cannot run in linear time"),
    (r"(?<a>x)\k<a>", 7, "backreferences cannot run in linear time"),
    ("(?i)abc", 0, "inline flags are not part of a browser's patterns"),
    ("a(?s:.)", 1, "inline flags are not part of a browser's patterns"),
    ("(?P<a>x)", 0, "named groups are written (?<name>...)"),
    (r"\Aabc", 0, "this escape is not part of a browser's patterns"),
    (r"abc\Z", 3, "this escape is not part of a browser's patterns"),
    (r"abc\z", 3, "this escape is not part of a browser's patterns"),
    (r"\<abc", 0, "this escape is not part of a browser's patterns"),
    (r"\x{41}", 0, "this escape is not part of a browser's patterns"),
    (r"\U00000041", 0, "this escape is not part of a browser's patterns"),
    (r"\b{start}a", 0, "this escape is not part of a browser's patterns"),
    (r"\pL", 0, "this escape is not part of a browser's patterns"),
    ("a++", 1, "a repeat cannot be repeated"),
    ("a*+b", 1, "a repeat cannot be repeated"),
    ("a**", 1, "a repeat cannot be repeated"),
    ("a{2}{3}", 1, "a repeat cannot be repeated"),
    ("a{2}+", 1, "a repeat cannot be repeated"),
    ("a???", 1, "a repeat cannot be repeated"),
    ("a{ 2 }", 1, "a counted repeat has no spaces"),
    ("[]a]", 0, "a character class cannot be empty; write \\] for the bracket itself"),
    ("a[^]", 1, "a character class cannot be empty; write \\] for the bracket itself"),
]


@pytest.mark.parametrize(("pattern", "position", "reason"), REFUSED)
def test_refused_with_its_place(pattern: str, position: int, reason: str) -> None:
    with pytest.raises(PatternError) as refusal:
        check_pattern(pattern)
    assert (refusal.value.reason, refusal.value.position) == (reason, position)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){12}", "(a*)*b", "(x+x+)+y"])
def test_runs_in_linear_time(pattern: str) -> None:
    before = time.process_time()
    assert not patterns.whole(pattern).matches("a" * 100_000 + "!")
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    ("pattern", "value", "is_match"),
    [
        ("abc", "abc", True), ("abc", "xabc", False), ("abc", "abcx", False),
        ("abc", "abc\n", False), ("ab", "a\nb", False),
        ("^abc$", "abc", True), ("^abc$", "abc\n", False), ("^abc$", "abc\nabc", False),
        ("a|bc", "bc", True), ("a|bc", "ac", False), ("", "", True), ("", "a", False),
        (r"\d", "7", True), (r"\d", "\u0667", False), (r"[\d]", "\u0667", False),
        (r"\w", "_", True), (r"\w", "\u00e9", False), (r"\W", "\u00e9", True),
        (r"\s", "\u00a0", True), (r"\s", "\ufeff", True), (r"\s", "\x85", False),
        ("[a&&b]", "&", True), ("[[:alpha:]]", "z", False), (".", "\n", False),
        (".", "\U0001f511", True), (r"[\u00e0-\u00ff]", "\u00e9", True), (".", "\ud800", False),
    ],
)  # fmt: skip
def test_whole_value_as_in_a_browser(pattern: str, value: str, is_match: bool) -> None:
    assert patterns.whole(pattern).matches(value) is is_match


@pytest.mark.parametrize(
    ("pattern", "value", "is_match"),
    [("b", "abc", True), ("^b", "abc", False), ("c$", "abc", True), ("b$", "ab\n", False)],
)
def test_forbidden_pattern_matches_anywhere(pattern: str, value: str, is_match: bool) -> None:
    assert patterns.anywhere(pattern).matches(value) is is_match
