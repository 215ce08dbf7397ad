"""Workspaces, who belongs to them, and the keys that their secrets are wrapped with."""

import os
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from connections.ids import new_id, public_id
from connections.keys import cached_keys, key_provider
from connections.vault import Context, UnknownKeyVersion, open_sealed, seal


class Workspace(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(_("slug"), max_length=63, unique=True)
    name = models.CharField(_("name"), max_length=255)
    is_active = models.BooleanField(_("active"), default=True)
    # Where a browser may be sent after an authorization: whole URLs, compared exactly.
    return_urls = models.JSONField(_("return addresses"), default=list, blank=True)
    # Whose pages may open or frame connect links, and are told how they ended: exact origins.
    embed_origins = models.JSONField(_("embedding origins"), default=list, blank=True)
    # How connect links call themselves; blank: by the name.
    brand_name = models.CharField(_("brand name"), max_length=80, blank=True)
    # `#rrggbb`, checked for contrast.
    brand_accent = models.CharField(_("accent colour"), max_length=7, blank=True)
    # The digest of the logo beside this row; blank: there is none.
    brand_logo = models.CharField(max_length=16, blank=True, editable=False)
    # The version of its key that new secrets are sealed with.
    key_version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return public_id("wsp", self.id)

    @property
    def brand(self) -> str:
        return self.brand_name or self.name

    def seal(self, plaintext: bytes, *, row_id: UUID, field: str) -> bytes:
        """Encrypt for one column of one row of this workspace."""
        version = self.key_version
        return seal(
            plaintext,
            key=WorkspaceKey.unwrapped(self.id, version),
            key_version=version,
            context=Context(self.id, row_id, field),
        )


def open_value(value: bytes | memoryview, *, workspace_id: UUID, row_id: UUID, field: str) -> bytes:
    """Decrypt what `Workspace.seal` made; raises VaultError, never returns anything else."""
    return open_sealed(
        value,
        key_for=lambda version: WorkspaceKey.unwrapped(workspace_id, version),
        context=Context(workspace_id, row_id, field),
    )


class WorkspaceKey(models.Model):
    """One version of a workspace's key, wrapped by the key provider's key of `provider_version`."""

    workspace = models.ForeignKey(
        Workspace, verbose_name=_("workspace"), on_delete=models.CASCADE, related_name="keys"
    )
    version = models.PositiveIntegerField()
    wrapped = models.BinaryField()
    provider_version = models.CharField(max_length=16)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("workspace key")
        verbose_name_plural = _("workspace keys")
        ordering = ["workspace_id", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "version"], name="workspace_key_once")
        ]

    def __str__(self) -> str:
        return f"key {self.version} of {self.workspace_id}"

    @classmethod
    def make(cls, workspace: Workspace, version: int) -> "WorkspaceKey":
        provider = key_provider()
        context = _wrap_context(workspace.id, version)
        return cls.objects.create(
            workspace=workspace,
            version=version,
            wrapped=provider.wrap(os.urandom(32), context),
            provider_version=provider.current_version,
        )

    @classmethod
    def unwrapped(cls, workspace_id: UUID, version: int) -> bytes:
        """The key itself, held in this process for minutes; UnknownKeyVersion if there is none."""

        def load() -> bytes:
            row = cls.objects.filter(workspace_id=workspace_id, version=version).first()
            if row is None:
                raise UnknownKeyVersion(version)
            context = _wrap_context(workspace_id, version)
            return key_provider().unwrap(bytes(row.wrapped), row.provider_version, context)

        return cached_keys.get(workspace_id, version, load)


def _wrap_context(workspace_id: UUID, version: int) -> bytes:
    return workspace_id.bytes + version.to_bytes(4, "big")


class ProviderKey(models.Model):
    """The fingerprint of each provider key that ever wrapped something here."""

    version = models.CharField(max_length=16, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.version


@transaction.atomic
def make_workspace(*, slug: str, name: str) -> Workspace:
    """A workspace with its first key."""
    workspace = Workspace.objects.create(slug=slug, name=name)
    WorkspaceKey.make(workspace, workspace.key_version)
    return workspace


class Membership(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        ADMIN = "admin", _("Administrator")
        MEMBER = "member", _("Member")
        VIEWER = "viewer", _("Viewer")

    workspace = models.ForeignKey(
        Workspace, verbose_name=_("workspace"), on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["workspace_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "user"],
                name="member_once",
                violation_error_message=_("This person is a member already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.workspace_id}"

    @property
    def can_write(self) -> bool:
        return self.role != self.Role.VIEWER
