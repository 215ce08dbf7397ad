"""Fetching the next token of a connection: the calls, and what its values become.

Nothing is written here and no transaction may be open.
"""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from connections.egress import Answer, EgressError, Request, Send, send
from connections.egress.limits import WHOLE_CALL_SECONDS
from connections.models import Connection, Credential
from connections.oauth.obtain import obtain_token, obtains_token
from connections.oauth.provider import provider_for
from connections.oauth.tokens import TokenAnswer, refresh
from connections.services.clients import client_of
from connections.services.refresh_reasons import RefreshFailed
from integrations.catalogue import catalogue_at, current_catalogue
from integrations.specs import MethodDefinition

# Who works under a lease calls for this part of it at most, and has the rest to write it down:
# a refresh token that two use at once is lost.
OF_A_LEASE = 2 / 3


def method_of(connection: Connection, version: Any = None) -> MethodDefinition:
    """The method as it is defined today; no query where the catalogue's version is known."""
    catalogue = current_catalogue() if version is None else catalogue_at(version)
    definition = catalogue.by_pk(connection.integration_id)
    return definition.method_by_pk(connection.auth_method_id)


def has_tokens(method: MethodDefinition) -> bool:
    """Whether it works with tokens that end and can be had anew."""
    return method.kind == "oauth2" or obtains_token(method)


def token_end(credential: Credential, method: MethodDefinition) -> datetime | None:
    """When the token that is used ends; None where it does not, or nobody said."""
    return credential.token_expires_at if obtains_token(method) else credential.expires_at


def has_token(credential: Credential, method: MethodDefinition) -> bool:
    return not obtains_token(method) or credential.sealed_token is not None


def config_of(connection: Connection) -> dict[str, Any]:
    return {**connection.config, **connection.get_secret_config()}


def door_within(workspace_id: UUID, seconds: float) -> Send:
    """The door to the network, for calls that take no longer than so many seconds together."""
    deadline = time.monotonic() + seconds

    def door(request: Request) -> Answer:
        left = deadline - time.monotonic()
        if left <= 0:
            raise EgressError("timeout")
        return send(request, caller=str(workspace_id), seconds=min(left, WHOLE_CALL_SECONDS))

    return door


def fetch_token(
    connection: Connection,
    method: MethodDefinition,
    credentials: Mapping[str, Any],
    *,
    now: datetime,
) -> TokenAnswer:
    """Ask the service. Raises OAuthError, or RefreshFailed where there is nothing to ask with."""
    credential = connection.credential
    assert credential is not None  # noqa: S101 - asked by the caller
    values = {"credentials": credentials, "config": config_of(connection)}
    door = door_within(connection.workspace_id, settings.WORK_LEASE_SECONDS * OF_A_LEASE)
    if obtains_token(method):
        return obtain_token(method, values, send=door, now=now)
    if not credentials.get("refresh_token"):
        raise RefreshFailed("token_expired")
    client = client_of(credential, method, values)
    if client is None:
        raise RefreshFailed("no_client")
    provider = provider_for(method, values, endpoints=credential.endpoints or None)
    token = credentials["refresh_token"]
    return refresh(provider, client, refresh_token=token, send=door, now=now)


def values_after(credentials: Mapping[str, Any], answer: TokenAnswer) -> dict[str, Any]:
    """The values of a grant with what its service answered (RFC 6749, section 6).

    A refresh token that does not come back stays; so do the scopes.
    """
    values = {**credentials, "access_token": answer.access_token}
    for name in ("expires_at", "expires_in"):
        values.pop(name, None)
    if answer.refresh_token:
        values["refresh_token"] = answer.refresh_token
    if answer.expires_at is not None:
        values["expires_at"] = answer.expires_at.isoformat().replace("+00:00", "Z")
    if answer.scopes is not None:
        values["scope"] = list(answer.scopes)
    return values
