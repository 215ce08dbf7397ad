"""Light and dark: what nobody chose, and the contrast of every colour that pages use as text."""

import re

import pytest

from tests.languages import dark_styles


def test_stylesheet_is_made_of_what_is_here():
    stored = dark_styles.MADE.read_text(encoding="utf-8")
    assert stored == dark_styles.made()
    assert "[data-bs-theme=auto]{color-scheme:dark;" in stored
    assert "[data-bs-theme=auto] .text-danger" in stored
    assert "[data-bs-theme=dark]" not in stored


def test_dark_rules_do_not_depend_on_the_direction():
    left_to_right, right_to_left = dark_styles.bootstrap(), dark_styles.bootstrap(".rtl")
    assert left_to_right != right_to_left
    assert dark_styles.dark_rules(left_to_right) == dark_styles.dark_rules(right_to_left)


def luminance(colour):
    """WCAG 2.2: relative luminance."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


# Bootstrap's bodies: plain and tertiary.
BODIES = {"light": ("#ffffff", "#f8f9fa"), "dark": ("#212529", "#2b3035")}


def text_colours(theme):
    """What theme.css gives to text, of one theme; borders may be fainter."""
    text = dark_styles.OURS[0].read_text(encoding="utf-8")
    for rule in re.findall(r"([^{}]*)\{([^{}]*)\}", text):
        if ("=dark]" in rule[0]) is (theme == "dark"):
            yield from re.findall(r"(?<!border-)color: (#[0-9a-f]{6})", rule[1])


@pytest.mark.parametrize("theme", BODIES)
def test_text_can_be_read_on_every_background(theme):
    colours = list(text_colours(theme))
    assert len(colours) > 5
    faint = {
        (colour, body): round(contrast(colour, body), 2)
        for colour in colours
        for body in BODIES[theme]
        if contrast(colour, body) < 4.5
    }
    assert faint == {}
