"""The picture of an integration: its logo where this site may show it, else its letters."""

import re
from dataclasses import dataclass
from typing import Any
from zlib import crc32

# Classes `tile-0` … in static/connections/site.css, each readable on light and on dark pages.
COLOURS = 8
# What the content security policy lets a page load: nothing from elsewhere.
_SHOWABLE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml)[;,]|/(?!/)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    logo: str = ""
    letters: str = ""
    colour: int = 0


def tile_of(integration: Any) -> Tile:
    """Of a row or of a definition. The colour follows from the slug, so it never changes."""
    if _SHOWABLE.match(integration.logo_url):
        return Tile(logo=integration.logo_url)
    colour = crc32(integration.slug.encode()) % COLOURS
    return Tile(letters=_letters(integration.name), colour=colour)


def _letters(name: str) -> str:
    """The first letters of the first two words, or of the only one."""
    words = re.findall(r"\w+", name)
    if len(words) > 1:
        return (words[0][0] + words[1][0]).upper()
    return (words[0][:2] if words else "?").capitalize()
