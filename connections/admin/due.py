"""What the worker has to do and how late it is: a page to look at."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from connections.jobs.backlog import backlogs
from connections.models import Connection, Credential
from connections.models.leases import REFRESH, TEST

NAMES = {
    "refresh": gettext_lazy("Tokens to refresh"),
    "test": gettext_lazy("Connections to test"),
    "task": gettext_lazy("Queued tasks"),
}
NEEDED = ("connections.view_connection", "connections.view_credential")
SHOWN = 25


@require_safe
def work(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perms(NEEDED):  # type: ignore[union-attr]
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": _("Work"),
        "backlogs": [(NAMES[one.kind], one) for one in backlogs()],
        "refreshes": longest_due(Credential, REFRESH.due, "refresh_attempts"),
        "tests": longest_due(Connection, TEST.due, "test_attempts"),
    }
    return TemplateResponse(request, "admin/work.html", context)


def longest_due(model: type[Credential | Connection], due: str, attempts: str) -> Any:
    """`{pk, label, workspace__slug, due, attempts}` of what is due, the longest first."""
    late = model.objects.filter(**{f"{due}__lte": timezone.now()}).order_by(due)
    rows = late.values("pk", "label", "workspace__slug", due, attempts)[:SHOWN]
    return [{**row, "due": row[due], "attempts": row[attempts]} for row in rows]
