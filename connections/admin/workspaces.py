"""Workspaces and who belongs to them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from connections.admin.lists import ListAdmin, adopt
from connections.models import Membership, Workspace, make_workspace
from connections.workspace_forms import WorkspaceForm


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)
    verbose_name = _("member")
    verbose_name_plural = _("Members")


@admin.register(Workspace)
class WorkspaceAdmin(ListAdmin):
    prefix = "wsp"
    form = WorkspaceForm
    list_display = ("name", "slug", "is_active", "created_at")
    list_filter = ("is_active",)
    search_fields = ("name", "slug")
    inlines = (MembershipInline,)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("slug", "name")
        return ("public_id", "id", "slug", "name", "is_active", "return_urls", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Addresses and keys of the vault hold on to them.
        return ("public_id", "id", "slug", "created_at") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: its audit log would go with it. A workspace is switched off instead."""
        return False

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=list(form.cleaned_data))
        else:
            adopt(obj, make_workspace(slug=obj.slug, name=obj.name))
