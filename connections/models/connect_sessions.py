"""Connect links: one person connects one integration, without signing in, by a link."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from connections.models.one_use import OneUse, OneUseQuerySet
from connections.models.sealed import open_object, seal_object


class ConnectSessionQuerySet(OneUseQuerySet):
    prefix = "cns"


class ConnectSession(OneUse):
    """What a link may do, and what became of it. The link's token is stored as a digest only."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        COMPLETED = "completed", _("Completed")
        CANCELLED = "cancelled", _("Cancelled")
        # Never stored: an open session whose time is over.
        EXPIRED = "expired", _("Expired")

    USABLE = Status.OPEN
    # Whoever holds a link could otherwise try one secret after another at a service, through us.
    MOST_TRIES = 50

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
    # The public id of the connection to repair.
    repairs = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    # How the last try at a service failed; blank while there was none.
    failure = models.CharField(max_length=40, blank=True)
    # What was wrong with what came of it, as it was said: sentences that hold no value.
    failure_reasons = models.JSONField(default=list)

    objects = ConnectSessionQuerySet.as_manager()

    class Meta(OneUse.Meta):
        verbose_name = _("connect session")
        indexes = [models.Index(fields=["expires_at"], name="connect_session_age")]

    def set_config(self, values: dict[str, Any]) -> None:
        """Encrypt for this row. Does not save."""
        self.sealed_config = seal_object(self, "config", values) if values else None
        self.config_keys = sorted(values)

    def get_config(self) -> dict[str, Any]:
        """Raises VaultError where it does not open."""
        return open_object(self, "config", self.sealed_config)

    def use(self, now: datetime) -> bool:
        """Take its one use, in the transaction of what it makes; False if it is used or over."""
        return self.end(self.Status.COMPLETED, now, failure="", failure_reasons=[])

    def cancel(self, now: datetime) -> bool:
        return self.end(self.Status.CANCELLED, now)
