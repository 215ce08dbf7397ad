"""What happened, and what was answered to a repeated request."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.ids import first_id, new_id, public_id
from connections.models.workspaces import Workspace

# How far the clock of a row and the one in its id may be apart.
SLACK = timedelta(hours=1)


class AuditEventQuerySet(models.QuerySet[Any]):
    """Moments find their rows by the primary key: its ids begin with the time."""

    def since(self, moment: datetime) -> Self:
        return self.filter(at__gte=moment, id__gte=first_id(moment, plus=-SLACK))

    def before(self, moment: datetime) -> Self:
        return self.filter(at__lt=moment, id__lt=first_id(moment, plus=SLACK))


class AuditEvent(models.Model):
    """Who did what to which row: names of fields, never values. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Written with a row whose own foreign key has checked the workspace already.
    workspace = models.ForeignKey(
        Workspace,
        verbose_name=_("workspace"),
        on_delete=models.CASCADE,
        related_name="events",
        db_index=False,
        db_constraint=False,
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    actor = models.CharField(_("who"), max_length=100)
    action = models.CharField(_("action"), max_length=60)
    # The public id, which outlives the row.
    subject = models.CharField(_("what it happened to"), max_length=60)
    fields = models.JSONField(_("fields"), default=list)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="event_newest"),
            models.Index(fields=["subject"], name="event_by_subject"),
            # What somebody did, newest first: the first question after a key was lost.
            models.Index(fields=["actor", "-id"], name="event_by_actor"),
        ]
        permissions = [("export_auditevent", "Can export audit events")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"

    @property
    def public_id(self) -> str:
        return public_id("evt", self.id)


class IdempotencyRecord(models.Model):
    """One `Idempotency-Key` of a workspace on a route, and what was answered."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(
        Workspace, verbose_name=_("workspace"), on_delete=models.CASCADE, related_name="+"
    )
    route = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    # Keyed digest of the body: a body may hold a short secret, which a plain digest would betray.
    fingerprint = models.CharField(max_length=64)
    # While it runs: until then nobody else may take it over.
    lease_until = models.DateTimeField(null=True)
    status_code = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("remembered answer")
        verbose_name_plural = _("remembered answers")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "route", "key"], name="idempotency_key_once"
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return self.route
