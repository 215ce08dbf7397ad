"""Switching connections on and off from the admin: one at once, and many."""

from collections.abc import Iterable
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

from connections.admin.editing import staff_actor
from connections.admin.testing import TestingAdmin
from connections.models import Connection
from connections.serializers import ConnectionChangeSerializer
from connections.services.locks import Overtaken
from connections.services.verification import Verifier
from integrations.problems import Problem

# Messages travel in the session: the first ones say what is wrong.
MOST_MESSAGES = 5


class SwitchingAdmin(TestingAdmin):
    @admin.action(permissions=["change"], description=gettext_lazy("Switch on"))
    def switch_on(self, request: HttpRequest, queryset: Any) -> None:
        self.switch_all(request, queryset, Connection.Status.ACTIVE)

    @admin.action(permissions=["change"], description=gettext_lazy("Switch off"))
    def switch_off(self, request: HttpRequest, queryset: Any) -> None:
        self.switch_all(request, queryset, Connection.Status.INACTIVE)

    def switch_all(self, request: HttpRequest, queryset: Any, status: str) -> None:
        """Those that are switched the other way: sent twice, it is done once."""
        if not self.are_few(request, queryset):
            return
        off, rows = Connection.Status.INACTIVE, list(queryset.with_parts())
        others = [row for row in rows if (row.status == off) != (status == off)]
        refused = [text for row in others if (text := self.switch(request, row, status))]
        done, same = len(others) - len(refused), len(rows) - len(others)
        if done:
            text = ngettext(
                "%(count)d connection switched.", "%(count)d connections switched.", done
            )
            self.message_user(request, text % {"count": done}, messages.SUCCESS)
        if same:
            text = ngettext(
                "%(count)d connection was so already.",
                "%(count)d connections were so already.",
                same,
            )
            self.message_user(request, text % {"count": same}, messages.INFO)
        self.tell_refused(request, refused)

    def tell_refused(self, request: HttpRequest, refused: list[str]) -> None:
        for text in refused[:MOST_MESSAGES]:
            self.message_user(request, text, messages.ERROR)
        more = len(refused) - MOST_MESSAGES
        if more > 0:
            text = ngettext(
                "And %(count)d more connection was not switched.",
                "And %(count)d more connections were not switched.",
                more,
            )
            self.message_user(request, text % {"count": more}, messages.ERROR)

    def switch(self, request: HttpRequest, row: Connection, status: str) -> str:
        """Why it was not switched; blank if it was. On is a promise: what is stored is checked."""
        actor = staff_actor(request, row.workspace)
        # Nobody waits for many services: those that are switched on together are tried soon.
        context = {"actor": actor, "verifier": Verifier(row.workspace, "never")}
        serializer = ConnectionChangeSerializer(row, data={"status": status}, context=context)
        found: Iterable[Problem]
        try:
            if serializer.is_valid():
                serializer.save()
                self.test_on(row, status)
                self.log_change(request, row, [{"changed": {"fields": ["Status"]}}])
                return ""
            found = [problem for problems in serializer.problems.values() for problem in problems]
        except Overtaken:
            found = [Problem(_("It was changed meanwhile. Try again."), "overtaken")]
        return f"{row.label}: " + " ".join(f"{problem}." for problem in found)

    def test_on(self, row: Connection, status: str) -> None:
        """What was switched on is due for its test at once."""
        if status == Connection.Status.ACTIVE:
            same = Connection.objects.within(row.workspace_id).filter(pk=row.pk)
            same.exclude(next_test_at=None).update(next_test_at=timezone.now())

    @method_decorator(require_POST)
    def switch_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        refused = self.switch(request, row, request.POST.get("status", ""))
        if refused:
            self.message_user(request, refused, messages.ERROR)
        else:
            self.message_user(request, row.get_status_display(), messages.SUCCESS)
        return redirect("admin:connections_connection_change", row.pk)
