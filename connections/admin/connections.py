"""The list of connections: found, filtered, and acted on many at once."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import date as formatted
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.admin.badges import status_badge
from connections.admin.consenting import ConsentingAdmin
from connections.admin.deleting import DeletingAdmin
from connections.admin.detail import about
from connections.admin.filters import EndsFilter, IntegrationFilter, StatusFilter
from connections.admin.lists import OwnerFilter, WorkspaceFilter
from connections.admin.switching import SwitchingAdmin
from connections.models import Connection
from integrations.catalogue import current_catalogue
from integrations.field_types import build_field
from integrations.specs import label_from_key
from integrations.texts import stored_in_words

NOTHING = "–"


def moment(value: Any) -> str:
    """A point in time, for people and for programs that read the page."""
    if value is None:
        return NOTHING
    shown = formatted(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), shown)


@admin.register(Connection)
class ConnectionAdmin(DeletingAdmin, ConsentingAdmin, SwitchingAdmin):
    prefix = "conn"
    list_display = (
        *("label", "state", "reason", "integration", "kind"),
        *("workspace", "tested", "ends", "used"),
    )
    list_filter = (
        *(StatusFilter, "integration__type", EndsFilter),
        *(IntegrationFilter, WorkspaceFilter, OwnerFilter),
    )
    list_select_related = ("integration", "workspace")
    list_per_page = 50
    # Newest first by the primary key, and by what an index knows: others would sort a million rows.
    sortable_by = ("tested",)
    search_fields = ("label", "account_label", "user_id", "integration__name")
    search_help_text = gettext_lazy("Label, account, user id, integration, or conn_…")
    actions = ("test_soon", "refresh_soon", "switch_on", "switch_off", "delete_selected")

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

    @admin.display(description=gettext_lazy("type"))
    def kind(self, obj: Connection) -> str:
        return obj.integration.get_type_display()

    @admin.display(description=gettext_lazy("status"))
    def state(self, obj: Connection) -> str:
        return status_badge(obj.status)

    @admin.display(description=gettext_lazy("reason"))
    def reason(self, obj: Connection) -> str:
        return stored_in_words((obj.status_reason or {}).get("message", ""))

    @admin.display(description=gettext_lazy("last test"), ordering="last_test_ms")
    def tested(self, obj: Connection) -> str:
        if obj.last_tested_at is None or obj.last_test_ms is None:
            return moment(obj.last_tested_at)
        took = _("%(count)d ms") % {"count": obj.last_test_ms}
        return format_html('{} <span class="quiet">{}</span>', moment(obj.last_tested_at), took)

    @admin.display(description=gettext_lazy("ends"))
    def ends(self, obj: Connection) -> str:
        return moment(obj.expires_at)

    @admin.display(description=gettext_lazy("last used"))
    def used(self, obj: Connection) -> str:
        return moment(obj.last_used_at)

    @admin.display(description=gettext_lazy("secrets"))
    def secrets(self, obj: Connection) -> str:
        """Which are stored: their names."""
        return ", ".join(label for label, _value in self.named(obj, obj.secrets_set)) or NOTHING

    @admin.display(description=gettext_lazy("configuration"))
    def configuration(self, obj: Connection) -> str:
        rows = self.named(obj, obj.config)
        return format_html_join("", "<div>{}: {}</div>", rows) or NOTHING

    def named(self, obj: Connection, keys: Any) -> list[tuple[str, Any]]:
        """`(label, value)` of stored fields; one may be gone from its definition by now."""
        definition = current_catalogue().by_pk(obj.integration_id)
        method = definition.method_by_pk(obj.auth_method_id)
        specs = [(key, method.spec(key)) for key in keys]
        return [
            (build_field(spec).name if spec else label_from_key(key), obj.config.get(key))
            for key, spec in specs
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **named: Any
    ) -> HttpResponse:
        row: Connection | None = named.get("obj")
        if row is not None:
            context["about"] = about(request, row)
        return super().render_change_form(request, context, *args, **named)
