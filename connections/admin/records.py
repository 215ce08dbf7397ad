"""Credentials: descriptions to read, nothing to write."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from connections.admin.lists import ReadOnlyAdmin, WorkspaceFilter
from connections.models import Credential


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
