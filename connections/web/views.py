"""The pages of signed-in people: workspaces, their connections, one of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from connections.models import Connection, DeletedConnection, Membership
from connections.services.oauth_flows.parties import can_consent
from connections.web.forms import ConnectionSearchForm
from connections.web.gallery import found_or_page
from connections.web.history import events_of
from connections.web.pages import page_of, show
from connections.web.results import account_of, result_for
from connections.web.rows import field_name, shown_config, web_address
from connections.web.tiles import Tile, tile_of
from connections.web.visitors import Visitor, members_only

ENDS_SOON = timedelta(days=14)
MOST_DELETED = 10


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    rows = Membership.objects.select_related("workspace").order_by("workspace__name", "id")
    memberships = list(rows.filter(user=request.user, workspace__is_active=True))
    if len(memberships) == 1:
        return redirect("connections", memberships[0].workspace.slug)
    return render(request, "home.html", {"memberships": memberships})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One connection as the list shows it."""

    connection: Connection
    tile: Tile
    account: str
    end: "End"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """When a connection ends, if a person has to do something about it."""

    at: datetime | None = None
    is_soon: bool = False
    is_over: bool = False
    renews_itself: bool = False


def end_of(row: Connection, now: datetime) -> End:
    """Nobody has to watch what is refreshed before it ends."""
    if row.expires_at is None:
        return End()
    credential = row.credential
    due = credential.next_refresh_at if credential is not None else None
    if due is not None and due < row.expires_at:
        return End(at=row.expires_at, renews_itself=True)
    is_over = row.expires_at <= now
    is_soon = not is_over and row.expires_at <= now + ENDS_SOON
    return End(at=row.expires_at, is_soon=is_soon, is_over=is_over)


@require_safe
@members_only()
def connection_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    search, now = ConnectionSearchForm(request.GET), timezone.now()
    query = search.query()
    page = page_of(request, _found(visitor, query))
    entries = [
        Entry(connection=row, tile=tile_of(row.integration), account=account_of(row), end=end)
        for row in page
        for end in [end_of(row, now)]
    ]
    found = {"page": page, "entries": entries, "is_searching": bool(query)}
    return found_or_page(
        request, visitor, "connections/list", search=search, deleted=_deleted(visitor), **found
    )


def _found(visitor: Visitor, query: dict[str, Any]) -> Any:
    rows = visitor.connections().select_related("integration", "credential").order_by("-id")
    rows = rows.defer("sealed_config", "credential__sealed_values", "credential__sealed_token")
    if "search" in query:
        rows = rows.matching(query["search"])
    if "status" in query:
        rows = rows.filter(status=query["status"])
    if "integration_type" in query:
        rows = rows.filter(integration__type=query["integration_type"])
    return rows


def _deleted(visitor: Visitor) -> Any:
    """What can still be brought back; asked for by the page that shows it, not by a fragment."""
    rows = DeletedConnection.objects.within(visitor.workspace.id).owned_by(visitor.actor.user)
    rows = rows.undoable(timezone.now())
    return rows.only("id", "label", "integration_name", "deleted_at", "destroy_at")[:MOST_DELETED]


@require_safe
@members_only()
def connection_detail(request: HttpRequest, visitor: Visitor, connection: str) -> HttpResponse:
    row = visitor.connection(connection)
    definition = visitor.integration_of(row)
    method = definition.method_by_pk(row.auth_method_id)
    return show(
        request,
        visitor,
        "connections/detail.html",
        connection=row,
        integration=definition,
        method=method,
        tile=tile_of(definition),
        result=result_for(request, row),
        end=end_of(row, timezone.now()),
        config=shown_config(method, row.config),
        secrets=[field_name(method, name) for name in row.secrets_set],
        events=events_of(visitor, row, method),
        docs_url=web_address(method.docs_url or definition.docs_url),
        can_consent=can_consent(visitor.workspace.id, method),
    )
