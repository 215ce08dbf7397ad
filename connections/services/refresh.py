"""Tokens that are good for a while: one refresh at a time, however many ask for one.

Who refreshes holds the credential's lease, and no transaction while the service is called. The
others use what is still good, or wait until the holder has written down what came of it.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from connections.access.actors import Actor
from connections.egress import EgressError
from connections.models import Connection, Credential
from connections.models.leases import REFRESH, take_lease
from connections.oauth.errors import OAuthError
from connections.oauth.obtain import obtains_token
from connections.services.grants import fetch_token, has_token, has_tokens, method_of, token_end
from connections.services.locks import Overtaken
from connections.services.refresh_reasons import REASONS, RefreshFailed, failure_of, is_gone
from connections.services.refresh_results import keep_token, note_failure
from connections.services.schedule import least_left
from connections.services.waiting import waiting
from integrations.specs import MethodDefinition

__all__ = ["RefreshFailed", "fresh_credential", "refresh_claimed"]

logger = logging.getLogger("connections.refresh")

# Longer than a call may take; who has not written by then is gone.
LONGEST_WAIT = 20.0
FIRST_LOOK, LONGEST_LOOK = 0.05, 0.4


def fresh_credential(
    connection: Connection,
    *,
    actor: Actor,
    within: timedelta | None = None,
    force: bool = False,
) -> Credential | None:
    """The connection's credential with a token that is good for a while, refreshed if need be.

    `within` is how long it has to be good, by default a minute or a tenth of its life. `force`
    refreshes one that is good as well. The connection is brought up to date with what was written.
    None where it has no credential. Raises RefreshFailed where there is no token that can be used,
    Overtaken where the connection was deleted or its values are being replaced.
    """
    method = method_of(connection, actor.catalogue_version)
    if connection.credential is None or not has_tokens(method):
        return connection.credential
    reader = _Reader(connection, method, actor, within=within, force=force)
    if reader.is_settled():
        return reader.credential
    try:
        with waiting():
            return reader.read()
    except EgressError:
        if reader.is_usable() and not force:
            return reader.credential
        raise RefreshFailed("busy") from None


class _Reader:
    """One call of `fresh_credential`: looks, refreshes or waits, until there is an answer."""

    def __init__(
        self,
        connection: Connection,
        method: MethodDefinition,
        actor: Actor,
        *,
        within: timedelta | None,
        force: bool,
    ) -> None:
        self.connection, self.method, self.actor = connection, method, actor
        self.within, self.force = within, force
        self.first = _fingerprint(self.credential)

    @property
    def credential(self) -> Credential:
        credential = self.connection.credential
        if credential is None:
            raise Overtaken
        return credential

    def read(self) -> Credential:
        looks, deadline = FIRST_LOOK, time.monotonic() + LONGEST_WAIT
        while not self.is_settled():
            lease = take_refresh(self.credential)
            if lease is not None and self.refresh(lease):
                return self.credential
            if self.is_usable() and not self.force:
                return self.credential
            if time.monotonic() > deadline:
                raise RefreshFailed("busy")
            time.sleep(looks)
            looks = min(looks * 1.5, LONGEST_LOOK)
            reload(self.connection)
        return self.credential

    def is_settled(self) -> bool:
        """Whether there is nothing to refresh. Raises RefreshFailed where trying is of no use."""
        if self.force:
            return _fingerprint(self.credential) != self.first
        if is_gone(self.connection):
            raise RefreshFailed(self.code)
        if self.is_good() or self.connection.status == Connection.Status.INACTIVE:
            return True
        return self.is_held_back()

    @property
    def code(self) -> str:
        return str((self.connection.status_reason or {}).get("code", ""))

    def is_good(self) -> bool:
        if not has_token(self.credential, self.method):
            return False
        ends = token_end(self.credential, self.method)
        if ends is None:
            return True
        needed = least_left(self.lifetime(ends)) if self.within is None else self.within
        return ends - timezone.now() > needed

    def lifetime(self, ends: datetime) -> timedelta | None:
        """How long the token lives in all; None where the row was written to since it came."""
        if self.credential.refresh_attempts:
            return None
        return max(ends - self.credential.updated_at, timedelta(0))

    def is_usable(self) -> bool:
        """Whether what is stored can be used right now, be it for seconds."""
        ends = token_end(self.credential, self.method)
        there = has_token(self.credential, self.method)
        return there and (ends is None or ends > timezone.now())

    def is_held_back(self) -> bool:
        """Whether the last attempt failed and the next has to wait; raises if nothing is usable."""
        code = self.code
        wait = _seconds_until(self.credential.next_refresh_at)
        if not self.credential.refresh_attempts or wait <= 0 or code == "no_client":
            return False
        if not self.is_usable():
            is_known = code in REASONS and self.connection.status == Connection.Status.ERROR
            raise RefreshFailed(code if is_known else "unavailable", retry_after=wait)
        return True

    def refresh(self, lease: UUID) -> bool:
        """False where other values were stored meanwhile: they are looked at next."""
        try:
            refresh_claimed(self.connection, self.method, lease=lease, actor=self.actor)
        except Overtaken:
            reload(self.connection)
            return False
        except RefreshFailed as failure:
            reload(self.connection)
            if self.force or failure.cause == "invalid_grant" or not self.is_usable():
                raise
        else:
            reload(self.connection)
        return True


def take_refresh(credential: Credential) -> UUID | None:
    """The lease on the very row that was read; None if somebody holds it or changed the row.

    The row counts as changed from now on: who read it before must not write it back whole.
    """
    now = timezone.now()
    if credential.refresh_lease_until is not None and credential.refresh_lease_until > now:
        # Who waits only reads.
        return None
    same = Credential.objects.within(credential.workspace_id).filter(
        pk=credential.pk, updated_at=credential.updated_at
    )
    return take_lease(same, REFRESH, now, updated_at=now)


def refresh_claimed(
    connection: Connection, method: MethodDefinition, *, lease: UUID, actor: Actor
) -> None:
    """Refresh under a lease and write down what came of it; `connection` is not brought up to date.

    Raises RefreshFailed, after it was written down; Overtaken where it does not count any more.
    """
    for is_last in (False, True):
        credential = connection.credential
        if credential is None:
            raise Overtaken
        used = credential.get_values()
        try:
            _attempt(connection, method, lease=lease, actor=actor, used=used)
        except Overtaken:
            # Other values were stored meanwhile: with those it is worth one more try.
            reload(connection)
            if is_last or not _still_holds(connection, lease, used):
                raise
            continue
        return


def _attempt(
    connection: Connection,
    method: MethodDefinition,
    *,
    lease: UUID,
    actor: Actor,
    used: dict[str, Any],
) -> None:
    failure = None
    try:
        answer = fetch_token(connection, method, used, now=timezone.now())
    except OAuthError as error:
        failure = failure_of(error, of_own_values=obtains_token(method))
    except RefreshFailed as error:
        failure = error
    known: dict[str, Any] = {"connection": connection, "method": method, "lease": lease}
    if failure is None:
        keep_token(actor=actor, used=used, answer=answer, **known)
        return
    logger.info("refresh failed: %s %s", failure.cause, connection.public_id)
    note_failure(actor=actor, used=used, failure=failure, **known)
    raise failure from None


def _still_holds(connection: Connection, lease: UUID, used: dict[str, Any]) -> bool:
    credential = connection.credential
    if credential is None or credential.refresh_lease != lease:
        return False
    return credential.get_values() != used


def reload(connection: Connection) -> None:
    """Bring a connection and its credential up to date; Overtaken if it is gone."""
    workspace = connection.workspace
    rows = Connection.objects.within(workspace.id).select_related("credential")
    try:
        connection.refresh_from_db(from_queryset=rows)
    except Connection.DoesNotExist:
        raise Overtaken from None
    connection.workspace = workspace
    if connection.credential is not None:
        connection.credential.workspace = workspace


def _fingerprint(credential: Credential) -> tuple[bytes, bytes]:
    """What is another after every refresh: nothing is ever encrypted twice to the same bytes."""
    return bytes(credential.sealed_values), bytes(credential.sealed_token or b"")


def _seconds_until(moment: datetime | None) -> float:
    return 0.0 if moment is None else (moment - timezone.now()).total_seconds()
