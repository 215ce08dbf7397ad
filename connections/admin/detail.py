"""What staff want to know of one connection: its state, its history, who uses it, what with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from connections.admin.actors import Named, named
from connections.models import AuditEvent, Connection

EVENTS = 15
SHARING = 20
USES = ("connection.revealed", "connection.refreshed")
SEES_EVENTS = "connections.view_auditevent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Who had the secrets of a connection last, by the audit log."""

    who: Named
    action: str
    at: datetime


def about(request: HttpRequest, row: Connection) -> dict[str, Any]:
    """For the page of a connection: eight queries at most, however long its history is."""
    may_see_events = request.user.has_perm(SEES_EVENTS)  # type: ignore[union-attr]
    found: dict[str, Any] = {
        "row": row,
        "reason": row.status_reason,
        "reason_since": _since(row),
        "revision_now": row.integration.revision,
        "is_older": row.definition_revision < row.integration.revision,
        "created_by": named([row.created_by])[row.created_by],
        "sharing": _sharing(row),
    }
    if may_see_events:
        found |= _history(row)
    return found


def _since(row: Connection) -> datetime | None:
    since = (row.status_reason or {}).get("since")
    return None if since is None else datetime.fromisoformat(since)


def _sharing(row: Connection) -> list[Connection]:
    """Other connections with the same credential; one more than is shown tells of more."""
    if row.credential_id is None:
        return []
    same = Connection.objects.within(row.workspace_id).filter(credential=row.credential_id)
    return list(same.exclude(pk=row.pk).select_related("integration")[: SHARING + 1])


def _history(row: Connection) -> dict[str, Any]:
    events = AuditEvent.objects.filter(subject=row.public_id, workspace=row.workspace_id)
    shown = list(events.order_by("-pk")[: EVENTS + 1])
    used = events.filter(action__in=USES).exclude(actor="worker").order_by("-pk").first()
    known = named([event.actor for event in shown] + ([used.actor] if used else []))
    address = reverse("admin:connections_auditevent_changelist")
    return {
        "events": [(event, known[event.actor]) for event in shown[:EVENTS]],
        "has_more_events": len(shown) > EVENTS,
        "events_url": f"{address}?{urlencode({'subject': row.public_id})}",
        "last_use": used and Use(who=known[used.actor], action=used.action, at=used.at),
    }
