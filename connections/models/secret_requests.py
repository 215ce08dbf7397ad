"""Asking somebody else for one secret: a link that takes it and shows nothing of the rest."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from connections.models.connect_sessions import ConnectSession
from connections.models.one_use import OneUse, OneUseQuerySet
from connections.models.sealed import open_object, seal_object
from integrations.models import AuthMethod


class SecretRequestQuerySet(OneUseQuerySet):
    prefix = "ask"


class SecretRequest(OneUse):
    """One field of a form that somebody else fills in; the rest of the form is kept encrypted."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        # Never stored: one that waits and whose time is over.
        EXPIRED = "expired", _("Expired")

    USABLE = Status.WAITING
    # Each may be a call to a service.
    MOST_TRIES = 20

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

    objects = SecretRequestQuerySet.as_manager()

    class Meta(OneUse.Meta):
        verbose_name = _("secret asked for")
        indexes = [
            models.Index(fields=["expires_at"], name="secret_request_age"),
            models.Index(fields=["workspace", "owner", "-id"], name="secret_request_by_owner"),
        ]

    def set_draft(self, body: dict[str, Any]) -> None:
        """Encrypt for this row. Does not save."""
        self.sealed_draft = seal_object(self, "draft", body)

    def get_draft(self) -> dict[str, Any]:
        """Raises VaultError where it does not open."""
        return open_object(self, "draft", self.sealed_draft)

    def end(self, status: str, now: datetime, **columns: Any) -> bool:
        """As for every link; the draft goes with it."""
        return super().end(status, now, sealed_draft=None, **columns)
