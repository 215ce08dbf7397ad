"""What the worker has to do and how late it is: a page to look at."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from connections.jobs.backlog import Backlog, backlogs
from connections.jobs.queue import progress
from connections.models import Connection, Credential
from connections.models.leases import REFRESH, TEST

NAMES = {
    "refresh": gettext_lazy("Tokens to refresh"),
    "test": gettext_lazy("Connections to test"),
    "task": gettext_lazy("Queued tasks"),
}
QUEUES = {
    "test": gettext_lazy("Test connections"),
    "refresh": gettext_lazy("Refresh tokens"),
    "delete": gettext_lazy("Delete connections"),
}
# A worker takes on what is due within seconds.
LATE_SECONDS = 300
NEEDED = ("connections.view_connection", "connections.view_credential")
SHOWN = 25


@require_safe
def work(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perms(NEEDED):  # type: ignore[union-attr]
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": _("Work"),
        **lateness(),
        "queues": [(QUEUES[one.kind], one) for one in progress()],
        "refreshes": longest_due(Credential, REFRESH.due, "refresh_attempts"),
        "tests": longest_due(Connection, TEST.due, "test_attempts"),
    }
    return TemplateResponse(request, "admin/work.html", context)


def lateness() -> dict[str, Any]:
    """What is due of each kind, how much in all, and whether somebody should look after it."""
    found = backlogs()
    return {
        "backlogs": [(NAMES[one.kind], Shown(one)) for one in found],
        "due": sum(one.due for one in found),
        "is_late": any(one.late_seconds > LATE_SECONDS for one in found),
    }


class Shown:
    """A backlog as it is drawn."""

    def __init__(self, backlog: Backlog) -> None:
        self.due, self.running = backlog.due, backlog.running
        self.late = in_words(backlog.late_seconds)


def in_words(seconds: float) -> str:
    """A length of time as a person says it."""
    if seconds < 60:
        return ngettext("%(count)d second", "%(count)d seconds", int(seconds)) % {
            "count": int(seconds)
        }
    now = timezone.now()
    return timesince(now - timedelta(seconds=seconds), now, depth=1)


def longest_due(model: type[Credential | Connection], due: str, attempts: str) -> Any:
    """`{pk, label, workspace__slug, due, attempts}` of what is due, the longest first."""
    late = model.objects.filter(**{f"{due}__lte": timezone.now()}).order_by(due)
    rows = late.values("pk", "label", "workspace__slug", due, attempts)[:SHOWN]
    return [{**row, "due": row[due], "attempts": row[attempts]} for row in rows]
