"""Trying a stored connection from its page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from connections.services.locks import Overtaken
from connections.services.retests import run_live_test
from connections.web.changing import changed_meanwhile
from connections.web.results import keep
from connections.web.visitors import Visitor, members_only


@require_POST
@members_only(writing=True)
def test_now(request: HttpRequest, visitor: Visitor, connection: str) -> HttpResponse:
    row = visitor.connection(connection)
    try:
        keep(request, row, run_live_test(actor=visitor.actor, connection=row))
    except Overtaken:
        messages.error(request, changed_meanwhile())
    return redirect("connection", visitor.workspace.slug, connection)
