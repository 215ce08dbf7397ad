"""What is due and how late it is: for those who watch the installation."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from connections.models import Connection, Credential
from connections.models.leases import REFRESH, TEST, LeaseColumns
from connections.models.scoped import WorkspaceQuerySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """One kind of work: pieces due, how many of them are being done, how late the oldest is."""

    kind: str
    due: int
    running: int
    late_seconds: float


SOURCES: dict[str, tuple[WorkspaceQuerySet, LeaseColumns]] = {
    "refresh": (Credential.objects.all(), REFRESH),
    "test": (Connection.objects.all(), TEST),
}


def backlogs() -> list[Backlog]:
    now = timezone.now()
    found = [_rows(kind, rows.all(), columns, now) for kind, (rows, columns) in SOURCES.items()]
    return [*found, _tasks(now)]


def _rows(kind: str, rows: WorkspaceQuerySet, columns: LeaseColumns, now: datetime) -> Backlog:
    due = rows.filter(**{f"{columns.due}__lte": now})
    oldest = due.order_by(columns.due).values_list(columns.due, flat=True).first()
    running = due.filter(**{f"{columns.until}__gt": now})
    return Backlog(
        kind=kind, due=due.count(), running=running.count(), late_seconds=_seconds(oldest, now)
    )


def _tasks(now: datetime) -> Backlog:
    ready = DBTaskResult.objects.ready()
    oldest = ready.order_by("enqueued_at").values_list("enqueued_at", flat=True).first()
    running = DBTaskResult.objects.running().count()
    return Backlog(
        kind="task", due=ready.count(), running=running, late_seconds=_seconds(oldest, now)
    )


def _seconds(oldest: datetime | None, now: datetime) -> float:
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
