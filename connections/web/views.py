"""The pages of signed-in people: workspaces, the gallery, their connections."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections.models import AuditEvent, Connection, Membership
from connections.serializers import ConnectionChangeSerializer
from connections.services.connections import delete_connection
from connections.services.locks import Overtaken
from connections.services.oauth_flows.parties import can_consent
from connections.web.forms import GalleryForm, SearchForm
from connections.web.pages import page_of, show
from connections.web.rows import field_name, shown_config
from connections.web.visitors import Visitor, members_only
from integrations.catalogue import listed_integrations
from integrations.specs import MethodDefinition

MOST_EVENTS = 50
ACTIONS = {
    "connection.created": gettext_lazy("Created"),
    "connection.changed": gettext_lazy("Changed"),
    "connection.revealed": gettext_lazy("Secrets handed out"),
    "connection.deleted": gettext_lazy("Deleted"),
    "connection.tested": gettext_lazy("Tested"),
    "connection.broke": gettext_lazy("Stopped working"),
    "connection.recovered": gettext_lazy("Works again"),
    "connection.refreshed": gettext_lazy("Access refreshed"),
    "connection.expired": gettext_lazy("Access ended"),
    "connection.revoked": gettext_lazy("Access revoked"),
}


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    rows = Membership.objects.select_related("workspace").order_by("workspace__name", "id")
    memberships = list(rows.filter(user=request.user, workspace__is_active=True))
    if len(memberships) == 1:
        return redirect("connections", memberships[0].workspace.slug)
    return render(request, "home.html", {"memberships": memberships})


@require_safe
@members_only()
def gallery(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    search = GalleryForm(request.GET)
    page = page_of(request, listed_integrations(visitor.workspace.id, search.query()))
    return show(request, visitor, "integrations/gallery.html", search=search, page=page)


@require_safe
@members_only()
def connection_list(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    search = SearchForm(request.GET)
    query = search.query()
    rows = visitor.connections().select_related("integration").order_by("-id")
    if "search" in query:
        rows = rows.matching(query["search"])
    page = page_of(request, rows)
    found = {"search": search, "page": page, "is_searching": bool(query)}
    return show(request, visitor, "connections/list.html", **found)


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
        config=shown_config(method, row.config),
        secrets=[field_name(method, name) for name in row.secrets_set],
        events=_events(visitor, row, method),
        can_consent=can_consent(visitor.workspace.id, method),
    )


def _events(visitor: Visitor, row: Connection, method: MethodDefinition) -> list[dict[str, Any]]:
    rows = AuditEvent.objects.filter(workspace=visitor.workspace, subject=row.public_id)
    return [
        {
            "at": event.at,
            "who": _("You") if event.actor == visitor.actor.name else event.actor,
            "what": ACTIONS.get(event.action, event.action),
            "fields": [field_name(method, name) for name in event.fields],
        }
        for event in rows[:MOST_EVENTS]
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@members_only(writing=True)
def delete(request: HttpRequest, visitor: Visitor, connection: str) -> HttpResponse:
    row = visitor.connection(connection)
    if request.method != "POST":
        return show(request, visitor, "connections/delete.html", connection=row)
    try:
        delete_connection(actor=visitor.actor, connection=row)
    except Overtaken:
        raise Http404 from None
    messages.success(request, _("Deleted."))
    return redirect("connections", visitor.workspace.slug)


@require_POST
@members_only(writing=True)
def switch(request: HttpRequest, visitor: Visitor, connection: str) -> HttpResponse:
    """On or off. On is a promise, so what is stored is checked again first."""
    row = visitor.connection(connection)
    serializer = ConnectionChangeSerializer(
        row, data={"status": request.POST.get("status")}, context={"actor": visitor.actor}
    )
    try:
        if serializer.is_valid():
            _say_status(request, serializer.save())
        else:
            _say_problems(request, serializer)
    except Overtaken:
        messages.error(request, _("This connection was changed meanwhile. Try again."))
    return redirect("connection", visitor.workspace.slug, connection)


def _say_status(request: HttpRequest, row: Connection) -> None:
    if row.status == Connection.Status.INACTIVE:
        messages.success(request, _("Switched off."))
    elif row.status == Connection.Status.ACTIVE:
        messages.success(request, _("Switched on."))
    else:
        messages.warning(request, _("Switched on, but it does not work yet."))


def _say_problems(request: HttpRequest, serializer: ConnectionChangeSerializer) -> None:
    """Messages name fields and never values: they may travel in a cookie."""
    messages.error(request, _("It cannot be used as it is. Edit it first."))
    for problems in serializer.problems.values():
        for problem in problems:
            messages.error(request, str(problem))
