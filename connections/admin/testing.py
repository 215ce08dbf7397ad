"""Trying stored connections from the admin: one at once, many by the worker."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from connections.admin.editing import EditingAdmin, staff_actor
from connections.models import Connection
from connections.services.locks import Overtaken
from connections.services.retests import run_live_test


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
        """Due at once: the worker tries them, and their status tells what it found."""
        done = queryset.update(next_test_at=timezone.now())
        text = ngettext(
            "%(count)d connection is tested soon.", "%(count)d connections are tested soon.", done
        )
        self.message_user(request, text % {"count": done}, messages.SUCCESS)
