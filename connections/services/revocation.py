"""Giving a grant back to its service: RFC 7009."""

import time
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections.access.actors import Actor
from connections.egress import EgressError
from connections.models import Connection
from connections.oauth.errors import OAuthError
from connections.oauth.obtain import obtains_token
from connections.oauth.provider import provider_for
from connections.oauth.revocation import revoke
from connections.services.clients import client_of
from connections.services.grants import config_of, has_tokens, method_of
from connections.services.locks import Overtaken
from connections.services.refresh import LONGEST_WAIT, reload, take_refresh
from connections.services.refresh_reasons import REASONS, is_gone
from connections.services.refresh_results import give_back, note_revocation
from connections.services.verification import door_of
from connections.services.waiting import waiting
from integrations.specs import MethodDefinition

UNSUPPORTED = _("The service has no way to revoke this from here.")
NO_CLIENT = _("No OAuth client is set up for this method, so nothing can be revoked.")
OWN_MESSAGES: dict[str, str | Promise] = {"unsupported": UNSUPPORTED, "no_client": NO_CLIENT}
SECONDS_BETWEEN_LOOKS = 0.2


class CannotRevoke(Exception):
    """It was not revoked, and nothing was changed. `cause` as of RefreshFailed."""

    def __init__(self, cause: str, *, retry_after: float | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.retry_after = retry_after

    @property
    def message(self) -> str:
        return str(OWN_MESSAGES.get(self.cause) or REASONS[self.cause].message)


def revoke_grant(connection: Connection, *, actor: Actor) -> None:
    """Revoke at the service; every connection that uses the grant is `expired` afterwards.

    One that is gone already stays as it is, and nothing is called. Raises CannotRevoke, Overtaken.
    """
    method = method_of(connection, actor.catalogue_version)
    if connection.credential is None or not has_tokens(method) or obtains_token(method):
        raise CannotRevoke("unsupported")
    if is_gone(connection):
        return
    lease = _wait_for_lease(connection)
    try:
        _call(connection, method)
        note_revocation(actor=actor, connection=connection, lease=lease)
    finally:
        give_back(connection, lease)
    reload(connection)


def _wait_for_lease(connection: Connection) -> UUID:
    """Nobody may refresh meanwhile: a token that comes back later would not be revoked."""
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline:
        if connection.credential is None:
            raise Overtaken
        lease = take_refresh(connection.credential)
        if lease is not None:
            reload(connection)
            return lease
        time.sleep(SECONDS_BETWEEN_LOOKS)
        reload(connection)
    raise CannotRevoke("busy")


def _hint(
    method: MethodDefinition, credentials: Mapping[str, Any]
) -> Literal["access_token", "refresh_token"]:
    """Which token is sent: the refresh token, unless the token itself has to prove the request."""
    is_proof = method.oauth.get("revoke_auth") == "token"
    return "refresh_token" if credentials.get("refresh_token") and not is_proof else "access_token"


def _call(connection: Connection, method: MethodDefinition) -> None:
    credential = connection.credential
    if credential is None:
        raise Overtaken
    credentials = credential.get_values()
    values = {"credentials": credentials, "config": config_of(connection)}
    client = client_of(credential, method, values)
    if client is None:
        raise CannotRevoke("no_client")
    hint = _hint(method, credentials)
    door = door_of(connection.workspace)
    try:
        with waiting():
            provider = provider_for(method, values, endpoints=credential.endpoints or None)
            revoke(provider, client, token=credentials[hint], hint=hint, send=door)
    except OAuthError as error:
        cause = error.cause if error.cause in REASONS else "rejected"
        raise CannotRevoke(cause, retry_after=error.retry_after) from None
    except EgressError:
        raise CannotRevoke("busy") from None
