"""Lists of connections: filters, pages by number, and pages by cursor at constant cost."""

import json
from typing import Any

from django.db import connection as database
from django.db.models import BooleanField, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from connections.api.payloads import (
    JSON_COLUMNS,
    MOMENT_COLUMNS,
    PLAIN_COLUMNS,
    Shown,
)
from connections.api.queries import make_cursor, read_cursor
from connections.ids import parse_id
from connections.models import Connection
from integrations.moments import moment_in_utc

PLAIN_FILTERS = {
    "integration": "integration__slug",
    "integration_type": "integration__type",
    "status": "status",
    "user_id": "user_id",
    "auth_method_id": "auth_method__slug",
}


def filtered(workspace_id: Any, query: dict[str, Any]) -> QuerySet[Connection]:
    """The workspace's connections that fit a checked query, newest first."""
    rows = Connection.objects.within(workspace_id).order_by("-id")
    given = {column: query[name] for name, column in PLAIN_FILTERS.items() if name in query}
    rows = rows.filter(**given) if given else rows
    if "credential_id" in query:
        credential_id = parse_id("cred", query["credential_id"])
        rows = rows.filter(credential_id=credential_id) if credential_id else rows.none()
    if "expires_before" in query:
        rows = rows.filter(expires_at__lt=moment_in_utc(query["expires_before"]))
    if "search" in query:
        rows = rows.matching(query["search"])
    for name, value in query.get("metadata", {}).items():
        rows = _with_metadata(rows, name, value)
    return rows


def _with_metadata(rows: QuerySet[Connection], name: str, value: str) -> QuerySet[Connection]:
    if database.features.supports_json_field_contains:
        return rows.filter(metadata__contains={name: value})
    # SQLite has no containment; a key transform would read a numeric name as a position.
    pair = "SELECT 1 FROM json_each(connections_connection.metadata) WHERE key = %s AND value = %s"
    holds = RawSQL(f"EXISTS ({pair})", (name, value), BooleanField())  # noqa: S611 - fixed text
    return rows.filter(holds)


# JSON and moments come as the texts that the database has: no converter runs for each of them.
_AS_TEXT = [Cast(name, TextField()) for name in JSON_COLUMNS + MOMENT_COLUMNS]


def as_shown(rows: QuerySet[Connection]) -> list[Shown]:
    """A page without model instances: with a hundred rows they would be most of the work."""
    return [_shown(row) for row in rows.values_list(*PLAIN_COLUMNS, *_AS_TEXT)]


def _shown(row: tuple[Any, ...]) -> Shown:
    start = len(PLAIN_COLUMNS)
    middle = start + len(JSON_COLUMNS)
    return Shown(
        *row[:start],
        *(None if text is None else json.loads(text) for text in row[start:middle]),
        *(None if text is None else moment_of(text) for text in row[middle:]),
    )


def moment_of(text: str) -> str:
    """A database's text of a moment in UTC, in the form of `moment()`."""
    clock, _point, fraction = text.removesuffix("+00").partition(".")
    return f"{clock[:10]}T{clock[11:]}.{fraction:0<6}Z"


def page_by_number(
    rows: QuerySet[Connection], query: dict[str, Any]
) -> tuple[list[Shown], dict[str, Any]]:
    skip, limit = query["skip"], query["limit"]
    found = as_shown(rows[skip : skip + limit])
    after = make_cursor(found[-1].workspace_id, found[-1].id) if len(found) == limit else None
    numbers = {"total": rows.count(), "page": skip // limit + 1, "size": limit}
    return found, {**numbers, "next_cursor": after}


def page_by_cursor(
    rows: QuerySet[Connection], workspace_id: Any, cursor: str, limit: int
) -> tuple[list[Shown], dict[str, Any]]:
    """One page after the cursor (from the newest for an empty one): no count, no offset."""
    if cursor:
        rows = rows.filter(id__lt=read_cursor(workspace_id, cursor))
    found = as_shown(rows[: limit + 1])
    has_more = len(found) > limit
    after = make_cursor(workspace_id, found[limit - 1].id) if has_more else None
    return found[:limit], {"size": limit, "next_cursor": after}
