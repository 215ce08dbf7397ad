"""The audit log: who did what to which row, found by who, what, where and when, and exported."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from connections.admin.actors import actor_called, named
from connections.admin.exports import FORMATS, note_export
from connections.admin.filters import DatesFilter
from connections.admin.lists import CappedPaginator, ReadOnlyAdmin, TypedFilter, WorkspaceFilter
from connections.ids import new_id, parse_id
from connections.models import AuditEvent

EXPORT = "connections.export_auditevent"
# Whose page a subject's prefix leads to.
PAGES = {
    "conn": "connection",
    "cred": "credential",
    "key": "apikey",
    "ocl": "oauthclient",
    "wsp": "workspace",
}


class ActionFilter(TypedFilter):
    title = _("action")
    parameter_name = "action_name"
    field = "action"
    hint = "connection.changed"


class ActorFilter(TypedFilter):
    title = _("who")
    parameter_name = "actor"
    field = "actor"
    hint = _("user name, user_… or key_…")

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = (self.value() or "").strip()
        return queryset.filter(actor=actor_called(value)) if value else queryset


class SubjectFilter(TypedFilter):
    title = _("subject")
    parameter_name = "subject"
    field = "subject"
    hint = "conn_…"


def page_of(subject: str) -> str:
    """The admin's page of what an event happened to; blank where there is none."""
    prefix = subject.partition("_")[0]
    row_id = parse_id(prefix, subject)
    if row_id is None or prefix not in PAGES:
        return ""
    try:
        return reverse(f"admin:connections_{PAGES[prefix]}_change", args=[row_id])
    except NoReverseMatch:
        return ""


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    prefix = "evt"
    paginator = CappedPaginator
    list_display = ("at", "action", "what", "who", "workspace", "names")
    list_display_links = ("at",)
    list_filter = (DatesFilter, WorkspaceFilter, ActorFilter, ActionFilter, SubjectFilter)
    list_select_related = ("workspace",)
    # Newest first by the primary key: every other order would sort millions of rows.
    sortable_by = ()
    search_fields = ("=subject",)
    search_help_text = _("The id of what it happened to: conn_…, cred_…, key_…")
    fields = ("public_id", "at", "workspace", "who", "action", "what", "names")

    class Media:
        css = {"all": ("connections/admin.css",)}  # noqa: RUF012 - as Django wants it

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name="auditevent-export"), *super().get_urls()]

    @admin.display(description=_("fields"))
    def names(self, obj: AuditEvent) -> str:
        return ", ".join(obj.fields)

    @admin.display(description=_("subject"))
    def what(self, obj: AuditEvent) -> str:
        url = page_of(obj.subject)
        return format_html('<a href="{}">{}</a>', url, obj.subject) if url else obj.subject

    @admin.display(description=_("who"))
    def who(self, obj: AuditEvent) -> str:
        # The list has asked for those of all its rows at once.
        found = getattr(obj, "named", None) or named([obj.actor])[obj.actor]
        if not found.name:
            return found.id
        drawn = '<a href="{}">{}</a> <span class="quiet">{}</span>'
        return format_html(drawn, found.url, found.name, found.kind)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        known = named(row.actor for row in changelist.result_list)
        for row in changelist.result_list:
            row.named = known[row.actor]
        return changelist

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"may_export": request.user.has_perm(EXPORT), "formats": tuple(FORMATS)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @method_decorator(require_POST)
    def export_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """What the list shows with this address's filters: all of it, newest first."""
        if not (self.has_view_permission(request) and request.user.has_perm(EXPORT)):
            raise PermissionDenied
        written = FORMATS.get(request.POST.get("format", ""))
        if written is None:
            raise Http404
        changelist = super().get_changelist_instance(request)
        # Rows end where they end now: the event of this export is not one of them.
        rows = changelist.queryset.filter(pk__lt=new_id())
        note_export(request, changelist, written.suffix)
        answer = StreamingHttpResponse(written.write(rows), content_type=written.content_type)
        answer["Content-Disposition"] = f'attachment; filename="audit.{written.suffix}"'
        return answer
