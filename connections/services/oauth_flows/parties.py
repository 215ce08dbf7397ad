"""Who takes part in an authorization: the service, and the client that asks it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from connections.access.actors import Actor
from connections.egress.messages import Send
from connections.ids import parse_id
from connections.models import OAuthClient, OAuthFlow
from connections.oauth.clients import Client
from connections.oauth.discovery import completed, discover_resource, register
from connections.oauth.errors import OAuthError
from connections.oauth.obtain import obtains_token
from connections.oauth.provider import Provider, provider_for
from connections.services.audit import record
from connections.services.clients import as_client, find_client, has_client, server_of
from connections.services.oauth_flows.addresses import callback_url
from connections.services.verification import door_of
from integrations.catalogue import current_catalogue
from integrations.specs import IntegrationDefinition, MethodDefinition
from integrations.templates import UnfilledTemplate, fill_url

Values = Mapping[str, Mapping[str, Any]]

# How we call ourselves where we register as a client.
CLIENT_NAME = "Mielto Connections"


class NoClient(Exception):
    """No OAuth client is set up for the method."""


@dataclass(frozen=True, slots=True)
class Consented:
    """A kind that a person grants: which of its definitions, and whether a client of ours asks."""

    fits: Callable[[MethodDefinition], bool]
    needs_client: bool = True


ADDRESSES_OF_1A = ("temporary_url", "authorization_url", "token_url")
CONSENTED = {
    "oauth2": Consented(lambda method: not obtains_token(method)),
    # Whoever connects brings the keys of an application: requests are signed with them later on.
    "oauth1": Consented(
        lambda method: all(method.oauth.get(name) for name in ADDRESSES_OF_1A), needs_client=False
    ),
}


def is_consented(method: MethodDefinition) -> bool:
    """Whether a person grants it at the service, in a browser."""
    return method.kind in CONSENTED and CONSENTED[method.kind].fits(method)


def is_discovered(method: MethodDefinition) -> bool:
    """Whether the service itself tells its addresses: the definition names none."""
    return is_consented(method) and not method.oauth.get("authorization_url")


def can_consent(workspace_id: UUID, method: MethodDefinition) -> bool:
    """Whether people of the workspace can be sent there: a client is set up, or makes itself."""
    if not is_consented(method):
        return False
    if not CONSENTED[method.kind].needs_client:
        return True
    return is_discovered(method) or has_client(workspace_id, method)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The service, and our client there."""

    provider: Provider
    row: OAuthClient


def find_parties(actor: Actor, method: MethodDefinition, values: Values) -> Found:
    """Raises NoClient, or OAuthError where the service cannot be asked as it is described."""
    if is_discovered(method):
        return _discovered(actor, method, values)
    row = find_client(actor.workspace.id, method.pk, issuer=server_of(method, values))
    if row is None:
        raise NoClient
    return Found(provider=provider_for(method, values), row=row)


def _discovered(actor: Actor, method: MethodDefinition, values: Values) -> Found:
    """By the service's own description; where we have no client yet, we register one."""
    door = door_of(actor.workspace)
    if method.oauth.get("issuer"):
        needs = ("authorization_url", "token_url")
        provider = completed(provider_for(method, values), send=door, needs=needs)
    else:
        provider = _behind(method, values, door)
    row = find_client(actor.workspace.id, method.pk, issuer=provider.issuer)
    if row is None and method.oauth.get("issuer"):
        row = find_client(actor.workspace.id, method.pk, issuer=server_of(method, values))
    if row is None:
        callback = callback_url()
        client = register(provider, redirect_uri=callback, client_name=CLIENT_NAME, send=door)
        row = _keep_client(actor, method, provider.issuer, client)
    return Found(provider=provider, row=row)


def _behind(method: MethodDefinition, values: Values, door: Send) -> Provider:
    """The provider that guards the method's address (RFC 9728), asked for tokens for it."""
    try:
        url = fill_url(method.request.get("base_url", ""), method, values)
    except UnfilledTemplate:
        raise OAuthError("misconfigured") from None
    provider, resource = discover_resource(url, send=door)
    declared = provider_for(method, values, endpoints=provider.endpoints)
    scopes = declared.default_scopes or provider.default_scopes
    return replace(declared, resource=resource, default_scopes=scopes)


def _keep_client(
    actor: Actor, method: MethodDefinition, issuer: str, client: Client
) -> OAuthClient:
    """Store what a service registered us as; another request may have been quicker."""
    row = OAuthClient(
        workspace=actor.workspace,
        auth_method_id=method.pk,
        issuer=issuer,
        origin=OAuthClient.Origin.REGISTERED,
        client_id=client.client_id,
        client_auth=client.client_auth,
        created_by=actor.name,
    )
    row.set_secrets({"client_secret": client.client_secret} if client.client_secret else {})
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            record(actor, "oauth_client.registered", row.public_id)
    except IntegrityError:
        return find_client(actor.workspace.id, method.pk, issuer=issuer) or row
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    integration: IntegrationDefinition
    method: MethodDefinition
    provider: Provider
    # None where the keys of an application are among the values.
    client: Client | None
    row: OAuthClient | None
    context: dict[str, Any] = field(repr=False)


def parties_of(flow: OAuthFlow) -> Parties:
    """As they are now. Raises OAuthError("misconfigured") where one of them is gone."""
    context = flow.get_context()
    integration = current_catalogue().by_pk(flow.auth_method.integration_id)
    method = integration.method_by_pk(flow.auth_method_id)
    row = _row_of(flow, context["client"]) if context["client"] else None
    values = {"credentials": context["credentials"], "config": context["config"]}
    return Parties(
        integration=integration,
        method=method,
        provider=provider_for(method, values, endpoints=context["endpoints"]),
        client=as_client(row) if row is not None else None,
        row=row,
        context=context,
    )


def _row_of(flow: OAuthFlow, name: str) -> OAuthClient:
    usable = OAuthClient.objects.usable_in(flow.workspace_id).select_related("workspace")
    row: OAuthClient | None = usable.filter(pk=parse_id("ocl", name)).first()
    if row is None:
        raise OAuthError("misconfigured")
    return row
