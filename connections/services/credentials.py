"""The verbs on credentials that are kept for themselves, to be used by several connections."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from connections.access.actors import Actor
from connections.models import Connection, Credential
from connections.services.audit import record
from connections.services.checked import Checked
from connections.services.connections import apply_checked, fill_credential
from connections.services.locks import Overtaken, lock_unchanged


class CredentialInUse(Exception):
    """`count` connections use it."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


@transaction.atomic
def create_credential(
    *, actor: Actor, columns: dict[str, Any], values: dict[str, Any], before_commit: Any = None
) -> Credential:
    """Store values that no method has checked yet: a connection that uses them does."""
    credential = Credential(workspace=actor.workspace, created_by=actor.name, **columns)
    credential.set_values(values)
    credential.save(force_insert=True)
    record(actor, "credential.created", credential.public_id, _names(columns, values))
    if before_commit is not None:
        before_commit(credential)
    return credential


@transaction.atomic
def change_credential(
    *,
    actor: Actor,
    credential: Credential,
    columns: dict[str, Any],
    values: dict[str, Any] | None,
    rechecked: list[tuple[Connection, Checked]],
) -> Credential:
    """Replace what is given; `rechecked` are the connections that use it, with the new values.

    Raises Overtaken if one of them moved on, or another joined them.
    """
    now = timezone.now()
    lock_unchanged(*(connection for connection, _checked in rechecked))
    lock_unchanged(credential)
    if values is not None and _count_users(credential) != len(rechecked):
        # Another connection took it meanwhile, and nobody asked its rules.
        raise Overtaken
    for name, value in columns.items():
        setattr(credential, name, value)
    if values is not None:
        credential.set_values(values)
        credential.mark_ending(None, now)
    for _connection, checked in rechecked:
        fill_credential(credential, checked, now)
    credential.updated_at = now
    credential.save()
    for connection, checked in rechecked:
        connection.credential, connection.updated_at = credential, now
        apply_checked(connection, checked, now)
        if checked.verdict is None and connection.next_test_at is not None:
            connection.next_test_at = now
        connection.save()
    record(actor, "credential.changed", credential.public_id, _names(columns, values or {}))
    return credential


@transaction.atomic
def delete_credential(*, actor: Actor, credential: Credential) -> None:
    """Raises CredentialInUse, or Overtaken if somebody else changed or deleted it meanwhile."""
    lock_unchanged(credential)
    count = _count_users(credential)
    if count:
        raise CredentialInUse(count)
    Credential.objects.within(actor.workspace.id).filter(pk=credential.pk).delete()
    record(actor, "credential.deleted", credential.public_id)


def _count_users(credential: Credential) -> int:
    users = Connection.objects.within(credential.workspace_id).filter(credential=credential)
    return users.count()


def _names(columns: dict[str, Any], values: dict[str, Any]) -> list[str]:
    return [*columns, *(f"credentials.{key}" for key in values)]
