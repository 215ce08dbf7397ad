"""Connections: which integration, with which credential, in which state."""

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections.ids import new_id, parse_id, public_id
from connections.models.compiled import CompiledLookup
from connections.models.credentials import Credential
from connections.models.scoped import WorkspaceQuerySet
from connections.models.sealed import open_object, seal_object
from connections.models.workspaces import Workspace
from integrations.models import AuthMethod, Integration

Text = str | Promise
FAILING = ("error", "expired")


class ConnectionQuerySet(WorkspaceQuerySet):
    prefix = "conn"

    def with_parts(self) -> Self:
        """With all that describing one takes."""
        return self.select_related("workspace", "credential", "integration", "auth_method")

    def find(self, workspace: Workspace, public: str) -> "Connection | None":
        """The connection of that public id in that workspace, with its credential: one query."""
        row_id = parse_id("conn", public)
        found = None if row_id is None else _LOOKUP.first(workspace.id, row_id)
        if found is None:
            return None
        connection, credential = found
        connection.workspace, connection.credential = workspace, credential
        if credential is not None:
            credential.workspace = workspace
        return connection  # type: ignore[no-any-return]

    def failing(self) -> Self:
        """What does not work, and will not by itself."""
        return self.filter(status__in=FAILING)

    def ending(self, start: datetime, end: datetime) -> Self:
        """Works now, ends in that time, and nothing renews it: somebody has to."""
        rows = self.filter(expires_at__gte=start, expires_at__lt=end)
        working = rows.filter(status__in=(Connection.Status.ACTIVE, Connection.Status.TESTING))
        # One that is only looked at when it ends has its `next_refresh_at` there.
        return working.exclude(credential__next_refresh_at__lt=F("expires_at"))

    def owned_by(self, user: Any) -> Self:
        return self.filter(owner=user)

    def matching(self, words: str) -> Self:
        """Whose label, account or integration holds the words."""
        return self.filter(
            Q(label__icontains=words)
            | Q(account_label__icontains=words)
            | Q(integration__name__icontains=words)
            | Q(integration__slug__icontains=words)
        )


class Connection(models.Model):
    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        INACTIVE = "inactive", _("Switched off")
        TESTING = "testing", _("Testing")
        ERROR = "error", _("Error")
        EXPIRED = "expired", _("Expired")

    STATUS_LABELS: ClassVar = dict(Status.choices)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(
        Workspace,
        verbose_name=_("workspace"),
        on_delete=models.CASCADE,
        related_name="connections",
        db_index=False,
    )
    # Composite foreign keys of a migration hold these: the method is one of the integration's, the
    # credential lies in the workspace.
    integration = models.ForeignKey(
        Integration,
        verbose_name=_("integration"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    auth_method = models.ForeignKey(
        AuthMethod,
        verbose_name=_("auth method"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    credential = models.ForeignKey(
        Credential,
        verbose_name=_("credential"),
        on_delete=models.RESTRICT,
        related_name="connections",
        null=True,
        db_index=False,
        db_constraint=False,
    )
    label = models.CharField(_("label"), max_length=255)
    config = models.JSONField(_("configuration"), default=dict)
    sealed_config = models.BinaryField(null=True)
    # Names of the secret fields that hold a value, of credentials and config.
    secrets_set = models.JSONField(_("secrets"), default=list)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    # `{code, message, hint, since}` as it is shown; None where there is nothing to say.
    status_reason = models.JSONField(_("reason"), null=True)
    user_id = models.CharField(_("user id"), max_length=255, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="connections",
        db_index=False,
    )
    account_id = models.CharField(_("account id"), max_length=255, blank=True)
    account_label = models.CharField(_("account"), max_length=255, blank=True)
    metadata = models.JSONField(_("metadata"), default=dict)
    definition_revision = models.PositiveIntegerField(_("checked against revision"), default=0)
    expires_at = models.DateTimeField(_("expires"), null=True)
    last_tested_at = models.DateTimeField(_("last tested"), null=True)
    last_test_ms = models.PositiveIntegerField(_("duration of the last test (ms)"), null=True)
    # As `next_refresh_at` and its neighbours of the credential, for the live test.
    next_test_at = models.DateTimeField(_("next test"), null=True)
    test_attempts = models.PositiveSmallIntegerField(_("failed tests"), default=0)
    test_lease = models.UUIDField(null=True)
    test_lease_until = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    created_by = models.CharField(_("created by"), max_length=100)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("last changed"), default=timezone.now)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        permissions = [("reveal_connection", _("Can see the secrets of a connection"))]
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="connection_newest"),
            models.Index(fields=["workspace", "integration", "-id"], name="connection_by_what"),
            models.Index(
                fields=["workspace", "user_id", "-id"],
                condition=~Q(user_id=""),
                name="connection_by_user",
            ),
            models.Index(fields=["workspace", "credential"], name="connection_by_credential"),
            models.Index(
                fields=["owner", "-id"],
                condition=Q(owner__isnull=False),
                name="connection_by_owner",
            ),
            models.Index(
                fields=["workspace", "status", "-id"],
                condition=~Q(status="active"),
                name="connection_not_active",
            ),
            models.Index(
                fields=["next_test_at"],
                condition=Q(next_test_at__isnull=False),
                name="connection_due",
            ),
            # What staff ask of all workspaces at once: how many, of what, in which state …
            models.Index(fields=["integration", "status"], name="connection_states"),
            # … since when it is broken …
            models.Index(
                KT("status_reason__since"),
                # SQLite takes a partial index for no other kind of condition.
                condition=Q(status_reason__isnull=False),
                name="connection_failing",
            ),
            # … what ends next, and what answers slowly.
            models.Index(
                fields=["expires_at"],
                condition=Q(expires_at__isnull=False),
                name="connection_ends",
            ),
            models.Index(
                fields=["-last_test_ms"],
                condition=Q(last_test_ms__isnull=False),
                name="connection_slowest",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def get_status_display(self) -> str:
        # As Integration.get_type_display: not to word every choice for each row of a list.
        return str(self.STATUS_LABELS.get(self.status, self.status))

    @property
    def public_id(self) -> str:
        return public_id("conn", self.id)

    def set_config(self, shown: dict[str, Any], secret: dict[str, Any]) -> None:
        """Keep what may be shown in the open and encrypt the rest. Does not save."""
        self.config = shown
        self.sealed_config = seal_object(self, "config", secret) if secret else None

    def get_secret_config(self) -> dict[str, Any]:
        return open_object(self, "config", self.sealed_config)

    def mark_active(self) -> None:
        self.status, self.status_reason = self.Status.ACTIVE, None

    def mark_switched_off(self) -> None:
        self.status, self.status_reason = self.Status.INACTIVE, None

    # Messages and hints are stored as they read for programs: hand over lazy ones.

    def mark_expired(self, *, code: str, message: Text, hint: Text | None, now: datetime) -> None:
        self._mark(self.Status.EXPIRED, code, message, hint, now)

    def mark_error(self, *, code: str, message: Text, hint: Text | None, now: datetime) -> None:
        self._mark(self.Status.ERROR, code, message, hint, now)

    def mark_testing(self, *, code: str, message: Text, hint: Text | None, now: datetime) -> None:
        self._mark(self.Status.TESTING, code, message, hint, now)

    def _mark(
        self, status: Status, code: str, message: Text, hint: Text | None, now: datetime
    ) -> None:
        """The reason keeps the moment since when it has been the same."""
        since = now.isoformat(timespec="seconds").replace("+00:00", "Z")
        before = self.status_reason or {}
        if self.status == status and before.get("code") == code:
            since = before.get("since", since)
        self.status = status
        with translation.override(None):
            sentence, advice = str(message), None if hint is None else str(hint)
        # A sentence: the hint is another one.
        sentence = sentence if sentence.endswith(".") else f"{sentence}."
        self.status_reason = {"code": code, "message": sentence, "hint": advice, "since": since}


_LOOKUP = CompiledLookup(
    lambda workspace_id, row_id: (
        Connection.objects.within(workspace_id).filter(id=row_id).order_by()
    ),
    samples=[
        (Workspace._meta.pk, UUID(int=1)),
        (Connection._meta.pk, UUID(int=2)),
    ],
    parts=[(Connection, ""), (Credential, "credential__")],
)
