"""The audit log as files: streamed in pieces, however many rows, with names and never values."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest

from connections.access.actors import person
from connections.admin.actors import named
from connections.models import AuditEvent, Workspace
from connections.services.audit import record

AT_ONCE = 1000
COLUMNS = (
    *("id", "at", "workspace", "actor", "actor_name"),
    *("action", "subject", "fields"),
)
# What a spreadsheet takes for the beginning of a formula, wherever it came from.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file for the CSV writer that hands out what is written to it."""

    def write(self, text: str) -> str:
        return text


def rows_of(queryset: Any) -> Iterator[list[AuditEvent]]:
    """The rows, newest first, in batches: each is a query of its own by the primary key.

    A cursor of the server would need a session that a pooler does not keep.
    """
    rows = queryset.select_related("workspace").order_by("-pk")
    batch = list(rows[:AT_ONCE])
    while batch:
        yield batch
        batch = list(rows.filter(pk__lt=batch[-1].pk)[:AT_ONCE]) if len(batch) == AT_ONCE else []


def records_of(queryset: Any) -> Iterator[dict[str, Any]]:
    for batch in rows_of(queryset):
        known = named(row.actor for row in batch)
        for row in batch:
            values = (
                *(row.public_id, row.at.isoformat().replace("+00:00", "Z"), row.workspace.slug),
                *(row.actor, known[row.actor].name, row.action, row.subject, row.fields),
            )
            yield dict(zip(COLUMNS, values, strict=True))


def as_csv(queryset: Any) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for one in records_of(queryset):
        cells = {**one, "fields": " ".join(one["fields"])}
        yield writer.writerow([guarded(cell) for cell in cells.values()])


def guarded(cell: str) -> str:
    """An apostrophe before what a spreadsheet would carry out."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def as_json_lines(queryset: Any) -> Iterator[str]:
    for one in records_of(queryset):
        yield json.dumps(one, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class Format:
    suffix: str
    content_type: str
    write: Callable[[Any], Iterator[str]]


FORMATS = {
    "csv": Format("csv", "text/csv; charset=utf-8", as_csv),
    "jsonl": Format("jsonl", "application/jsonl; charset=utf-8", as_json_lines),
}


def note_export(request: HttpRequest, changelist: Any, suffix: str) -> None:
    """Who took the log away, in the admin's log, and in the audit log of a workspace's own.

    The names of the filters: what was typed into the search could be anything.
    """
    used = sorted({*changelist.filter_params, *(["q"] if changelist.query else [])})
    LogEntry.objects.create(
        user_id=request.user.pk,
        content_type=ContentType.objects.get_for_model(AuditEvent),
        object_repr="audit log",
        action_flag=CHANGE,
        change_message=f"Exported as {suffix}; filters: {', '.join(used) or 'none'}.",
    )
    slug = changelist.filter_params.get("workspace", [""])[-1].strip()
    workspace = Workspace.objects.filter(slug=slug).first() if slug else None
    if workspace is not None:
        record(person(request.user, workspace), "audit.exported", workspace.public_id, used)
