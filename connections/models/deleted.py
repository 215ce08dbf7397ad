"""Connections that a person deleted and may still bring back, until their secrets are destroyed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from connections.ids import public_id
from connections.models.connections import Connection
from connections.models.credentials import Credential
from connections.models.scoped import WorkspaceQuerySet
from connections.models.workspaces import Workspace

Row = TypeVar("Row", bound=models.Model)


class DeletedConnectionQuerySet(WorkspaceQuerySet):
    prefix = "conn"

    def owned_by(self, user: Any) -> Self:
        return self.filter(owner=user)

    def undoable(self, now: datetime) -> Self:
        return self.filter(destroy_at__gt=now)

    def over(self, now: datetime) -> Self:
        """Whose secrets are to be destroyed."""
        return self.filter(destroy_at__lte=now)


class DeletedConnection(models.Model):
    """The rows of one, as they were. No query for connections or credentials can find them here.

    Sealed columns stay as they were sealed: they are bound to their rows by id, and the rows come
    back under the same ids.
    """

    # The connection's own.
    id = models.UUIDField(primary_key=True, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    # Whose it was, and who may bring it back.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    label = models.CharField(_("label"), max_length=255)
    integration_name = models.CharField(max_length=255)
    columns = models.JSONField()
    sealed_config = models.BinaryField(null=True)
    # The credential that it used; its columns are here only if it went with the connection.
    credential_id = models.UUIDField(null=True)
    credential_columns = models.JSONField(null=True)
    sealed_values = models.BinaryField(null=True)
    sealed_token = models.BinaryField(null=True)
    deleted_at = models.DateTimeField()
    destroy_at = models.DateTimeField()

    objects = DeletedConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["-deleted_at"]
        indexes = [
            models.Index(fields=["workspace", "owner", "-deleted_at"], name="deleted_by_owner"),
            models.Index(fields=["workspace", "credential_id"], name="deleted_by_credential"),
            models.Index(fields=["destroy_at"], name="deleted_due"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def public_id(self) -> str:
        return public_id("conn", self.id)

    def keep(self, connection: Connection, credential: Credential | None) -> None:
        """Take over the rows that go; `credential` is None where it stays. Does not save."""
        self.columns, self.sealed_config = plain_columns(connection), connection.sealed_config
        self.credential_id = connection.credential_id
        if credential is not None:
            self.credential_columns = plain_columns(credential)
            self.sealed_values = credential.sealed_values
            self.sealed_token = credential.sealed_token

    def as_connection(self) -> Connection:
        """The row as it was, to be inserted."""
        return _row_of(Connection, self.columns, sealed_config=self.sealed_config)

    def as_credential(self) -> Credential:
        """The credential's row as it was, to be inserted; there must be one here."""
        sealed = {"sealed_values": self.sealed_values, "sealed_token": self.sealed_token}
        return _row_of(Credential, self.credential_columns, **sealed)


def plain_columns(row: models.Model) -> dict[str, Any]:
    """Every column but the sealed ones, as JSON can hold it."""
    return {
        field.attname: _plain(field.value_from_object(row))
        for field in row._meta.concrete_fields
        if not isinstance(field, models.BinaryField)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _row_of(model: type[Row], columns: Mapping[str, Any], **sealed: Any) -> Row:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    values = {name: fields[name].to_python(value) for name, value in columns.items()}
    return model(**values, **sealed)
