"""The document, and the page that shows it. Neither needs a key, and neither asks the database; who
is signed in, the page's frame does ask, as on every page.
"""

import json
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from drf_spectacular.settings import spectacular_settings

from connections.api.openapi.reference import Reference
from connections.api.openapi.shapes import JSON_TYPE


@cache
def document() -> bytes:
    """The document of this process. drf-spectacular is loaded here, by its setting, or never."""
    with translation.override("en"):
        made = spectacular_settings.DEFAULT_GENERATOR_CLASS().get_schema(public=True)
    return json.dumps(made, ensure_ascii=False).encode()


@cache
def reference() -> SafeString:
    """The document for people, as HTML; the same for everybody, so it is drawn once."""
    made = json.loads(document())
    parts = {"title": made["info"]["title"], "reference": Reference(made, settings.PUBLIC_URL)}
    with translation.override("en"):
        return render_to_string("api/reference.html", parts)


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(document(), content_type=JSON_TYPE)
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html", {"reference": reference()})
