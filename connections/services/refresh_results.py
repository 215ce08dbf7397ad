"""Writing down how a refresh ended: the credential, the connections that use it, the audit log.

One transaction, in which nothing is called. What came back for values that were replaced meanwhile
is dropped, with one exception: a successor of the refresh token that is still stored.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connections.access.actors import Actor
from connections.models import AuditEvent, Connection, Credential
from connections.models.compiled import CompiledLookup, write_together
from connections.oauth.obtain import obtains_token
from connections.oauth.tokens import TokenAnswer
from connections.services.audit import event
from connections.services.grants import config_of, method_of, token_end, values_after
from connections.services.locks import Overtaken
from connections.services.refresh_reasons import CURED_BY_A_TOKEN, RefreshFailed
from connections.services.schedule import LONGEST_RETRY, next_attempt, next_refresh
from integrations.auth_methods import AUTH_METHODS
from integrations.expiry import end_of
from integrations.specs import MethodDefinition

Status = Connection.Status
# What a refresh writes of the rows; the rest of them stays out of it.
OF_CREDENTIAL = (
    *("sealed_values", "sealed_token", "token_expires_at", "auth_type", "expires_at", "status"),
    *("next_refresh_at", "refresh_attempts", "refresh_lease", "refresh_lease_until", "updated_at"),
)
OF_CONNECTION = ("status", "status_reason", "expires_at", "next_test_at", "updated_at")


@transaction.atomic
def keep_token(
    *,
    actor: Actor,
    connection: Connection,
    method: MethodDefinition,
    lease: UUID,
    used: dict[str, Any],
    answer: TokenAnswer,
) -> None:
    """Store what the service answered to a call with the values `used`.

    Raises Overtaken where other values were stored meanwhile: what came back belongs to the old.
    """
    now = timezone.now()
    rows, credential = _hold(connection)
    stored = credential.get_values()
    if stored != used:
        _refuse_other_grant(method, used, stored, answer)
    names = _fill(credential, method, stored, answer, now)
    _release(credential, lease, now)
    credential.refresh_attempts = 0
    for row in rows:
        its_own = method if row.auth_method_id == method.pk else method_of(row)
        _cure(row, its_own, credential, now)
    _write(credential, rows, _renewal_events(actor, connection, names, used, answer))


def _hold(connection: Connection) -> tuple[list[Connection], Credential]:
    """The connections of the credential, then itself, until the transaction ends."""
    workspace, pk = connection.workspace, connection.credential_id
    rows = [row for (row,) in _USERS.all(workspace.id, pk)]
    found = _CREDENTIAL.first(workspace.id, pk)
    if found is None:
        raise Overtaken
    (credential,) = found
    for row in (*rows, credential):
        row.workspace = workspace
    return rows, credential


_SAMPLES = ((Connection._meta.pk, UUID(int=1)), (Connection._meta.pk, UUID(int=2)))
_USERS = CompiledLookup(
    lambda workspace_id, pk: (
        Connection.objects.within(workspace_id)
        .filter(credential_id=pk)
        .order_by("pk")
        .select_for_update()
    ),
    samples=_SAMPLES,
    parts=[(Connection, "")],
)
_CREDENTIAL = CompiledLookup(
    lambda workspace_id, pk: (
        Credential.objects.within(workspace_id).filter(pk=pk).order_by().select_for_update()
    ),
    samples=_SAMPLES,
    parts=[(Credential, "")],
)


def _refuse_other_grant(
    method: MethodDefinition, used: dict[str, Any], stored: dict[str, Any], answer: TokenAnswer
) -> None:
    """Let through what succeeds the refresh token that is still stored: it has no other successor.

    Where the old one goes on (no rotation), a newer access token stays.
    """
    token = used.get("refresh_token")
    is_rotated = answer.refresh_token not in ("", token)
    is_newer = stored.get("access_token") != used.get("access_token")
    if obtains_token(method) or stored.get("refresh_token") != token:
        raise Overtaken
    if is_newer and not is_rotated:
        raise Overtaken


def _fill(
    credential: Credential,
    method: MethodDefinition,
    stored: dict[str, Any],
    answer: TokenAnswer,
    now: datetime,
) -> list[str]:
    """Put the answer into the credential; the names of what it replaced."""
    if obtains_token(method):
        token = {"access_token": answer.access_token, "token_type": answer.token_type}
        credential.set_token(token, answer.expires_at)
        # It can be had anew whenever somebody needs it.
        credential.next_refresh_at = None
        return ["token"]
    values = values_after(stored, answer)
    credential.set_values(values)
    credential.auth_type = AUTH_METHODS[method.kind].auth_type_of(values)
    rotated = values.get("refresh_token") != stored.get("refresh_token")
    if rotated or credential.auth_type == Credential.AuthType.OAUTH_TOKEN_REFRESH_ROTATION:
        credential.auth_type = Credential.AuthType.OAUTH_TOKEN_REFRESH_ROTATION
    ends = end_of(method, {"credentials": values, "config": {}}, now)
    credential.mark_ending(ends, now)
    credential.next_refresh_at = next_refresh(ends, now)
    return sorted(f"credentials.{name}" for name in values if values[name] != stored.get(name))


def _release(credential: Credential, lease: UUID, now: datetime) -> None:
    if credential.refresh_lease == lease:
        credential.refresh_lease = credential.refresh_lease_until = None
    credential.updated_at = now


def _cure(row: Connection, method: MethodDefinition, credential: Credential, now: datetime) -> None:
    """What a token that works makes of a connection: what is wrong besides stays."""
    ends = [end_of(method, {"credentials": {}, "config": config_of(row)}, now)]
    row.expires_at = min(filter(None, [*ends, credential.expires_at]), default=None)
    row.updated_at = now
    code = (row.status_reason or {}).get("code")
    if row.status in (Status.INACTIVE, Status.ACTIVE):
        return
    if code in CURED_BY_A_TOKEN:
        row.mark_active()
    if method.test and settings.LIVE_TESTS:
        # It was not tried with this token.
        row.next_test_at = now


def _renewal_events(
    actor: Actor,
    connection: Connection,
    names: list[str],
    used: dict[str, Any],
    answer: TokenAnswer,
) -> Iterable[AuditEvent]:
    yield event(actor, "connection.refreshed", connection.public_id, names)
    if answer.scopes is not None and used.get("scope"):
        before = used["scope"].split() if isinstance(used["scope"], str) else used["scope"]
        if set(answer.scopes) != set(before):
            yield event(
                actor, "connection.scopes_changed", connection.public_id, ["credentials.scope"]
            )


@transaction.atomic
def note_revocation(*, actor: Actor, connection: Connection, lease: UUID) -> None:
    """The grant is gone, for every connection that uses it: nothing is tried with it again."""
    now = timezone.now()
    rows, credential = _hold(connection)
    if credential.refresh_lease != lease:
        raise Overtaken
    credential.next_refresh_at, credential.refresh_attempts = None, 0
    credential.status = Credential.Status.EXPIRED
    _release(credential, lease, now)
    _mark_and_write(actor, credential, rows, RefreshFailed("revoked"), now)


def give_back(connection: Connection, lease: UUID) -> None:
    """Free the lease where nothing came of it."""
    rows = Credential.objects.within(connection.workspace_id)
    mine = rows.filter(pk=connection.credential_id, refresh_lease=lease)
    mine.update(refresh_lease=None, refresh_lease_until=None, updated_at=timezone.now())


@transaction.atomic
def note_failure(
    *,
    actor: Actor,
    connection: Connection,
    method: MethodDefinition,
    lease: UUID,
    used: dict[str, Any],
    failure: RefreshFailed,
) -> None:
    """Put down why there is no token. Raises Overtaken where it was of values that are replaced."""
    now = timezone.now()
    rows, credential = _hold(connection)
    if credential.refresh_lease != lease:
        raise Overtaken
    if failure.is_final and credential.get_values() != used:
        # Somebody else was quicker with another token, which may be a good one.
        raise Overtaken
    ends = token_end(credential, method)
    is_over = ends is None or ends <= now
    _schedule(credential, failure, ends, now, is_over=is_over)
    _release(credential, lease, now)
    is_early = failure.cause in ("no_client", "token_expired") and not is_over
    _mark_and_write(actor, credential, [] if is_early else rows, failure, now)


def _schedule(
    credential: Credential,
    failure: RefreshFailed,
    ends: datetime | None,
    now: datetime,
    *,
    is_over: bool,
) -> None:
    """When it is tried again, if at all."""
    credential.refresh_attempts = min(credential.refresh_attempts + 1, 1000)
    credential.next_refresh_at = None
    if failure.is_temporary:
        attempts, asked = credential.refresh_attempts, failure.retry_after
        credential.next_refresh_at = next_attempt(now, attempts, asked)
    elif failure.reason.effect == "wrong":
        credential.next_refresh_at = now + LONGEST_RETRY
    elif failure.cause == "no_client":
        # Staff may set one up.
        credential.next_refresh_at = now + LONGEST_RETRY if is_over else ends
    elif failure.cause == "token_expired" and not is_over:
        credential.next_refresh_at = ends
    if credential.expires_at is not None and credential.expires_at <= now:
        credential.status = Credential.Status.EXPIRED


def _mark_and_write(
    actor: Actor,
    credential: Credential,
    rows: list[Connection],
    failure: RefreshFailed,
    now: datetime,
) -> None:
    changed = [row for row in rows if _mark(row, failure, now)]
    action = "connection.expired" if failure.is_final else "connection.broke"
    _write(credential, changed, [event(actor, action, row.public_id) for row in changed])


def _mark(row: Connection, failure: RefreshFailed, now: datetime) -> bool:
    """Whether it changes anything for the connection, which what is tried again does not."""
    effect, message, hint = failure.reason
    marks = {"over": row.mark_expired, "wrong": row.mark_error}
    known = (row.status, (row.status_reason or {}).get("code"))
    if effect not in marks or row.status == Status.INACTIVE:
        return False
    marks[effect](code=failure.cause, message=message, hint=hint, now=now)
    if known == (row.status, failure.cause):
        return False
    row.updated_at = now
    return True


def _write(
    credential: Credential, rows: Iterable[Connection], events: Iterable[AuditEvent]
) -> None:
    updated = [(credential, OF_CREDENTIAL), *((row, OF_CONNECTION) for row in rows)]
    write_together(updated=updated, inserted=list(events))
