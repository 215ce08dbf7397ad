"""What is broken and what will break: the numbers of the admin's first page.

Each is one query over an index that is made for it, whatever the number of connections; only the
counts by status and type read one entry per connection, of an index of two small columns.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from connections.admin.charts import Counted
from connections.admin.filters import FAILING_NAME
from connections.models import Connection
from connections.models.connections import FAILING
from integrations.models import Integration, IntegrationType

DAYS = 14
SHOWN = 5
COLUMNS = (
    *("pk", "label", "status", "status_reason", "expires_at", "last_test_ms"),
    *("workspace__slug", "integration__name"),
)


def listed(**query: Any) -> str:
    """The address of the list of connections, filtered."""
    address = reverse("admin:connections_connection_changelist")
    return f"{address}?{urlencode(query)}" if query else address


class Standing:
    """How many connections there are, by status, type and integration."""

    def __init__(self) -> None:
        rows = Connection.objects.order_by().values_list("integration", "status")
        self._counts = {
            (pk, status): count for pk, status, count in rows.annotate(count=Count("*"))
        }
        known = Integration.objects.values_list("pk", "slug", "name", "type")
        self._known = {pk: (slug, name, kind) for pk, slug, name, kind in known}
        self._status: Counter[str] = Counter()
        self._type: Counter[str] = Counter()
        self._failing_type: Counter[str] = Counter()
        self._failing_integration: Counter[int] = Counter()
        for (pk, status), count in self._counts.items():
            self._status[status] += count
            self._type[self._known[pk][2]] += count
            if status in FAILING:
                self._failing_type[self._known[pk][2]] += count
                self._failing_integration[pk] += count

    @property
    def total(self) -> int:
        return self._status.total()

    @property
    def failing(self) -> int:
        return sum(self._status[status] for status in FAILING)

    def by_status(self) -> list[Counted]:
        return [
            Counted(str(label), self._status[status], listed(status__exact=status), status)
            for status, label in Connection.STATUS_LABELS.items()
        ]

    def by_type(self) -> list[tuple[Counted, Counted]]:
        """`(all, failing)` of each type that is connected."""
        found = []
        for kind, label in IntegrationType.choices:
            if self._type[kind]:
                where = {"integration__type__exact": kind}
                broken = listed(**where, status__exact=FAILING_NAME)
                found.append(
                    (
                        Counted(str(label), self._type[kind], listed(**where)),
                        Counted(str(label), self._failing_type[kind], broken, "error"),
                    )
                )
        return found

    def worst(self) -> list[Counted]:
        """The integrations with the most that fail."""
        return [
            Counted(
                self._known[pk][1],
                count,
                listed(integration=self._known[pk][0], status__exact=FAILING_NAME),
                "error",
            )
            for pk, count in self._failing_integration.most_common(SHOWN)
        ]


def failing_longest() -> list[dict[str, Any]]:
    return _with_since(Connection.objects.failing().order_by(KT("status_reason__since")))


def failed_last() -> list[dict[str, Any]]:
    return _with_since(Connection.objects.failing().order_by(KT("status_reason__since").desc()))


def _with_since(rows: Any) -> list[dict[str, Any]]:
    found = list(rows.filter(status_reason__isnull=False).values(*COLUMNS)[:SHOWN])
    for row in found:
        row["since"] = _moment(row["status_reason"].get("since"))
    return found


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def slowest() -> list[dict[str, Any]]:
    rows = Connection.objects.filter(last_test_ms__isnull=False).order_by("-last_test_ms")
    return list(rows.values(*COLUMNS)[:SHOWN])


def ending_by_day() -> list[tuple[date, Counted]]:
    """How many end on each of the next days that nothing renews."""
    now = timezone.now()
    today = timezone.localdate(now)
    rows = Connection.objects.ending(now, _midnight(today + timedelta(days=DAYS))).order_by()
    days = rows.annotate(day=TruncDate("expires_at")).values_list("day")
    found = dict(days.annotate(count=Count("*")))
    return [
        (day, Counted(day.isoformat(), found.get(day, 0), listed(ends=day.isoformat()), "expired"))
        for day in (today + timedelta(days=number) for number in range(DAYS))
    ]


def ending_next() -> list[dict[str, Any]]:
    now = timezone.now()
    end = _midnight(timezone.localdate(now) + timedelta(days=DAYS))
    rows = Connection.objects.ending(now, end).order_by("expires_at")
    return list(rows.values(*COLUMNS)[:SHOWN])


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def total_of(days: Iterable[tuple[date, Counted]]) -> int:
    return sum(counted.count for _day, counted in days)
