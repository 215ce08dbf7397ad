"""Accent colours: which can be read on, and told from the page in light and in dark.

Contrast as WCAG 2.2 defines it (1.4.3 for text, 1.4.11 for borders and focus).
"""

import colorsys
import re
from typing import Any

from django.utils.translation import gettext as _

from integrations.problems import Problem

HEX = re.compile(r"#[0-9a-fA-F]{6}")
WHITE, BLACK = "#ffffff", "#000000"
# Bootstrap's `--bs-body-bg`, light and dark: what the accent is drawn on.
LIGHT_PAGE, DARK_PAGE = "#ffffff", "#212529"
LEAST_FOR_TEXT, LEAST_FOR_BORDERS = 4.5, 3.0
# Bootstrap's own.
DEFAULT_ACCENT = "#0d6efd"
SHADES = 256


def channels(colour: str) -> tuple[float, float, float]:
    return tuple(int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))  # type: ignore[return-value]


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1."""
    linear = [
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4
        for one in channels(colour)
    ]
    return sum(share * one for share, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_on(colour: str) -> str:
    """White where it can be read, else black."""
    return WHITE if contrast(colour, WHITE) >= LEAST_FOR_TEXT else BLACK


def shortfall(colour: str) -> tuple[float, float, str] | None:
    """`(ratio, least, what it is held against)` of the worst failure; None for a colour that fits.

    White or black always reaches 4.58 on a colour; it is checked all the same.
    """
    checks = [
        (contrast(colour, text_on(colour)), LEAST_FOR_TEXT, _("the text on it")),
        (contrast(colour, LIGHT_PAGE), LEAST_FOR_BORDERS, _("the light page")),
        (contrast(colour, DARK_PAGE), LEAST_FOR_BORDERS, _("the dark page")),
    ]
    missed = [check for check in checks if check[0] < check[1]]
    return min(missed, key=lambda check: check[0] / check[1], default=None)


def nearest_fitting(colour: str) -> str:
    """The same hue, as much lighter or darker as it takes."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*channels(colour))
    shades = sorted(range(SHADES + 1), key=lambda shade: abs(shade / SHADES - lightness))
    tried = (_hex(colorsys.hls_to_rgb(hue, shade / SHADES, saturation)) for shade in shades)
    return next(shade for shade in tried if shortfall(shade) is None)


def _hex(rgb: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(one * 255):02x}" for one in rgb)


def accent_problem(colour: Any) -> Problem | None:
    """Why it cannot be an accent, with the ratio and the nearest colour that can."""
    if not isinstance(colour, str) or not HEX.fullmatch(colour):
        text = _("The accent colour must be written as #rrggbb")
        return Problem(text, "invalid_colour", hint=_("For example #0d6efd."))
    missed = shortfall(colour)
    if missed is None:
        return None
    ratio, least, against = missed
    text = _("The accent colour has a contrast of %(ratio)s:1 with %(against)s, not %(least)s:1")
    said = {"ratio": rounded_down(ratio), "against": against, "least": f"{least:g}"}
    hint = _("The nearest colour that fits is %(colour)s.") % {"colour": nearest_fitting(colour)}
    return Problem(text % said, "low_contrast", hint=hint)


def rounded_down(ratio: float) -> str:
    """Never to the limit that was missed."""
    return f"{int(ratio * 100) / 100:.2f}"
