"""The list of connections: found, filtered, switched on and off, deleted."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from connections.admin.consenting import ConsentingAdmin
from connections.admin.editing import staff_actor
from connections.admin.lists import OwnerFilter, WorkspaceFilter
from connections.admin.testing import TestingAdmin
from connections.models import Connection
from connections.serializers import ConnectionChangeSerializer
from connections.services.connections import delete_connection
from connections.services.locks import Overtaken
from connections.services.verification import Verifier
from integrations.catalogue import current_catalogue
from integrations.field_types import build_field
from integrations.problems import Problem
from integrations.specs import label_from_key
from integrations.texts import stored_in_words


@admin.register(Connection)
class ConnectionAdmin(ConsentingAdmin, TestingAdmin):
    prefix = "conn"
    list_display = (
        "label",
        "integration",
        "kind",
        "auth_method",
        "state",
        "workspace",
        "owner",
        "created_at",
        "last_used_at",
    )
    list_filter = ("status", "integration__type", WorkspaceFilter, OwnerFilter, "integration")
    list_select_related = ("integration", "auth_method", "workspace", "owner")
    list_per_page = 50
    search_fields = ("label", "account_label", "user_id", "integration__name")
    search_help_text = gettext_lazy("Label, account, user id, integration, or conn_…")
    actions = ("switch_on", "switch_off", "test_soon", "refresh_soon", "delete_selected")

    class Media:
        css = {"all": ("connections/admin.css",)}  # noqa: RUF012 - as Django wants it

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own = [
            path("consent/", wrap(self.consent_view), name="connection-consent"),
            path(
                "<path:object_id>/reconnect/",
                wrap(self.reconnect_view),
                name="connection-reconnect",
            ),
            path("<path:object_id>/secrets/", wrap(self.secrets_view), name="connection-secrets"),
            path("<path:object_id>/switch/", wrap(self.switch_view), name="connection-switch"),
            path("<path:object_id>/test/", wrap(self.test_view), name="connection-test"),
        ]
        return own + super().get_urls()

    @admin.display(description=gettext_lazy("type"), ordering="integration__type")
    def kind(self, obj: Connection) -> str:
        return obj.integration.get_type_display()

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, obj: Connection) -> str:
        reason = stored_in_words((obj.status_reason or {}).get("message", ""))
        badge = '<span class="state state-{}" title="{}">{}</span>'
        return format_html(badge, obj.status, reason, obj.get_status_display())

    @admin.display(description=gettext_lazy("secrets"))
    def secrets(self, obj: Connection) -> str:
        """Which are stored: their names."""
        return ", ".join(label for label, _value in self.named(obj, obj.secrets_set)) or "–"

    @admin.display(description=gettext_lazy("configuration"))
    def configuration(self, obj: Connection) -> str:
        rows = self.named(obj, obj.config)
        return format_html_join("", "<div>{}: {}</div>", rows) or "–"

    def named(self, obj: Connection, keys: Any) -> list[tuple[str, Any]]:
        """`(label, value)` of stored fields; one may be gone from its definition by now."""
        definition = current_catalogue().by_pk(obj.integration_id)
        method = definition.method_by_pk(obj.auth_method_id)
        specs = [(key, method.spec(key)) for key in keys]
        return [
            (build_field(spec).name if spec else label_from_key(key), obj.config.get(key))
            for key, spec in specs
        ]

    # Switching on and off.

    @admin.action(permissions=["change"], description=gettext_lazy("Switch on"))
    def switch_on(self, request: HttpRequest, queryset: Any) -> None:
        self.switch_all(request, queryset, Connection.Status.ACTIVE)

    @admin.action(permissions=["change"], description=gettext_lazy("Switch off"))
    def switch_off(self, request: HttpRequest, queryset: Any) -> None:
        self.switch_all(request, queryset, Connection.Status.INACTIVE)

    def switch_all(self, request: HttpRequest, queryset: Any, status: str) -> None:
        if not self.are_few(request, queryset):
            return
        done = sum(self.switch(request, row, status) for row in queryset.with_parts())
        if done:
            text = ngettext(
                "%(count)d connection switched.", "%(count)d connections switched.", done
            )
            self.message_user(request, text % {"count": done}, messages.SUCCESS)
        if status == Connection.Status.ACTIVE:
            queryset.filter(next_test_at__isnull=False).update(next_test_at=timezone.now())

    def switch(self, request: HttpRequest, row: Connection, status: str) -> bool:
        """On is a promise, so what is stored is checked again first."""
        actor = staff_actor(request, row.workspace)
        # Nobody waits for many services: those that are switched on together are tried soon.
        context = {"actor": actor, "verifier": Verifier(row.workspace, "never")}
        serializer = ConnectionChangeSerializer(row, data={"status": status}, context=context)
        try:
            if serializer.is_valid():
                serializer.save()
                self.test_on(row, status)
                self.log_change(request, row, [{"changed": {"fields": ["Status"]}}])
                return True
            found = [problem for problems in serializer.problems.values() for problem in problems]
        except Overtaken:
            found = [Problem(_("It was changed meanwhile. Try again."), "overtaken")]
        text = f"{row.label}: " + " ".join(f"{problem}." for problem in found)
        self.message_user(request, text, messages.ERROR)
        return False

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
        if self.switch(request, row, request.POST.get("status", "")):
            self.message_user(request, row.get_status_display(), messages.SUCCESS)
        return redirect("admin:connections_connection_change", row.pk)

    # Deleting.

    @admin.action(permissions=["delete"], description=delete_selected.short_description)
    def delete_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return delete_selected(self, request, queryset) if self.are_few(request, queryset) else None

    def delete_model(self, request: HttpRequest, obj: Connection) -> None:
        try:
            delete_connection(actor=staff_actor(request, obj.workspace), connection=obj)
        except Overtaken:
            # Somebody else was quicker: it is gone, as was asked.
            return

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset.select_related("workspace"):
            self.delete_model(request, row)
