"""Workspaces and who belongs to them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from connections.access.actors import person
from connections.admin.lists import ListAdmin, adopt
from connections.branding.forms import AddressesForm, BrandForm
from connections.models import Membership, Workspace, make_workspace
from connections.services.workspaces import change_workspace


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)
    verbose_name = _("member")
    verbose_name_plural = _("Members")


# What its owners change on their own pages.
OWN = ("name", *AddressesForm.Meta.fields, *BrandForm.Meta.fields)


class WorkspaceForm(AddressesForm, BrandForm):
    """As its owners have it on their pages, with what staff alone may change."""

    class Meta(BrandForm.Meta):
        fields = ("slug", "is_active", *OWN)


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
        shown = ("return_urls", "embed_origins", "brand_name", "brand_accent", "logo", "drop_logo")
        return ("public_id", "id", "slug", "name", "is_active", *shown, "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Addresses and keys of the vault hold on to them.
        return ("public_id", "id", "slug", "created_at") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: its audit log would go with it. A workspace is switched off instead."""
        return False

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=["is_active"])
            columns = {name: form.cleaned_data[name] for name in OWN}
            logo = form.cleaned_data["logo"]
            change_workspace(actor=person(request.user, obj), columns=columns, logo=logo)
        else:
            adopt(obj, make_workspace(slug=obj.slug, name=obj.name))
