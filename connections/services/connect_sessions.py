"""The verbs on connect sessions: a token is returned once, one connection is made at most."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from connections.access.actors import Actor
from connections.models import Connection, ConnectSession
from connections.services.audit import record
from connections.tokens import digest_of, new_secret


class SessionOver(Exception):
    """The session was used, cancelled or ran out; nothing was stored."""


class SessionCompleted(Exception):
    """There is a connection already: it is too late to cancel."""


def link_actor(session: ConnectSession, catalogue_version: Any = None) -> Actor:
    """Whoever holds the link, as the audit log names them."""
    return Actor(
        name=f"session {session.public_id}",
        workspace=session.workspace,
        catalogue_version=catalogue_version,
    )


@transaction.atomic
def create_session(
    *,
    actor: Actor,
    columns: dict[str, Any],
    config: dict[str, Any],
    before_commit: Callable[[Any], None] | None = None,
) -> tuple[ConnectSession, str]:
    """The session, and the token of its link, which is stored as a digest only."""
    token = new_secret()
    session = ConnectSession(
        workspace=actor.workspace,
        token_digest=digest_of(token),
        created_by=actor.name,
        **columns,
    )
    session.set_config(config)
    session.save(force_insert=True)
    record(actor, "connect_session.created", session.public_id)
    if before_commit is not None:
        before_commit(session)
    return session, token


@transaction.atomic
def cancel_session(*, actor: Actor, session: ConnectSession) -> None:
    """Nothing happens where it is over; SessionCompleted where it has a connection."""
    if session.cancel(timezone.now()):
        record(actor, "connect_session.cancelled", session.public_id)
        return
    session.refresh_from_db(fields=["status"])
    if session.status == ConnectSession.Status.COMPLETED:
        raise SessionCompleted


@transaction.atomic
def complete_session(
    *, actor: Actor, session: ConnectSession, save: Callable[[], Connection]
) -> Connection:
    """Take the session's one use and store what `save` stores: both or neither.

    Of two tabs the second waits for the first, and finds the use gone. Raises SessionOver.
    """
    if not session.use(timezone.now()):
        raise SessionOver
    connection = save()
    session.connected = connection.public_id
    session.save(update_fields=["connected"])
    record(actor, "connect_session.completed", session.public_id)
    return connection


def note_failure(
    session: ConnectSession, failure: str, now: datetime, reasons: Sequence[str] = ()
) -> None:
    """Remember how a try at a service ended, for those who wait for it elsewhere."""
    rows = ConnectSession.objects.within(session.workspace_id).filter(pk=session.pk)
    rows.usable(now).update(failure=failure, failure_reasons=list(reasons))
