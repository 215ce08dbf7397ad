"""Keys that programs carry: `mk_`, 30 random base62 characters, 6 that check them."""

import secrets
import string
import zlib
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.ids import new_id, public_id
from connections.models.scoped import WorkspaceQuerySet
from connections.models.workspaces import Workspace
from connections.tokens import digest_of

MARK = "mk_"
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_LENGTH, CHECK_LENGTH = 30, 6
KEY_LENGTH = len(MARK) + RANDOM_LENGTH + CHECK_LENGTH
SHOWN_LENGTH = 9


class Permission(models.TextChoices):
    READ = "read", _("Read")
    WRITE = "write", _("Write")
    REVEAL = "reveal", _("Reveal secrets")
    MANAGE = "manage", _("Manage keys and the catalogue")


# What else a permission allows.
INCLUDES = {
    Permission.READ: {Permission.READ},
    Permission.WRITE: {Permission.WRITE, Permission.READ},
    Permission.REVEAL: {Permission.REVEAL},
    Permission.MANAGE: {Permission.MANAGE, Permission.WRITE, Permission.READ},
}


def covered(permissions: list[str]) -> set[str]:
    """Every permission that these bring with them."""
    return set().union(*(INCLUDES.get(Permission(one), set()) for one in permissions))


def new_secret() -> str:
    body = MARK + "".join(secrets.choice(BASE62) for _ in range(RANDOM_LENGTH))
    return body + _check_digits(body)


def is_well_formed(text: str) -> bool:
    """Whether the check characters fit, so that a mistyped key costs no query."""
    if len(text) != KEY_LENGTH or not text.startswith(MARK) or not text.isascii():
        return False
    return secrets.compare_digest(_check_digits(text[:-CHECK_LENGTH]), text[-CHECK_LENGTH:])


def _check_digits(body: str) -> str:
    value, digits = zlib.crc32(body.encode()), ""
    for _position in range(CHECK_LENGTH):
        value, digit = divmod(value, 62)
        digits = BASE62[digit] + digits
    return digits


class ApiKeyQuerySet(WorkspaceQuerySet):
    prefix = "key"


class ApiKey(models.Model):
    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        REVOKED = "revoked", _("Revoked")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(
        Workspace, verbose_name=_("workspace"), on_delete=models.CASCADE, related_name="api_keys"
    )
    label = models.CharField(_("label"), max_length=255)
    shown = models.CharField(_("starts with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    # After a rotation the old secret works for a while, so that nobody has to hurry.
    old_digest = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001 - unique where set
    old_valid_until = models.DateTimeField(null=True, editable=False)
    permissions = models.JSONField(_("permissions"), default=list)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    ip_whitelist = models.JSONField(_("allowed addresses"), default=list, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    created_by = models.CharField(_("created by"), max_length=100, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.label

    @property
    def public_id(self) -> str:
        return public_id("key", self.id)

    def set_secret(self, *, overlap: timedelta = timedelta(0)) -> str:
        """Make a new secret and return it: the only time that it is seen. Does not save."""
        secret = new_secret()
        if overlap and self.digest:
            self.old_digest, self.old_valid_until = self.digest, timezone.now() + overlap
        else:
            self.old_digest = self.old_valid_until = None
        self.digest, self.shown = digest_of(secret), secret[:SHOWN_LENGTH]
        return secret

    def refusal(self, *, digest: str, now: Any) -> str | None:
        """Why this key does not open the door at `now`; None if it does."""
        if self.status != self.Status.ACTIVE:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= now:
            return "expired"
        is_old = digest == self.old_digest
        if is_old and (self.old_valid_until is None or self.old_valid_until <= now):
            return "rotated"
        return None
