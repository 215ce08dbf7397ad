"""Deleting a connection, told first what uses it; and bringing it back for a while."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from connections.models import Connection, DeletedConnection
from connections.services.connections import delete_connection
from connections.services.locks import Overtaken
from connections.services.undoing import CannotUndo, undo_deletion
from connections.web.history import last_reader
from connections.web.pages import show
from connections.web.visitors import Visitor, members_only


@require_http_methods(["GET", "HEAD", "POST"])
@members_only(writing=True)
def delete(request: HttpRequest, visitor: Visitor, connection: str) -> HttpResponse:
    row = visitor.connection(connection)
    undo_for = timedelta(seconds=settings.UNDO_DELETE_SECONDS)
    if request.method != "POST":
        uses = _uses(visitor, row)
        until = timezone.now() + undo_for if undo_for else None
        context = {"connection": row, "undo_until": until, **uses}
        return show(request, visitor, "connections/delete.html", **context)
    try:
        delete_connection(actor=visitor.actor, connection=row, undo_for=undo_for)
    except Overtaken:
        raise Http404 from None
    undone = _("Deleted. You can undo that for a while: see below.")
    messages.success(request, undone if undo_for else _("Deleted."))
    return redirect("connections", visitor.workspace.slug)


def _uses(visitor: Visitor, row: Connection) -> dict[str, Any]:
    """Who else has its credential, and who had its secrets last."""
    sharing = Connection.objects.within(visitor.workspace.id).filter(credential=row.credential_id)
    others = sharing.exclude(pk=row.pk) if row.credential_id else sharing.none()
    own = others.owned_by(visitor.actor.user).count()
    return {
        "own_sharing": own,
        "others_sharing": others.count() - own,
        "last_reader": last_reader(visitor, row),
    }


@require_POST
@members_only(writing=True)
def undo(request: HttpRequest, visitor: Visitor, connection: str) -> HttpResponse:
    rows = DeletedConnection.objects.owned_by(visitor.actor.user).undoable(timezone.now())
    deleted = rows.named(visitor.workspace.id, connection)
    if deleted is None:
        raise Http404
    try:
        row = undo_deletion(actor=visitor.actor, deleted=deleted)
    except Overtaken:
        raise Http404 from None
    except CannotUndo as refusal:
        messages.error(request, refusal.sentence)
        return redirect("connections", visitor.workspace.slug)
    messages.success(request, _("It is back, as it was."))
    return redirect("connection", visitor.workspace.slug, row.public_id)
