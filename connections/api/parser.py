"""The one JSON parser of the API: what it lets through means the same to everyone who reads it.

It must not know the routes. It runs for every request that has a body, so the common case costs one
pass of the C scanner; the slower checks run only where a body could fail them. No message quotes
the body, and no error carries it along: a body holds secrets.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.http import UnreadablePostError
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException, UnsupportedMediaType
from rest_framework.parsers import BaseParser

MAX_BODY_BYTES = 1024 * 1024
MAX_NESTING = 32
# The longest whole number that is sure to be a finite float as well, whoever converts it later.
MAX_DIGITS = 308
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# NUL does not fit into PostgreSQL, half a surrogate pair not into UTF-8.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# Only such an escape can bring them in: raw ones are no JSON, or no UTF-8.
SUSPICIOUS_ESCAPE = re.compile(rb"\\u(?:0000|[Dd][89A-Fa-f])")


class MalformedBody(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = gettext_lazy("The body is not a JSON object.")
    default_code = "malformed_body"


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = gettext_lazy("The body is larger than 1 MiB.")
    default_code = "body_too_large"


class StrictJSONParser(BaseParser):
    """Not DRF's JSONParser, nor a child of it: DRF would read such a body before the checks."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        meta = parser_context["request"].META if parser_context else {}
        _refuse_foreign_type(media_type or "")
        _refuse_encoded(meta)
        return parse_strict(_read(stream, announced_length(meta)))


def parse_strict(body: bytes) -> dict[str, Any]:
    """Return the object that `body` is; raise MalformedBody for anything else.

    As `json.loads`, with one difference: `-0` comes out as the float it is, so that a field for
    whole numbers refuses it.
    """
    value = _decode(body)
    if not isinstance(value, dict):
        raise MalformedBody(_("The body must be a JSON object."))
    if body.count(b"{") + body.count(b"[") > MAX_NESTING:
        _refuse_deep(value)
    if SUSPICIOUS_ESCAPE.search(body):
        _refuse_unstorable(value)
    return value


def _decode(body: bytes) -> Any:
    """Return any JSON value. Raised after the handlers: these errors hold the whole body."""
    if not body:
        raise MalformedBody(_("The body is empty: send a JSON object."))
    if body.startswith(BYTE_ORDER_MARK):
        raise MalformedBody(_("The body must not start with a byte order mark."))
    try:
        return DECODER.decode(body.decode())
    except UnicodeDecodeError:
        problem = _("The body must be UTF-8.")
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        problem = _("The body is not valid JSON at line %(line)d, column %(column)d.") % place
    except RecursionError:
        problem = _too_deep()
    raise MalformedBody(problem)


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedBody(_("An object in the body names the same member twice."))
    return members


def _whole_number(text: str) -> int | float:
    if text == "-0":
        return -0.0
    if len(text.lstrip("-")) > MAX_DIGITS:
        _refuse_large_number()
    return int(text)


def _finite_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse_large_number()
    return number


def _refuse_large_number() -> NoReturn:
    raise MalformedBody(_("A number in the body is too large."))


def _refuse_constant(_name: str) -> NoReturn:
    raise MalformedBody(_("NaN and Infinity are not JSON."))


def _refuse_deep(value: Any) -> None:
    """Look at one level after the other; the outermost object is the first."""
    level = [value]
    for _depth in range(MAX_NESTING):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise MalformedBody(_too_deep())


def _too_deep() -> str:
    return _("The body is nested more than %(limit)d levels deep.") % {"limit": MAX_NESTING}


def _refuse_unstorable(value: Any) -> None:
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            left.extend(item)
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)
        elif isinstance(item, str) and UNSTORABLE.search(item):
            raise MalformedBody(_("A text in the body holds a NUL or half of a surrogate pair."))


def _refuse_foreign_type(content_type: str) -> None:
    """Refuse every charset but UTF-8 by its name; nothing is ever looked up or decoded by it."""
    try:
        kind, parameters = parse_header_parameters(content_type)
    except ValueError:
        kind, parameters = "", {}
    is_named_twice = content_type.lower().count("charset") > 1
    charset = parameters.get("charset", "utf-8").lower()
    if kind != StrictJSONParser.media_type or charset != "utf-8" or is_named_twice:
        _refuse_media_type()


def _refuse_encoded(meta: Mapping[str, Any]) -> None:
    if meta.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() != "identity":
        _refuse_media_type()


def _refuse_media_type() -> NoReturn:
    # DRF's own sentence would repeat the header, however long it is.
    raise UnsupportedMediaType(
        "", _("Send the body as application/json in UTF-8, without Content-Encoding.")
    )


def announced_length(meta: Mapping[str, Any]) -> int:
    try:
        return int(meta.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _read(stream: IO[bytes], announced: int) -> bytes:
    """Read one byte past the limit and no further: Content-Length is only what the caller says."""
    if announced > MAX_BODY_BYTES:
        raise BodyTooLarge
    try:
        body = stream.read(MAX_BODY_BYTES + 1)
    except UnreadablePostError:
        body = b""
    if len(body) > MAX_BODY_BYTES:
        raise BodyTooLarge
    if len(body) < announced:
        raise MalformedBody(_("The body ended before the length that Content-Length says."))
    return body


DECODER = json.JSONDecoder(
    object_pairs_hook=_object_without_duplicates,
    parse_int=_whole_number,
    parse_float=_finite_number,
    parse_constant=_refuse_constant,
)
