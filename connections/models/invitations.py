"""Invitations to a workspace. The link holds a token, of which only a digest is stored."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from connections.ids import new_id, parse_id, public_id
from connections.models.scoped import WorkspaceQuerySet
from connections.models.workspaces import Membership, Workspace
from connections.tokens import digest_of, new_secret

LIVES = timedelta(days=7)


class InvitationQuerySet(WorkspaceQuerySet):
    prefix = "inv"

    def of_token(self, token: str) -> Any:
        """The invitation of that link, whatever became of it; None for a link that is none."""
        digest = digest_of(token)
        rows = self.select_related("workspace").filter(digest=digest, workspace__is_active=True)
        return rows.first()

    def parse(self, public: str) -> Any:
        return parse_id(self.prefix, public)

    def waiting(self, now: Any) -> Any:
        return self.filter(status=Invitation.Status.SENT, expires_at__gt=now)


class Invitation(models.Model):
    class Status(models.TextChoices):
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=10, choices=Membership.Role)
    digest = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.SENT)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return public_id("inv", self.id)

    def is_open(self, now: Any) -> bool:
        return self.status == self.Status.SENT and self.expires_at > now

    def set_token(self) -> str:
        """Make a token and return it: the only time that it is seen. Does not save."""
        token = new_secret()
        self.digest = digest_of(token)
        return token
