"""The first page of the admin: how things stand, above what Django lists."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from connections.admin import overview
from connections.admin.actors import named
from connections.admin.audit import page_of
from connections.admin.charts import bars
from connections.admin.due import NEEDED, lateness
from connections.models import AuditEvent

SEES = "connections.view_connection"
SEES_EVENTS = "connections.view_auditevent"
EVENTS = 8


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Everybody else of the staff sees what Django shows them."""
    may = request.user.has_perm  # type: ignore[union-attr]
    context: dict[str, Any] = connections_context() if may(SEES) else {}
    if context and request.user.has_perms(NEEDED):  # type: ignore[union-attr]
        context["work"] = lateness()
    if context and may(SEES_EVENTS):
        context["events"] = recent_events()
    return admin.site.index(request, context)


def connections_context() -> dict[str, Any]:
    standing, days = overview.Standing(), overview.ending_by_day()
    types = standing.by_type()
    return {
        "standing": standing,
        "by_status": bars(standing.by_status()),
        "by_type": zip(bars(all_of for all_of, _broken in types), types, strict=True),
        "worst": bars(standing.worst()),
        "days": zip((day for day, _one in days), bars(one for _day, one in days), strict=True),
        "ending_count": overview.total_of(days),
        "ending_url": overview.listed(ends=overview.DAYS),
        "failing_url": overview.listed(status__exact=overview.FAILING_NAME),
        "lists": {
            "longest": overview.failing_longest(),
            "last": overview.failed_last(),
            "ending": overview.ending_next(),
        },
        "slowest": slowest_bars(),
    }


def slowest_bars() -> list[tuple[dict[str, Any], Any]]:
    rows = overview.slowest()
    counted = [overview.Counted(row["label"], row["last_test_ms"], "", "testing") for row in rows]
    return list(zip(rows, bars(counted), strict=True))


def recent_events() -> list[dict[str, Any]]:
    rows = list(AuditEvent.objects.select_related("workspace").order_by("-pk")[:EVENTS])
    known = named(row.actor for row in rows)
    return [
        {"row": row, "who": known[row.actor].shown, "url": page_of(row.subject)} for row in rows
    ]
