"""Credentials: encrypted values, and when they end or are refreshed."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.ids import new_id, public_id
from connections.models.scoped import WorkspaceQuerySet
from connections.models.sealed import open_object, seal_object
from connections.models.workspaces import Workspace


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
        Workspace,
        verbose_name=_("workspace"),
        on_delete=models.CASCADE,
        related_name="credentials",
        db_index=False,
    )
    label = models.CharField(_("label"), max_length=100)
    description = models.CharField(_("description"), max_length=255, blank=True)
    auth_type = models.CharField(
        _("kind of credential"), max_length=40, choices=AuthType, default=AuthType.CUSTOM
    )
    credential_type = models.CharField(
        _("what it is for"), max_length=20, choices=Type, default=Type.INTEGRATION
    )
    credential_scope = models.CharField(
        _("who may use it"), max_length=20, choices=Scope, default=Scope.WORKSPACE
    )
    provider = models.CharField(_("provider"), max_length=255, blank=True)
    user_id = models.CharField(_("user id"), max_length=255, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    sealed_values = models.BinaryField()
    # What was obtained with the values, where the kind of method fetches a token by itself.
    sealed_token = models.BinaryField(null=True)
    token_expires_at = models.DateTimeField(_("token expires"), null=True)
    # With which client, and at which addresses (`token_url`, `revoke_url`, `issuer`): a grant is
    # refreshed where it was given.
    oauth_client = models.ForeignKey(
        "connections.OAuthClient",
        verbose_name=_("OAuth client"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    endpoints = models.JSONField(default=dict)
    # When it is refreshed next, how often that failed in a row, and who is at it until when.
    next_refresh_at = models.DateTimeField(_("next refresh"), null=True)
    refresh_attempts = models.PositiveSmallIntegerField(_("failed refreshes"), default=0)
    refresh_lease = models.UUIDField(null=True)
    refresh_lease_until = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(_("expires"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    created_by = models.CharField(_("created by"), max_length=100)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("last changed"), default=timezone.now)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        ordering = ["-id"]
        constraints = [
            # What a connection's composite foreign key points at.
            models.UniqueConstraint(fields=["workspace", "id"], name="credential_in_workspace")
        ]
        indexes = [
            models.Index(
                fields=["next_refresh_at"],
                condition=Q(next_refresh_at__isnull=False),
                name="credential_due",
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def public_id(self) -> str:
        return public_id("cred", self.id)

    def set_values(self, values: dict[str, Any]) -> None:
        """Encrypt for this row; its id must be final. Does not save."""
        self.sealed_values = seal_object(self, "values", values)

    def mark_ending(self, expires_at: datetime | None, now: datetime) -> None:
        """It ends then, or never; it may be over already."""
        self.expires_at = expires_at
        is_over = expires_at is not None and expires_at <= now
        self.status = self.Status.EXPIRED if is_over else self.Status.ACTIVE

    def is_over(self, now: datetime) -> bool:
        """Whether what it authenticates with has ended."""
        ends = [end for end in (self.expires_at, self.token_expires_at) if end is not None]
        return any(end <= now for end in ends)

    def get_values(self) -> dict[str, Any]:
        """Raises VaultError where the value does not open."""
        return open_object(self, "values", self.sealed_values)

    def set_token(self, token: dict[str, Any] | None, expires_at: datetime | None = None) -> None:
        """Encrypt `{access_token, …}` that was obtained with the values. Does not save."""
        self.sealed_token = None if token is None else seal_object(self, "token", token)
        self.token_expires_at = expires_at

    def get_token(self) -> dict[str, Any]:
        """Empty where none was obtained; raises VaultError where it does not open."""
        return open_object(self, "token", self.sealed_token)
