"""Small changes of a connection from its page: its name, and on or off."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from connections.models import Connection
from connections.serializers import ConnectionChangeSerializer
from connections.services.locks import Overtaken
from connections.services.retests import Tested
from connections.web.pages import show
from connections.web.results import keep
from connections.web.visitors import Visitor, members_only


def changed_meanwhile() -> str:
    return _("This connection was changed meanwhile. Try again.")


def change_of(visitor: Visitor, row: Connection, **data: Any) -> ConnectionChangeSerializer:
    return ConnectionChangeSerializer(row, data=data, context={"actor": visitor.actor})


@require_http_methods(["GET", "HEAD", "POST"])
@members_only(writing=True)
def rename(request: HttpRequest, visitor: Visitor, connection: str) -> HttpResponse:
    row = visitor.connection(connection)
    label, found = request.POST.get("label", row.label), []
    if request.method == "POST":
        serializer = change_of(visitor, row, label=label)
        try:
            if serializer.is_valid():
                serializer.save()
                messages.success(request, _("Renamed."))
                return redirect("connection", visitor.workspace.slug, connection)
            found = [one.in_full for some in serializer.problems.values() for one in some]
        except Overtaken:
            found = [changed_meanwhile()]
    # Written over the row, it would stand in the page's title as if it were stored.
    stored = visitor.connection(connection) if found else row
    context = {"connection": stored, "label": label, "errors": found}
    return show(request, visitor, "connections/rename.html", **context)


@require_POST
@members_only(writing=True)
def switch(request: HttpRequest, visitor: Visitor, connection: str) -> HttpResponse:
    """On or off. On is a promise, so what is stored is checked again first."""
    row = visitor.connection(connection)
    serializer = change_of(visitor, row, status=request.POST.get("status"))
    try:
        if serializer.is_valid():
            _say_status(request, serializer.save(), serializer)
        else:
            _say_problems(request, row, serializer)
    except Overtaken:
        messages.error(request, changed_meanwhile())
    return redirect("connection", visitor.workspace.slug, connection)


def _say_status(
    request: HttpRequest, row: Connection, serializer: ConnectionChangeSerializer
) -> None:
    checked = serializer.checked_values
    if row.status == Connection.Status.INACTIVE or checked is None:
        messages.success(request, _("Switched off."))
    elif row.status == Connection.Status.ACTIVE:
        keep(request, row, Tested(problems={}, verdict=checked.verdict), _("Switched on."))
    else:
        done = _("Switched on, but it does not work yet.")
        keep(request, row, Tested(problems={}, verdict=checked.verdict), done)


def _say_problems(
    request: HttpRequest, row: Connection, serializer: ConnectionChangeSerializer
) -> None:
    """Sentences name fields and never values: they are kept in the session."""
    checked = serializer.checked_values
    verdict = checked.verdict if checked is not None else None
    is_by_service = verdict is not None and verdict.failed
    problems = {} if is_by_service else serializer.problems
    done = _("It cannot be used as it is. Edit it first.")
    keep(request, row, Tested(problems=problems, verdict=verdict), done)
