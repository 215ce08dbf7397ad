"""Leases: who works on a row, and until when. One at a time, and nobody for ever.

A lease is a token in a column and the moment until which it counts. It is taken by a conditional
update, so that of many who try one gets it, and whoever died with one is followed by the next.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseColumns:
    """Names of a table's columns: the lease, until when it counts, and when work is due."""

    lease: str
    until: str
    due: str

    def free(self, now: datetime) -> Q:
        return Q(**{self.until: None}) | Q(**{f"{self.until}__lte": now})

    def taken(self, now: datetime, *, lease: UUID) -> dict[str, Any]:
        seconds = settings.WORK_LEASE_SECONDS
        return {self.lease: lease, self.until: now + timedelta(seconds=seconds)}


REFRESH = LeaseColumns(lease="refresh_lease", until="refresh_lease_until", due="next_refresh_at")
TEST = LeaseColumns(lease="test_lease", until="test_lease_until", due="next_test_at")


def take_lease(
    rows: models.QuerySet[Any], columns: LeaseColumns, now: datetime, **changes: Any
) -> UUID | None:
    """A new lease on the one row of `rows`, which `changes` as well; None if somebody has it."""
    lease = uuid4()
    taken = rows.filter(columns.free(now)).update(**columns.taken(now, lease=lease), **changes)
    return lease if taken else None


def due_rows(
    rows: models.QuerySet[Any], columns: LeaseColumns, now: datetime
) -> models.QuerySet[Any]:
    """What is to be done by now and nobody is at, the oldest first."""
    due = rows.filter(**{f"{columns.due}__lte": now})
    return due.filter(columns.free(now)).order_by(columns.due)


def claim_due(
    rows: models.QuerySet[Any], columns: LeaseColumns, now: datetime, *, limit: int, **changes: Any
) -> tuple[UUID, list[Any]]:
    """One lease on up to `limit` due rows, and those rows; what others claim is passed by."""
    lease = uuid4()
    with transaction.atomic():
        # Without SKIP LOCKED (SQLite) the transaction has the only write lock there is.
        found = due_rows(rows, columns, now).select_for_update(skip_locked=True, of=("self",))
        claimed = list(found.select_related("workspace")[:limit])
        if claimed:
            changes |= columns.taken(now, lease=lease)
            rows.filter(pk__in=[row.pk for row in claimed]).update(**changes)
    for row in claimed:
        for name, value in changes.items():
            setattr(row, name, value)
    return lease, claimed
