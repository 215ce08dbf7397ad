"""Beginning an authorization: who asks whom for what, and what becomes of the answer."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from connections.access.actors import Actor
from connections.models import Connection, OAuthFlow
from connections.oauth.authorization import new_nonce, new_verifier
from connections.oauth.provider import Provider
from connections.services.oauth_flows.addresses import start_url
from connections.services.oauth_flows.browser import LIFETIME, digest_of, new_secret
from connections.services.oauth_flows.parties import find_parties
from integrations.specs import IntegrationDefinition, MethodDefinition

# How long a flow that is over is kept: until then its state is told from one that never was.
KEPT_FOR = timedelta(days=1)

# Where the person came from, and goes back to.
Place = Literal["api", "web", "admin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person is asked to consent to, and what becomes of it.

    `credentials` and `config` are what is known before the consent, and passed the rules for it.
    `connection` is repaired in place; without one a new connection is made.
    """

    integration: IntegrationDefinition
    method: MethodDefinition
    credentials: dict[str, Any] = field(default_factory=dict, repr=False)
    config: dict[str, Any] = field(default_factory=dict, repr=False)
    scopes: tuple[str, ...] = ()
    label: str = ""
    user_id: str = ""
    return_url: str = ""
    connection: Connection | None = None
    owner: Any = None
    place: Place = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """`url` is our page that a browser opens; `state` names the flow and is stored nowhere."""

    url: str = field(repr=False)
    state: str = field(repr=False)


def begin_flow(*, actor: Actor, wanted: Wanted, now: datetime) -> Begun:
    """Store the flow and say where it starts.

    Raises NoClient, or OAuthError where the service cannot be asked as it is described.
    """
    values = {"credentials": wanted.credentials, "config": wanted.config}
    found = find_parties(actor, wanted.method, values)
    scopes = _scopes(wanted, found.provider)
    context = {
        "verifier": new_verifier(),
        "nonce": new_nonce() if "openid" in scopes else "",
        "credentials": wanted.credentials,
        "config": wanted.config,
        "scopes": scopes,
        "label": wanted.label,
        "user_id": wanted.user_id,
        "return_url": wanted.return_url,
        "connection": wanted.connection.public_id if wanted.connection else "",
        "client": found.row.public_id,
        "endpoints": found.provider.endpoints,
        "place": wanted.place,
    }
    return _store(actor, wanted, context, now)


def _scopes(wanted: Wanted, provider: Provider) -> list[str]:
    """Those asked for, else the method's own; in any case those that it requires."""
    asked = list(wanted.scopes or provider.default_scopes)
    return asked + [scope for scope in provider.required_scopes if scope not in asked]


def _store(actor: Actor, wanted: Wanted, context: dict[str, Any], now: datetime) -> Begun:
    state = new_secret()
    flow = OAuthFlow(
        workspace=actor.workspace,
        state_digest=digest_of(state),
        auth_method_id=wanted.method.pk,
        owner=wanted.owner,
        created_by=actor.name,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    flow.set_context(context)
    rows = OAuthFlow.objects.within(actor.workspace.id)
    rows.filter(expires_at__lt=now - KEPT_FOR).delete()
    flow.save(force_insert=True)
    return Begun(url=start_url(state), state=state)
