"""The colours of tiles: told by their letters, readable on light pages and on dark ones."""

import re
from pathlib import Path

import pytest

from connections.web.tiles import COLOURS

CSS = (Path(__file__).parents[2] / "static/connections/site.css").read_text()
TILE = re.compile(
    r"^(?P<dark>\[data-bs-theme=dark\] )?\.tile-(?P<number>\d) "
    r"{ background: (?P<ground>#\w{6}); color: (?P<ink>#\w{6}); }$",
    re.MULTILINE,
)
PAIRS = [
    pytest.param(one["ground"], one["ink"], id=f"{'dark' if one['dark'] else 'light'}-{one[2]}")
    for one in TILE.finditer(CSS)
]


def luminance(colour):
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_is_given_for_both_themes():
    found = sorted((bool(one["dark"]), int(one["number"])) for one in TILE.finditer(CSS))
    assert found == [(dark, number) for dark in (False, True) for number in range(COLOURS)]


@pytest.mark.parametrize(("ground", "ink"), PAIRS)
def test_letters_stand_out_from_their_tile(ground, ink):
    lighter, darker = sorted([luminance(ground), luminance(ink)], reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
