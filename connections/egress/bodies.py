"""Reading a body whole, decoded, and never more of it than is allowed."""

import zlib
from collections.abc import Callable, Iterable, Iterator

from connections.egress.messages import EgressError

# Takes the header of either gzip (RFC 1952) or zlib (RFC 1950, which HTTP calls deflate).
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_PIECE = 64 * 1024


def read_body(chunks: Iterable[bytes], *, encoding: str, at_most: int) -> bytes:
    """`encoding` is the `Content-Encoding` (RFC 9110, section 8.4), `at_most` bytes come back.

    Raises EgressError: "too_large", or "bad_answer" for an encoding that was not asked for, is
    broken or is cut off.
    """
    decode = DECODERS.get(encoding.strip().lower())
    if decode is None:
        raise EgressError("bad_answer")
    body = bytearray()
    try:
        for piece in decode(chunks):
            body += piece
            if len(body) > at_most:
                raise EgressError("too_large")
    except zlib.error:
        raise EgressError("bad_answer") from None
    return bytes(body)


def _as_it_is(chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield from chunks


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """In pieces of bounded size: a few bytes can stand for gigabytes."""
    member = None
    for chunk in filter(None, chunks):
        data = chunk
        while data:
            if member is None or member.eof:
                member = zlib.decompressobj(_GZIP_OR_ZLIB)
            piece = member.decompress(data, _PIECE)
            while piece:
                yield piece
                data = member.unconsumed_tail
                piece = member.decompress(data, _PIECE)
            data = member.unused_data
    if member is not None and not member.eof:
        raise EgressError("bad_answer")


DECODERS: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "": _as_it_is,
    "identity": _as_it_is,
    "gzip": _inflated,
    "x-gzip": _inflated,
    "deflate": _inflated,
}
