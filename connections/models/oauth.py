"""OAuth clients that staff or discovery set up, and authorizations that are under way."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.ids import new_id, public_id
from connections.models.scoped import WorkspaceQuerySet
from connections.models.sealed import open_object, seal_object
from connections.models.workspaces import Workspace
from integrations.models import AuthMethod


class OAuthClientQuerySet(WorkspaceQuerySet):
    prefix = "ocl"

    def usable_in(self, workspace_id: Any) -> "OAuthClientQuerySet":
        """The workspace's own, and those that are there for every workspace."""
        return self.filter(Q(workspace_id=workspace_id) | Q(is_shared=True))


class OAuthClient(models.Model):
    """A client id at a service, and what proves it: RFC 6749, section 2."""

    class Origin(models.TextChoices):
        STAFF = "staff", _("Set up by staff")
        REGISTERED = "registered", _("Registered by itself (RFC 7591)")

    class Authentication(models.TextChoices):
        """How it proves itself; blank leaves it to the method's definition."""

        BASIC = "basic", _("Basic")
        BASIC_FORM_ENCODED = "basic_form_encoded", _("Basic, form-encoded")
        POST = "post", _("In the body")
        PRIVATE_KEY_JWT = "private_key_jwt", _("Signed with a private key")
        NONE = "none", _("None (public client)")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(
        Workspace,
        verbose_name=_("workspace"),
        on_delete=models.CASCADE,
        related_name="oauth_clients",
        db_index=False,
    )
    # Every workspace of the installation may connect with it; only this one's staff hold it.
    is_shared = models.BooleanField(_("for every workspace"), default=False)
    auth_method = models.ForeignKey(
        AuthMethod, verbose_name=_("auth method"), on_delete=models.CASCADE, related_name="+"
    )
    # Of the authorization server, where one method connects to many (MCP); blank for one service.
    issuer = models.CharField(_("issuer"), max_length=500, blank=True)
    origin = models.CharField(_("origin"), max_length=20, choices=Origin, default=Origin.STAFF)
    client_id = models.CharField(_("client id"), max_length=500)
    client_auth = models.CharField(
        _("authentication"), max_length=20, choices=Authentication, blank=True
    )
    sealed_secrets = models.BinaryField(null=True)
    created_by = models.CharField(_("created by"), max_length=100)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("last changed"), default=timezone.now)

    objects = OAuthClientQuerySet.as_manager()

    class Meta:
        verbose_name = _("OAuth client")
        verbose_name_plural = _("OAuth clients")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "auth_method", "issuer"],
                name="oauth_client_once",
                violation_error_message=_("This workspace has a client for this method already."),
            )
        ]

    def __str__(self) -> str:
        return self.client_id

    @property
    def public_id(self) -> str:
        return public_id("ocl", self.id)

    def set_secrets(self, secrets: dict[str, str]) -> None:
        """Encrypt `{client_secret}` or `{private_key, key_id}` for this row. Does not save."""
        self.sealed_secrets = seal_object(self, "secrets", secrets) if secrets else None

    def get_secrets(self) -> dict[str, str]:
        """Raises VaultError where they do not open."""
        return open_object(self, "secrets", self.sealed_secrets)


class OAuthFlow(models.Model):
    """One authorization under way, from `initiate` to `callback`: one use, ten minutes.

    The browser carries the state and a cookie; here are digests of both.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(
        Workspace,
        verbose_name=_("workspace"),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    state_digest = models.CharField(max_length=64, unique=True)
    # Of the cookie of the browser that opened the start page last; blank until one did.
    browser_digest = models.CharField(max_length=64, blank=True)
    auth_method = models.ForeignKey(
        AuthMethod, verbose_name=_("auth method"), on_delete=models.CASCADE, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
    )
    # PKCE verifier, nonce, configuration, description, endpoints, the ids of the client and of the
    # connection that it repairs: `set_context` encrypts them.
    sealed_context = models.BinaryField()
    created_by = models.CharField(_("created by"), max_length=100)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(null=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("authorization under way")
        verbose_name_plural = _("authorizations under way")
        ordering = ["-id"]
        indexes = [models.Index(fields=["expires_at"], name="oauth_flow_age")]

    def __str__(self) -> str:
        return str(self.id)

    def set_context(self, context: dict[str, Any]) -> None:
        """Encrypt for this row. Does not save."""
        self.sealed_context = seal_object(self, "context", context)

    def get_context(self) -> dict[str, Any]:
        """Raises VaultError where it does not open."""
        return open_object(self, "context", self.sealed_context)

    def use(self, now: datetime) -> bool:
        """Take its one use, before anything is called; False if it is used or over."""
        rows = OAuthFlow.objects.within(self.workspace_id)
        unused = rows.filter(pk=self.pk, used_at=None, expires_at__gt=now)
        return bool(unused.update(used_at=now))
