"""The secrets of a connection, shown to staff once: on the answer itself, and nowhere else.

Django's history of the admin says nothing of it; the audit log names the person and the fields.
"""

import json
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from connections.access.actors import person
from connections.access.confirmation import confirm_url, is_confirmed
from connections.models import Connection
from connections.services.connections import reveal_credentials

NEEDED = ("connections.view_connection", "connections.reveal_connection")


@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, object_id: UUID) -> HttpResponse:
    if not request.user.has_perms(NEEDED):
        raise PermissionDenied
    rows = Connection.objects.select_related("workspace", "credential", "integration")
    row = get_object_or_404(rows, pk=object_id)
    if not is_confirmed(request):
        return redirect(confirm_url(request))
    values = None
    if request.method == "POST":
        values = as_shown(reveal_credentials(actor=actor_of(request, row), connection=row))
    context = {
        **admin.site.each_context(request),
        "title": _("Secrets of %(label)s") % {"label": row.label},
        "opts": Connection._meta,
        "original": row,
        "values": values,
    }
    page = TemplateResponse(request, "admin/connections/connection/reveal.html", context)
    add_never_cache_headers(page)
    return page


def actor_of(request: HttpRequest, row: Connection) -> Any:
    if row.credential is not None:
        row.credential.workspace = row.workspace
    return person(request.user, row.workspace)


def as_shown(revealed: dict[str, Any]) -> list[tuple[str, str]]:
    """`(path, text)` of each value: a text as it is, anything else as JSON."""
    groups = {**revealed, "token": revealed["token"] or {}}
    return [
        (f"{group}.{name}", value if isinstance(value, str) else written(value))
        for group, values in groups.items()
        for name, value in values.items()
    ]


def written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
