"""Connect links: one person connects one integration, without signing in, by a link."""

import json
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.ids import new_id, public_id
from connections.models.scoped import WorkspaceQuerySet
from connections.models.workspaces import Workspace, open_value

# Whoever holds a link could otherwise try one secret after another at a service, through us.
MOST_ATTEMPTS = 50


class ConnectSessionQuerySet(WorkspaceQuerySet):
    prefix = "cns"

    def usable(self, now: datetime) -> "ConnectSessionQuerySet":
        return self.filter(status=ConnectSession.Status.OPEN, expires_at__gt=now)


class ConnectSession(models.Model):
    """What a link may do, and what became of it. The link's token is stored as a digest only."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        COMPLETED = "completed", _("Completed")
        CANCELLED = "cancelled", _("Cancelled")
        # Never stored: an open session whose time is over.
        EXPIRED = "expired", _("Expired")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    token_digest = models.CharField(max_length=64, unique=True)
    # Slugs of what may be connected, in the order in which they are offered.
    integrations = models.JSONField(default=list)
    label = models.CharField(max_length=255, blank=True)
    user_id = models.CharField(max_length=255, blank=True)
    metadata = models.JSONField(default=dict)
    # Values of configuration fields, which may be secret: `set_config` encrypts them.
    sealed_config = models.BinaryField(null=True)
    config_keys = models.JSONField(default=list)
    return_url = models.CharField(max_length=2000, blank=True)
    # Of the page that opened it or that it is framed in: the one place that is told how it ended.
    origin = models.CharField(max_length=255, blank=True)
    locale = models.CharField(max_length=16, blank=True)
    # Public ids, which outlive the rows: of the connection to repair, and of what came of it.
    repairs = models.CharField(max_length=60, blank=True)
    connected = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    # How the last try at a service failed; blank while there was none.
    failure = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    created_by = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ConnectSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("connect session")
        ordering = ["-id"]
        indexes = [models.Index(fields=["expires_at"], name="connect_session_age")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return public_id("cns", self.id)

    def status_at(self, now: datetime) -> str:
        if self.status == self.Status.OPEN and self.expires_at <= now:
            return self.Status.EXPIRED
        return self.status

    def set_config(self, values: dict[str, Any]) -> None:
        """Encrypt for this row. Does not save."""
        packed = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
        sealed = self.workspace.seal(packed, row_id=self.id, field="config") if values else None
        self.sealed_config, self.config_keys = sealed, sorted(values)

    def get_config(self) -> dict[str, Any]:
        """Raises VaultError where it does not open."""
        if self.sealed_config is None:
            return {}
        opened = open_value(
            self.sealed_config, workspace_id=self.workspace_id, row_id=self.id, field="config"
        )
        return json.loads(opened)  # type: ignore[no-any-return]

    def use(self, now: datetime) -> bool:
        """Take its one use, in the transaction of what it makes; False if it is used or over."""
        rows = ConnectSession.objects.within(self.workspace_id).filter(pk=self.pk).usable(now)
        return bool(rows.update(status=self.Status.COMPLETED, ended_at=now, failure=""))

    def cancel(self, now: datetime) -> bool:
        rows = ConnectSession.objects.within(self.workspace_id).filter(pk=self.pk).usable(now)
        return bool(rows.update(status=self.Status.CANCELLED, ended_at=now))

    def count_attempt(self) -> bool:
        """Whether there may be another try; one statement, so that many at once count as many."""
        rows = ConnectSession.objects.within(self.workspace_id).filter(pk=self.pk)
        return bool(rows.filter(attempts__lt=MOST_ATTEMPTS).update(attempts=F("attempts") + 1))
