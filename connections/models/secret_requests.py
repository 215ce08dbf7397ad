"""Asking somebody else for one secret: a link that takes it and shows nothing of the rest."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.ids import new_id, public_id
from connections.models.connect_sessions import ConnectSession
from connections.models.scoped import WorkspaceQuerySet
from connections.models.workspaces import Workspace, open_value
from integrations.models import AuthMethod

# Each may be a call to a service.
MOST_ANSWERS = 20


class SecretRequestQuerySet(WorkspaceQuerySet):
    prefix = "ask"

    def waiting(self, now: datetime) -> "SecretRequestQuerySet":
        return self.filter(status=SecretRequest.Status.WAITING, expires_at__gt=now)


class SecretRequest(models.Model):
    """One field of a form that somebody else fills in; the rest of the form is kept encrypted."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        # Never stored: one that waits and whose time is over.
        EXPIRED = "expired", _("Expired")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    token_digest = models.CharField(max_length=64, unique=True)
    auth_method = models.ForeignKey(AuthMethod, on_delete=models.CASCADE, related_name="+")
    # `credentials.api_key`
    field_path = models.CharField(max_length=100)
    # Who asks: a member, or the person of a connect session.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", null=True
    )
    session = models.ForeignKey(
        ConnectSession, on_delete=models.CASCADE, related_name="+", null=True
    )
    # The public id of the connection to change; blank for a new one.
    changes = models.CharField(max_length=60, blank=True)
    # The body that the asker's form stands for, without the field: `set_draft` encrypts it.
    sealed_draft = models.BinaryField(null=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    # Sentences that name fields and never values.
    reasons = models.JSONField(default=list)
    connected = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_by = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = SecretRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("secret asked for")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["expires_at"], name="secret_request_age"),
            models.Index(fields=["workspace", "owner", "-id"], name="secret_request_by_owner"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return public_id("ask", self.id)

    def status_at(self, now: datetime) -> str:
        if self.status == self.Status.WAITING and self.expires_at <= now:
            return self.Status.EXPIRED
        return self.status

    def set_draft(self, body: dict[str, Any]) -> None:
        """Encrypt for this row. Does not save."""
        packed = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        self.sealed_draft = self.workspace.seal(packed, row_id=self.id, field="draft")

    def get_draft(self) -> dict[str, Any]:
        """Raises VaultError where it does not open."""
        if self.sealed_draft is None:
            return {}
        opened = open_value(
            self.sealed_draft, workspace_id=self.workspace_id, row_id=self.id, field="draft"
        )
        return json.loads(opened)  # type: ignore[no-any-return]

    def end(self, status: str, now: datetime, **columns: Any) -> bool:
        """Take its one use; the draft goes with it. False if it is used or over."""
        rows = SecretRequest.objects.within(self.workspace_id).filter(pk=self.pk).waiting(now)
        return bool(rows.update(status=status, ended_at=now, sealed_draft=None, **columns))

    def count_attempt(self) -> bool:
        rows = SecretRequest.objects.within(self.workspace_id).filter(pk=self.pk)
        return bool(rows.filter(attempts__lt=MOST_ANSWERS).update(attempts=F("attempts") + 1))
