"""Logos: what a file is and how large, by its own first bytes. Nothing is decoded here.

SVG is refused: it is a document that can hold scripts.
"""

import struct
from collections.abc import Callable

from django.utils.translation import gettext as _

from integrations.problems import Problem

MOST_BYTES = 64 * 1024
LEAST_PIXELS, MOST_PIXELS = 16, 1024
# JPEG markers of a frame header (ITU T.81, table B.1); C4, C8 and CC are something else.
FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

Size = tuple[int, int]


def png_size(content: bytes) -> Size | None:
    """PNG (RFC 2083), section 3: the signature, then IHDR."""
    if not content.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR") or len(content) < 33:
        return None
    return struct.unpack(">II", content[16:24])  # type: ignore[return-value]


def jpeg_size(content: bytes) -> Size | None:
    if not content.startswith(b"\xff\xd8\xff"):
        return None
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        (length,) = struct.unpack(">H", content[place + 2 : place + 4])
        if marker in FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        if length < 2:
            return None
        place += 2 + length
    return None


def webp_size(content: bytes) -> Size | None:
    """RFC 9649: a RIFF file whose first chunk is VP8, VP8L or VP8X."""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return None
    kind, data = content[12:16], content[20:30]
    if kind == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[6:10])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and data[0] == 0x2F:
        (bits,) = struct.unpack("<I", data[1:5])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
    return None


SIZES: dict[str, Callable[[bytes], Size | None]] = {
    "image/png": png_size,
    "image/jpeg": jpeg_size,
    "image/webp": webp_size,
}


def content_type_of(content: bytes) -> str | None:
    return next((kind for kind, size in SIZES.items() if size(content) is not None), None)


def logo_problem(content: bytes) -> Problem | None:
    """Why it cannot be a logo."""
    if len(content) > MOST_BYTES:
        hint = _("Make it smaller or save it with fewer colours.")
        return Problem(_("The logo must be at most 64 KiB"), "too_large", hint=hint)
    kind = content_type_of(content)
    if kind is None:
        hint = _("SVG is not accepted: it can hold scripts. Save it as PNG.")
        return Problem(_("The logo must be a PNG, JPEG or WebP image"), "invalid_image", hint=hint)
    size = SIZES[kind](content) or (0, 0)
    if not all(LEAST_PIXELS <= side <= MOST_PIXELS for side in size):
        text = _("The logo must be %(least)d to %(most)d pixels wide and high")
        return Problem(text % {"least": LEAST_PIXELS, "most": MOST_PIXELS}, "invalid_size")
    return None
