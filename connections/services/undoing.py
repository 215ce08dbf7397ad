"""Bringing back a connection that was deleted a while ago, with its credential."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from connections.access.actors import Actor
from connections.models import Connection, Credential, DeletedConnection, OAuthClient
from connections.services.audit import record
from connections.services.locks import Overtaken
from integrations.models import AuthMethod


class CannotUndo(Exception):
    """What it needs is gone; `sentence` says so and what to do instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@transaction.atomic
def undo_deletion(*, actor: Actor, deleted: DeletedConnection) -> Connection:
    """Insert the rows again under their ids, due as they were.

    Raises Overtaken if it was brought back or destroyed meanwhile, CannotUndo if its integration or
    its credential is gone.
    """
    now = timezone.now()
    rows = DeletedConnection.objects.within(actor.workspace.id).undoable(now)
    kept = rows.select_for_update().filter(pk=deleted.pk).first()
    if kept is None:
        raise Overtaken
    connection: Connection = kept.as_connection()
    connection.test_lease = connection.test_lease_until = None
    _refuse_without_method(connection)
    credential = _credential_of(kept, now)
    if _was_changed(credential, kept) and connection.next_test_at is not None:
        # Nobody asked this connection's rules about the values of today.
        connection.next_test_at = now
    # Whoever read it before it was deleted must not write over it.
    connection.updated_at = now
    connection.save(force_insert=True)
    DeletedConnection.objects.within(actor.workspace.id).filter(pk=kept.pk).delete()
    record(actor, "connection.restored", connection.public_id)
    return connection


def _refuse_without_method(connection: Connection) -> None:
    methods = AuthMethod.objects.filter(pk=connection.auth_method_id)
    if not methods.filter(integration_id=connection.integration_id).exists():
        raise CannotUndo(
            _("The integration, or this way to connect it, was removed. Make a new connection.")
        )


def _credential_of(kept: DeletedConnection, now: datetime) -> Credential | None:
    """The credential that it used: still there, or brought back from wherever it went along."""
    if kept.credential_id is None:
        return None
    found = _live_credential(kept)
    if found is not None:
        return found
    # Of several connections that shared it, it went with the one that was deleted last.
    others = DeletedConnection.objects.within(kept.workspace_id).undoable(now)
    holders = others.filter(credential_id=kept.credential_id, credential_columns__isnull=False)
    holder = holders.select_for_update().first()
    if holder is not None:
        return _insert_credential(holder)
    # Whoever held it may have brought it back while this waited for the row.
    found = _live_credential(kept)
    if found is None:
        raise CannotUndo(_("The credential that it used was deleted. Make a new connection."))
    return found


def _live_credential(kept: DeletedConnection) -> Credential | None:
    known = Credential.objects.within(kept.workspace_id).select_for_update()
    return known.filter(pk=kept.credential_id).first()  # type: ignore[no-any-return]


def _insert_credential(holder: DeletedConnection) -> Credential:
    credential: Credential = holder.as_credential()
    credential.refresh_lease = credential.refresh_lease_until = None
    client = OAuthClient.objects.filter(pk=credential.oauth_client_id)
    if credential.oauth_client_id is not None and not client.exists():
        credential.oauth_client_id = None
    credential.save(force_insert=True)
    return credential


def _was_changed(credential: Credential | None, kept: DeletedConnection) -> bool:
    return credential is not None and credential.updated_at > kept.deleted_at
