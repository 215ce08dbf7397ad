"""Requests whose headers cannot make them unreadable.

Django looks up the charset that `Content-Type` names and decodes even the query with it, and it
lets a malformed parameter fail before any middleware runs. Here everything is UTF-8: bodies in
another charset are refused by those who read them, with the header as it was sent.
"""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class AlwaysUTF8:
    content_type: str | None
    content_params: dict[str, str] | None

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        try:
            named = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (ValueError, LookupError):
            # RFC 8187 parameters (`a*=…`) that are none: as good as no type at all.
            named = "", {}
        self.content_type, self.content_params = named


class PlainRequest(AlwaysUTF8, WSGIRequest):
    pass


class PlainASGIRequest(AlwaysUTF8, ASGIRequest):
    pass


class PlainWSGIHandler(WSGIHandler):
    request_class = PlainRequest


class PlainASGIHandler(ASGIHandler):
    request_class = PlainASGIRequest
