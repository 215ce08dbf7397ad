"""Trying stored connections from the admin: one at once, many by the worker."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from connections.access.actors import person
from connections.admin.editing import EditingAdmin, staff_actor
from connections.jobs.queue import enqueue_each
from connections.models import Connection
from connections.services.locks import Overtaken
from connections.services.retests import run_live_test

MOST_AT_ONCE = 1000


class TestingAdmin(EditingAdmin):
    @method_decorator(require_POST)
    def test_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        self.test(request, row)
        return redirect("admin:connections_connection_change", row.pk)

    def test(self, request: HttpRequest, row: Connection) -> None:
        try:
            tested = run_live_test(actor=staff_actor(request, row.workspace), connection=row)
        except Overtaken:
            self.message_user(request, _("It was changed meanwhile. Try again."), messages.ERROR)
            return
        level = messages.SUCCESS if tested.passed else messages.WARNING
        for sentence in tested.sentences():
            self.message_user(request, sentence, level)

    @admin.action(permissions=["change"], description=gettext_lazy("Test"))
    def test_soon(self, request: HttpRequest, queryset: Any) -> None:
        self.queue(request, queryset, "test")

    @admin.action(permissions=["change"], description=gettext_lazy("Refresh tokens"))
    def refresh_soon(self, request: HttpRequest, queryset: Any) -> None:
        self.queue(request, queryset, "refresh")

    def queue(self, request: HttpRequest, queryset: Any, kind: str) -> None:
        """For the worker: what came of it stands in the status and in the audit log."""
        if not self.are_few(request, queryset):
            return
        rows = queryset.select_related("workspace")
        queued = enqueue_each(kind, rows, lambda space: person(request.user, space).name)
        if queued.now:
            text = ngettext(
                "%(count)d connection is queued for the worker.",
                "%(count)d connections are queued for the worker.",
                queued.now,
            )
            self.message_user(request, text % {"count": queued.now}, messages.SUCCESS)
        if queued.before:
            text = ngettext(
                "%(count)d connection waits in the queue already.",
                "%(count)d connections wait in the queue already.",
                queued.before,
            )
            self.message_user(request, text % {"count": queued.before}, messages.INFO)

    def are_few(self, request: HttpRequest, queryset: Any) -> bool:
        """A request has to end before the server gives it up."""
        if queryset.order_by().values("pk")[: MOST_AT_ONCE + 1].count() <= MOST_AT_ONCE:
            return True
        text = _("Choose at most %(count)d at once: nothing was done.") % {"count": MOST_AT_ONCE}
        self.message_user(request, text, messages.ERROR)
        return False
