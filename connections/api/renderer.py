"""Answers as JSON, by a renderer that is several times as fast as the standard library's."""

import json
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer


def as_json(data: Any) -> bytes:
    try:
        return orjson.dumps(data, default=str)
    except TypeError:
        # A JSON credential may hold a number of more than 64 bits.
        return json.dumps(data, default=str, ensure_ascii=False).encode()


class Answer(HttpResponse):
    """What a view answers, as JSON at once: there is one format, so nothing is negotiated."""

    def __init__(
        self, data: Any = None, *, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        body = b"" if data is None else as_json(data)
        super().__init__(body, JSONRenderer.media_type, status, headers=headers)
        if not body:
            del self["Content-Type"]


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    # JSON is UTF-8 (RFC 8259, section 8.1): a charset would say nothing.
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else as_json(data)
