"""Claiming what is due, and doing it: refreshes of credentials, live tests of connections."""

import logging
import random
import time
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from connections.access.actors import Actor
from connections.jobs.breaker import SECONDS_OPEN, Breaker
from connections.models import Connection, Credential
from connections.models.leases import REFRESH, TEST, claim_due
from connections.services.grants import has_tokens
from connections.services.locks import Overtaken
from connections.services.refresh import RefreshFailed, refresh_claimed
from connections.services.retests import WORKER, retest
from connections.services.schedule import next_attempt
from integrations.auth_methods import template_names
from integrations.catalogue import Catalogue, current_catalogue
from integrations.specs import MethodDefinition

logger = logging.getLogger("connections.jobs")

breaker = Breaker()

# One piece of work: whether it went well.
Piece = Callable[[], bool]


def claim_refreshes(limit: int) -> list[Piece]:
    """Up to `limit` credentials whose refresh is due, the longest due first."""
    now = timezone.now()
    # The row counts as changed from now on: who read it before must not write it back whole.
    lease, credentials = claim_due(
        Credential.objects.all(), REFRESH, now, limit=limit, updated_at=now
    )
    if not credentials:
        return []
    users = _users(credentials, current_catalogue())
    return [
        partial(_refresh, credential, users.get(credential.pk), lease) for credential in credentials
    ]


class _User(NamedTuple):
    """A connection through which a credential is refreshed, with all that takes at hand."""

    connection: Connection
    credential: Credential
    method: MethodDefinition

    @property
    def service(self) -> Hashable:
        """What fails together: one address for everybody, or those of one workspace."""
        is_everybodys = not template_names(self.method.oauth.get("token_url", ""))
        is_everybodys = is_everybodys and not self.credential.endpoints
        return self.method.pk, None if is_everybodys else self.connection.workspace_id


def _users(credentials: list[Credential], catalogue: Catalogue) -> dict[UUID, _User]:
    """The first connection of each credential whose method has tokens."""
    by_id = {credential.pk: credential for credential in credentials}
    workspaces = {credential.workspace_id for credential in credentials}
    rows = Connection.objects.filter(workspace_id__in=workspaces, credential__in=list(by_id))
    users: dict[UUID, _User] = {}
    for connection in rows.order_by("pk"):
        definition = catalogue.by_pk(connection.integration_id)
        method = definition.method_by_pk(connection.auth_method_id)
        credential = by_id[connection.credential_id]
        connection.credential, connection.workspace = credential, credential.workspace
        if has_tokens(method):
            users.setdefault(credential.pk, _User(connection, credential, method))
    return users


def _refresh(credential: Credential, user: _User | None, lease: UUID) -> bool:
    if user is None:
        _leave(credential, lease, None)
        return True
    if breaker.is_open(user.service):
        later = timedelta(seconds=SECONDS_OPEN * (1 + random.random()))  # noqa: S311 - spreads load
        _leave(credential, lease, timezone.now() + later)
        return False
    began = time.monotonic()
    actor = Actor(name=WORKER, workspace=credential.workspace)
    try:
        refresh_claimed(user.connection, user.method, lease=lease, actor=actor)
    except RefreshFailed as failure:
        # It is written down.
        if failure.is_temporary:
            breaker.note_failure(user.service, seconds=time.monotonic() - began)
        return False
    except Overtaken:
        return False
    except Exception:
        # One that cannot be read or written must not be in the way of all others.
        logger.exception("refresh broke: %s", user.connection.public_id)
        attempts = min(credential.refresh_attempts + 1, 1000)
        _leave(credential, lease, next_attempt(timezone.now(), attempts), refresh_attempts=attempts)
        return False
    breaker.note_success(user.service)
    return True


def _leave(credential: Credential, lease: UUID, due: datetime | None, **changes: int) -> None:
    """Give the lease back; `due` is when the credential is looked at again, None for never."""
    mine = Credential.objects.within(credential.workspace_id).filter(
        pk=credential.pk, refresh_lease=lease
    )
    mine.update(
        next_refresh_at=due,
        refresh_lease=None,
        refresh_lease_until=None,
        updated_at=timezone.now(),
        **changes,
    )


def claim_tests(limit: int) -> list[Piece]:
    """Up to `limit` connections whose live test is due; none where services are not tried."""
    if not settings.LIVE_TESTS:
        return []
    lease, connections = claim_due(Connection.objects.all(), TEST, timezone.now(), limit=limit)
    ids = {connection.credential_id for connection in connections}
    workspaces = {connection.workspace_id for connection in connections}
    rows = Credential.objects.filter(workspace_id__in=workspaces, pk__in=ids - {None})
    credentials = {credential.pk: credential for credential in rows}
    return [
        partial(_test, connection, credentials.get(connection.credential_id), lease)
        for connection in connections
    ]


def _test(connection: Connection, credential: Credential | None, lease: UUID) -> bool:
    if credential is not None:
        credential.workspace = connection.workspace
    connection.credential = credential
    try:
        retest(connection, lease)
    except Overtaken:
        _leave_test(connection, lease, timezone.now())
        return False
    except Exception:
        logger.exception("live test broke: %s", connection.public_id)
        _leave_test(connection, lease, next_attempt(timezone.now(), connection.test_attempts + 1))
        return False
    return True


def _leave_test(connection: Connection, lease: UUID, due: datetime) -> None:
    """Give the lease of a test without a result back."""
    mine = Connection.objects.within(connection.workspace_id).filter(
        pk=connection.pk, test_lease=lease
    )
    attempts = min(connection.test_attempts + 1, 1000)
    mine.update(next_test_at=due, test_attempts=attempts, test_lease=None, test_lease_until=None)


# What a sweep does, in this order: a refresh that comes too late costs somebody a wait.
CLAIMS: dict[str, Callable[[int], list[Piece]]] = {
    "refresh": claim_refreshes,
    "test": claim_tests,
}
