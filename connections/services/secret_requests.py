"""The verbs on secrets that are asked for. Asker and holder never see what the other one typed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from connections.access.actors import Actor
from connections.models import Connection, ConnectSession, Membership, SecretRequest
from connections.services.audit import record
from connections.tokens import digest_of, new_secret

LIFETIME = timedelta(days=3)
# How long a session works on for whoever takes the question back.
AFTER_WITHDRAWAL = timedelta(minutes=30)
MOST_REASONS = 20


class RequestOver(Exception):
    """It was answered, withdrawn or ran out meanwhile; nothing was stored."""


@transaction.atomic
def ask_for_secret(
    *,
    actor: Actor,
    method_pk: Any,
    field_path: str,
    draft: dict[str, Any],
    session: ConnectSession | None = None,
    changes: str = "",
) -> tuple[SecretRequest, str]:
    """The request, and the token of its link, which is stored as a digest only.

    A session waits for the answer as long as the answer may take.
    """
    token, now = new_secret(), timezone.now()
    row = SecretRequest(
        workspace=actor.workspace,
        token_digest=digest_of(token),
        auth_method_id=method_pk,
        field_path=field_path,
        owner=actor.user,
        session=session,
        changes=changes,
        created_by=actor.name,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    row.set_draft(draft)
    row.save(force_insert=True)
    _move_session(session, now, row.expires_at)
    record(actor, "secret_request.created", row.public_id, [field_path])
    return row, token


def _move_session(session: ConnectSession | None, now: datetime, expires_at: datetime) -> None:
    if session is not None:
        rows = ConnectSession.objects.within(session.workspace_id).filter(pk=session.pk)
        rows.usable(now).update(expires_at=expires_at)


@transaction.atomic
def withdraw_request(*, actor: Actor, row: SecretRequest) -> None:
    """Nothing happens where it is over."""
    now = timezone.now()
    if row.end(SecretRequest.Status.WITHDRAWN, now):
        _move_session(row.session, now, now + AFTER_WITHDRAWAL)
        record(actor, "secret_request.withdrawn", row.public_id)


@transaction.atomic
def refuse_request(*, row: SecretRequest, reasons: list[str]) -> None:
    """What the asker filled in does not do, whatever the secret is. `reasons` name no values."""
    now = timezone.now()
    if row.end(SecretRequest.Status.REFUSED, now, reasons=reasons[:MOST_REASONS]):
        _move_session(row.session, now, now + AFTER_WITHDRAWAL)
        record(holder(row), "secret_request.refused", row.public_id)


@transaction.atomic
def answer_request(*, row: SecretRequest, save: Callable[[], Connection]) -> Connection:
    """Take its one use and store what `save` stores: both or neither. Raises RequestOver."""
    if not row.end(SecretRequest.Status.DONE, timezone.now()):
        raise RequestOver
    connection = save()
    row.connected = connection.public_id
    row.save(update_fields=["connected"])
    record(holder(row), "secret_request.answered", row.public_id, [row.field_path])
    return connection


def holder(row: SecretRequest) -> Actor:
    """Whoever holds the link, as the audit log names them."""
    return Actor(name=f"request {row.public_id}", workspace=row.workspace)


def asker_may_still(row: SecretRequest, now: datetime) -> bool:
    """Days may have passed since they asked."""
    if row.session is not None:
        return row.session.status_at(now) == ConnectSession.Status.OPEN
    member = Membership.objects.filter(workspace=row.workspace, user=row.owner).first()
    return member is not None and member.can_write and bool(row.owner and row.owner.is_active)
