"""The verbs on connections. Each writes its rows and its audit row in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from connections.access.actors import Actor
from connections.models import Connection, Credential, DeletedConnection
from connections.models.compiled import insert_together
from connections.services.audit import event, record
from connections.services.checked import Checked, Description
from connections.services.locks import Overtaken, lock_unchanged
from connections.services.states import apply_state, keeps_grant, note_origin
from integrations.auth_methods import AUTH_METHODS
from integrations.specs import IntegrationDefinition


def create_connection(
    *,
    actor: Actor,
    checked: Checked,
    description: Description,
    credential: Credential | None = None,
    before_commit: Callable[[Connection], None] | None = None,
) -> Connection:
    """Store a connection, with a credential of its own unless a stored one is given.

    `before_commit` runs in the same transaction, for what must be stored with it or not at all.
    Raises Overtaken if the given credential is not as it was read any more.
    """
    if credential is None and before_commit is None:
        # One insertion of all rows needs no transaction around it.
        return _insert_connection(actor, checked, description, None)
    with transaction.atomic():
        if credential is not None:
            use_stored(credential, checked)
        connection = _insert_connection(actor, checked, description, credential)
        if before_commit is not None:
            before_commit(connection)
    return connection


def _insert_connection(
    actor: Actor, checked: Checked, description: Description, credential: Credential | None
) -> Connection:
    now, rows = timezone.now(), []
    connection = Connection(
        workspace=actor.workspace,
        label=description.label,
        user_id=description.user_id,
        metadata=description.metadata,
        owner=description.owner,
        created_by=actor.name,
        created_at=now,
        updated_at=now,
    )
    if credential is None and checked.credentials:
        credential = _new_credential(actor, checked, description, now)
        rows.append(credential)
    connection.credential = credential
    apply_checked(connection, checked, now)
    created = event(actor, "connection.created", connection.public_id, checked.field_names)
    insert_together(*rows, connection, created)
    return connection


def _new_credential(
    actor: Actor, checked: Checked, description: Description, now: datetime
) -> Credential:
    credential = Credential(
        workspace=actor.workspace,
        label=description.label[:100],
        provider=checked.integration.slug,
        user_id=description.user_id,
        credential_type=credential_type_of(checked.integration),
        credential_scope="user" if description.user_id else "workspace",
        created_by=actor.name,
        created_at=now,
    )
    fill_credential(credential, checked, now)
    return credential


def use_stored(credential: Credential, checked: Checked) -> None:
    """Hold a stored credential as it was checked, and note when it ends: only a method knows.

    Raises Overtaken if it was changed or deleted meanwhile.
    """
    lock_unchanged(credential)
    if credential.expires_at is not None:
        return
    expires_at = checked.end_of("credentials", credential.updated_at)
    if expires_at is not None:
        credential.mark_ending(expires_at, timezone.now())
        credential.save(update_fields=["expires_at", "status"])


def credential_type_of(integration: IntegrationDefinition) -> str:
    return {"model": "llm", "storage": "storage", "custom": "custom"}.get(
        integration.type, "integration"
    )


def fill_credential(credential: Credential, checked: Checked, now: datetime) -> None:
    """Put checked values into a credential. Does not save."""
    kind = AUTH_METHODS[checked.method.kind]
    values = dict(checked.credentials)
    expires_at = kind.expiry(values, now)
    if expires_at is not None and values.pop("expires_in", None) is not None:
        # Seconds from now mean nothing tomorrow.
        values.setdefault("expires_at", expires_at.isoformat().replace("+00:00", "Z"))
    is_same_grant = keeps_grant(credential, values)
    credential.set_values(values)
    credential.auth_type = kind.auth_type_of(values)
    credential.mark_ending(checked.end_of("credentials", now), now)
    note_origin(credential, checked, now, is_same_grant=is_same_grant)
    credential.updated_at = now


def apply_checked(connection: Connection, checked: Checked, now: datetime) -> None:
    """Put a checked definition, configuration and state into a connection. Does not save."""
    connection.integration_id = checked.integration.pk
    connection.auth_method_id = checked.method.pk
    connection.definition_revision = checked.integration.revision
    secret_names = checked.secret_names("config")
    connection.set_config(
        {key: value for key, value in checked.config.items() if key not in secret_names},
        {key: checked.config[key] for key in secret_names},
    )
    connection.secrets_set = [*checked.secret_names("credentials"), *secret_names]
    ends = [checked.end_of("config", now)]
    ends += [connection.credential.expires_at] if connection.credential else []
    connection.expires_at = min(filter(None, ends), default=None)
    apply_state(connection, checked, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a change replaces; `checked` is None where values and method stay as they are.

    `keeps_credential`: the checked credentials are the stored ones, whoever else uses them.
    """

    checked: Checked | None = None
    keeps_credential: bool = False
    credential: Credential | None = None
    columns: dict[str, Any] = field(default_factory=dict)
    status: str | None = None
    given: tuple[str, ...] = ()


@transaction.atomic
def change_connection(*, actor: Actor, connection: Connection, changes: Changes) -> Connection:
    """Write a change that was checked against the row as it was read; Overtaken if it moved on."""
    now = timezone.now()
    lock_unchanged(connection)
    for name, value in changes.columns.items():
        setattr(connection, name, value)
    if changes.status == Connection.Status.INACTIVE:
        connection.mark_switched_off()
    elif changes.status == Connection.Status.ACTIVE:
        connection.mark_active()
    old_credential = connection.credential
    if changes.checked is not None:
        lock_unchanged(old_credential, changes.credential)
        _change_values(actor, connection, changes, now)
    connection.updated_at = now
    connection.save()
    if old_credential is not None and old_credential.pk != connection.credential_id:
        _drop_unused(old_credential)
    record(actor, "connection.changed", connection.public_id, changes.given)
    return connection


def _change_values(actor: Actor, connection: Connection, changes: Changes, now: datetime) -> None:
    checked = changes.checked
    assert checked is not None  # noqa: S101 - asked by the caller
    if changes.credential is not None:
        use_stored(changes.credential, checked)
        connection.credential = changes.credential
    elif changes.keeps_credential:
        pass
    elif not checked.credentials:
        connection.credential = None
    elif _is_shared(connection):
        # Others use the old values: this connection gets a credential of its own.
        description = Description(label=connection.label, user_id=connection.user_id)
        connection.credential = _new_credential(actor, checked, description, now)
        connection.credential.save(force_insert=True)
    else:
        assert connection.credential is not None  # noqa: S101 - not shared means it has one
        fill_credential(connection.credential, checked, now)
        connection.credential.save()
    apply_checked(connection, checked, now)


def _is_shared(connection: Connection) -> bool:
    if connection.credential is None:
        return True
    others = Connection.objects.within(connection.workspace_id).exclude(pk=connection.pk)
    return others.filter(credential=connection.credential).exists()


@transaction.atomic
def delete_connection(
    *, actor: Actor, connection: Connection, undo_for: timedelta = timedelta(0)
) -> None:
    """Delete it, and its credential unless another connection uses that.

    Whoever owns it can bring it back for `undo_for`. Raises Overtaken if somebody else has just
    deleted it.
    """
    rows = Connection.objects.within(actor.workspace.id).select_for_update()
    row = rows.filter(pk=connection.pk).first()
    if row is None:
        raise Overtaken
    credentials = Credential.objects.within(actor.workspace.id).select_for_update()
    credential = credentials.filter(pk=row.credential_id).first()
    Connection.objects.within(actor.workspace.id).filter(pk=row.pk).delete()
    is_gone = credential is not None and _drop_unused(credential)
    if undo_for and row.owner_id is not None:
        _keep_for(row, credential if is_gone else None, undo_for)
    record(actor, "connection.deleted", row.public_id)


def _keep_for(row: Connection, credential: Credential | None, undo_for: timedelta) -> None:
    now = timezone.now()
    kept = DeletedConnection(
        id=row.id,
        workspace_id=row.workspace_id,
        owner_id=row.owner_id,
        label=row.label,
        integration_name=row.integration.name,
        deleted_at=now,
        destroy_at=now + undo_for,
    )
    kept.keep(row, credential)
    kept.save(force_insert=True)


def _drop_unused(credential: Credential) -> bool:
    """Delete a credential that is locked, if no connection uses it; whether it went."""
    users = Connection.objects.within(credential.workspace_id).filter(credential=credential)
    if users.exists():
        return False
    Credential.objects.within(credential.workspace_id).filter(pk=credential.pk).delete()
    return True


@transaction.atomic
def reveal_credentials(*, actor: Actor, connection: Connection) -> dict[str, Any]:
    """The values of a connection, `{credentials, config, token}`; the audit log names them.

    `token` is what was obtained with the credentials, where their kind fetches one; else None.
    """
    credentials = connection.credential.get_values() if connection.credential else {}
    secret_config = connection.get_secret_config()
    names = [f"credentials.{key}" for key in credentials]
    names += [f"config.{key}" for key in secret_config]
    token = _obtained(connection.credential)
    record(actor, "connection.revealed", connection.public_id, names + ["token"] * bool(token))
    note_use(connection)
    config = {**connection.config, **secret_config}
    return {"credentials": credentials, "config": config, "token": token}


def _obtained(credential: Credential | None) -> dict[str, Any] | None:
    token = credential.get_token() if credential is not None else {}
    if credential is None or not token:
        return None
    ends = credential.token_expires_at
    token_type = token.get("token_type") or "Bearer"
    return {"access_token": token["access_token"], "token_type": token_type, "expires_at": ends}


def note_use(connection: Connection) -> None:
    """Remember the use, at most once a minute."""
    now = datetime.now(UTC)
    if connection.last_used_at is None or (now - connection.last_used_at).total_seconds() >= 60:
        rows = Connection.objects.within(connection.workspace_id)
        rows.filter(pk=connection.pk).update(last_used_at=now)
        connection.last_used_at = now
