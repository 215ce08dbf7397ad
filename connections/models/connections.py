"""Credentials and connections."""

import json
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.ids import new_id, parse_id, public_id
from connections.models.compiled import CompiledLookup
from connections.models.scoped import WorkspaceQuerySet
from connections.models.workspaces import Workspace, open_value
from integrations.models import AuthMethod, Integration


def _packed(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


class CredentialQuerySet(WorkspaceQuerySet):
    prefix = "cred"


class Credential(models.Model):
    """One encrypted object of values; `set_values` and `get_values` are the only way in and out."""

    class AuthType(models.TextChoices):
        API_KEY = "api_key", _("API key")
        OAUTH_TOKEN = "oauth_token", _("OAuth token")
        OAUTH_TOKEN_REFRESH = "oauth_token_refresh", _("OAuth token with refresh")
        OAUTH_TOKEN_REFRESH_ROTATION = "oauth_token_refresh_rotation", _("OAuth with rotation")
        BASIC_AUTH = "basic_auth", _("User name and password")
        ACCESS_TOKEN = "access_token", _("Access token")
        ACCESS_TOKEN_REFRESH = "access_token_refresh", _("Access token with refresh")
        PUBLIC_KEY_SECRET = "public_key_secret", _("Key pair")
        CONNECTION_STRING = "connection_string", _("Connection string")
        CUSTOM = "custom", _("Custom")

    class Type(models.TextChoices):
        INTEGRATION = "integration", _("Integration")
        LLM = "llm", _("Language model")
        STORAGE = "storage", _("Storage")
        VECTOR_STORE = "vector_store", _("Vector store")
        AUTH_PROVIDER = "auth_provider", _("Sign-in provider")
        CUSTOM = "custom", _("Custom")

    class Scope(models.TextChoices):
        WORKSPACE = "workspace", _("Workspace")
        USER = "user", _("User")
        WORKSPACE_MEMBER = "workspace_member", _("Workspace member")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        EXPIRED = "expired", _("Expired")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="credentials", db_index=False
    )
    label = models.CharField(_("label"), max_length=100)
    description = models.CharField(_("description"), max_length=255, blank=True)
    auth_type = models.CharField(max_length=40, choices=AuthType, default=AuthType.CUSTOM)
    credential_type = models.CharField(max_length=20, choices=Type, default=Type.INTEGRATION)
    credential_scope = models.CharField(max_length=20, choices=Scope, default=Scope.WORKSPACE)
    provider = models.CharField(max_length=255, blank=True)
    user_id = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    sealed_values = models.BinaryField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            # What a connection's composite foreign key points at.
            models.UniqueConstraint(fields=["workspace", "id"], name="credential_in_workspace")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def public_id(self) -> str:
        return public_id("cred", self.id)

    def set_values(self, values: dict[str, Any]) -> None:
        """Encrypt for this row; its id must be final. Does not save."""
        self.sealed_values = self.workspace.seal(_packed(values), row_id=self.id, field="values")

    def mark_ending(self, expires_at: datetime | None, now: datetime) -> None:
        """It ends then, or never; it may be over already."""
        self.expires_at = expires_at
        is_over = expires_at is not None and expires_at <= now
        self.status = self.Status.EXPIRED if is_over else self.Status.ACTIVE

    def get_values(self) -> dict[str, Any]:
        """Raises VaultError where the value does not open."""
        opened = open_value(
            self.sealed_values, workspace_id=self.workspace_id, row_id=self.id, field="values"
        )
        return json.loads(opened)  # type: ignore[no-any-return]


class ConnectionQuerySet(WorkspaceQuerySet):
    prefix = "conn"

    def with_parts(self) -> Self:
        """With all that describing one takes."""
        return self.select_related("workspace", "credential", "integration", "auth_method")

    def find(self, workspace: Workspace, public: str) -> "Connection | None":
        """The connection of that public id in that workspace, with its credential: one query."""
        row_id = parse_id("conn", public)
        found = None if row_id is None else _LOOKUP.first(workspace.id, row_id)
        if found is None:
            return None
        connection, credential = found
        connection.workspace, connection.credential = workspace, credential
        if credential is not None:
            credential.workspace = workspace
        return connection  # type: ignore[no-any-return]

    def owned_by(self, user: Any) -> Self:
        return self.filter(owner=user)

    def matching(self, words: str) -> Self:
        """Whose label, account or integration holds the words."""
        return self.filter(
            Q(label__icontains=words)
            | Q(account_label__icontains=words)
            | Q(integration__name__icontains=words)
            | Q(integration__slug__icontains=words)
        )


class Connection(models.Model):
    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        INACTIVE = "inactive", _("Switched off")
        TESTING = "testing", _("Testing")
        ERROR = "error", _("Error")
        EXPIRED = "expired", _("Expired")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="connections", db_index=False
    )
    # Composite foreign keys of a migration hold these: the method is one of the integration's, the
    # credential lies in the workspace.
    integration = models.ForeignKey(
        Integration,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    auth_method = models.ForeignKey(
        AuthMethod,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    credential = models.ForeignKey(
        Credential,
        on_delete=models.RESTRICT,
        related_name="connections",
        null=True,
        db_index=False,
        db_constraint=False,
    )
    label = models.CharField(_("label"), max_length=255)
    config = models.JSONField(default=dict)
    sealed_config = models.BinaryField(null=True)
    # Names of the secret fields that hold a value, of credentials and config.
    secrets_set = models.JSONField(default=list)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    # `{code, message, hint, since}` as it is shown; None where there is nothing to say.
    status_reason = models.JSONField(null=True)
    user_id = models.CharField(_("user id"), max_length=255, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="connections",
        db_index=False,
    )
    account_id = models.CharField(max_length=255, blank=True)
    account_label = models.CharField(_("account"), max_length=255, blank=True)
    metadata = models.JSONField(default=dict)
    definition_revision = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)
    last_tested_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="connection_newest"),
            models.Index(fields=["workspace", "integration", "-id"], name="connection_by_what"),
            models.Index(
                fields=["workspace", "user_id", "-id"],
                condition=~Q(user_id=""),
                name="connection_by_user",
            ),
            models.Index(fields=["workspace", "credential"], name="connection_by_credential"),
            models.Index(
                fields=["owner", "-id"],
                condition=Q(owner__isnull=False),
                name="connection_by_owner",
            ),
            models.Index(
                fields=["workspace", "status", "-id"],
                condition=~Q(status="active"),
                name="connection_not_active",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def public_id(self) -> str:
        return public_id("conn", self.id)

    def set_config(self, shown: dict[str, Any], secret: dict[str, Any]) -> None:
        """Keep what may be shown in the open and encrypt the rest. Does not save."""
        self.config = shown
        self.sealed_config = (
            self.workspace.seal(_packed(secret), row_id=self.id, field="config") if secret else None
        )

    def get_secret_config(self) -> dict[str, Any]:
        if self.sealed_config is None:
            return {}
        opened = open_value(
            self.sealed_config, workspace_id=self.workspace_id, row_id=self.id, field="config"
        )
        return json.loads(opened)  # type: ignore[no-any-return]

    def mark_active(self) -> None:
        self.status, self.status_reason = self.Status.ACTIVE, None

    def mark_switched_off(self) -> None:
        self.status, self.status_reason = self.Status.INACTIVE, None

    def mark_expired(self, *, code: str, message: str, hint: str, now: datetime) -> None:
        since = now.isoformat(timespec="seconds").replace("+00:00", "Z")
        self.status = self.Status.EXPIRED
        self.status_reason = {"code": code, "message": message, "hint": hint, "since": since}


_LOOKUP = CompiledLookup(
    lambda workspace_id, row_id: (
        Connection.objects.within(workspace_id).filter(id=row_id).order_by()
    ),
    samples=[
        (Workspace._meta.pk, UUID(int=1)),
        (Connection._meta.pk, UUID(int=2)),
    ],
    parts=[(Connection, ""), (Credential, "credential__")],
)
