"""Trying a stored connection from its page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from connections.services.locks import Overtaken
from connections.services.retests import Tested, run_live_test
from connections.web.visitors import Visitor, members_only


@require_POST
@members_only(writing=True)
def test_now(request: HttpRequest, visitor: Visitor, connection: str) -> HttpResponse:
    row = visitor.connection(connection)
    try:
        say(request, run_live_test(actor=visitor.actor, connection=row))
    except Overtaken:
        messages.error(request, _("This connection was changed meanwhile. Try again."))
    return redirect("connection", visitor.workspace.slug, connection)


def say(request: HttpRequest, tested: Tested) -> None:
    """The result in words; they name fields and causes and never values."""
    level = messages.SUCCESS if tested.passed else messages.WARNING
    for sentence in tested.sentences():
        messages.add_message(request, level, sentence)
