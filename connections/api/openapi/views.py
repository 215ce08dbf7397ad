"""The document, and the page that shows it. Neither needs a key, and neither asks the database."""

import json
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.settings import spectacular_settings


@cache
def document() -> bytes:
    """The document of this process. drf-spectacular is loaded here, by its setting, or never."""
    with translation.override("en"):
        made = spectacular_settings.DEFAULT_GENERATOR_CLASS().get_schema(public=True)
    return json.dumps(made, ensure_ascii=False).encode()


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(document(), content_type="application/json")
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html")
