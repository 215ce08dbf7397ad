"""Credentials and the audit log: descriptions to read, nothing to write."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from connections.admin.lists import ReadOnlyAdmin, TypedFilter, WorkspaceFilter
from connections.models import AuditEvent, Credential


@admin.register(Credential)
class CredentialAdmin(ReadOnlyAdmin):
    prefix = "cred"
    list_display = ("label", "workspace", "credential_type", "auth_type", "status", "expires_at")
    list_filter = ("credential_type", "auth_type", "status", "credential_scope", WorkspaceFilter)
    list_select_related = ("workspace",)
    search_fields = ("label", "provider", "user_id")
    fields = (
        "public_id",
        "workspace",
        "label",
        "description",
        "auth_type",
        "credential_type",
        "credential_scope",
        "provider",
        "user_id",
        "status",
        "expires_at",
        "last_used_at",
        "created_by",
        "created_at",
        "updated_at",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        # What is not read cannot be shown.
        return super().get_queryset(request).defer("sealed_values")


class ActionFilter(TypedFilter):
    title = _("action")
    parameter_name = "action_name"
    field = "action"
    hint = "connection.changed"


class ActorFilter(TypedFilter):
    title = _("who")
    parameter_name = "actor"
    field = "actor"
    hint = "user_1"


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    prefix = "evt"
    list_display = ("at", "action", "subject", "actor", "workspace", "names")
    list_display_links = ("at", "action")
    list_filter = ("at", ActionFilter, ActorFilter, WorkspaceFilter)
    list_select_related = ("workspace",)
    search_fields = ("=subject",)
    search_help_text = _("The id of what it happened to: conn_…, cred_…, key_…")
    fields = ("public_id", "at", "workspace", "actor", "action", "subject", "names")

    @admin.display(description=_("fields"))
    def names(self, obj: AuditEvent) -> str:
        return ", ".join(obj.fields)
