"""Workspaces and who belongs to them."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from connections.admin.lists import ListAdmin, adopt
from connections.models import Membership, Workspace, make_workspace

LOCAL_HOSTS = {"localhost", "127.0.0.1"}


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)
    verbose_name = _("member")
    verbose_name_plural = _("Members")


class WorkspaceForm(forms.ModelForm):
    """Return addresses one on each line; a browser is sent there after an authorization."""

    return_urls = forms.CharField(
        label=_("Return addresses"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One https address on each line, compared letter by letter."),
    )

    class Meta:
        model = Workspace
        fields = ("slug", "name", "is_active", "return_urls")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["return_urls"] = "\n".join(self.instance.return_urls)

    def clean_return_urls(self) -> list[str]:
        typed = self.cleaned_data["return_urls"].split()
        for url in typed:
            if not is_return_address(url):
                text = _("Return addresses are whole https addresses without a fragment.")
                raise ValidationError(text, code="invalid_url")
        return typed


def is_return_address(url: str) -> bool:
    """https, or http to this machine; a host, and nothing that browsers read in two ways."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and not set("\\#<>\"' ") & set(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL_HOSTS)
    return is_plain and is_safe and bool(host) and "@" not in parts.netloc


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
