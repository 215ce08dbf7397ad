"""The flow of OAuth 1.0a (RFC 5849, section 2), with the keys of whoever connects."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from connections.access.actors import Actor
from connections.models import OAuthFlow
from connections.oauth.errors import OAuthError
from connections.oauth.oauth1 import (
    OAuth1Credentials,
    OAuth1Token,
    authorize_url,
    exchange_verifier,
    request_temporary,
)
from connections.oauth.provider import check_url
from connections.services.checked import Grant
from connections.services.oauth_flows.addresses import callback_url
from connections.services.oauth_flows.exchanging import Obtained, picked_values
from connections.services.oauth_flows.parties import Parties
from connections.services.oauth_flows.wanted import Wanted
from connections.services.verification import door_of
from integrations.specs import MethodDefinition
from integrations.templates import UnfilledTemplate, Values, fill_url

LONGEST_VERIFIER = 1024


def begin(actor: Actor, wanted: Wanted, state: str, now: datetime) -> dict[str, Any]:
    """Fetch temporary credentials for this very flow. Raises OAuthError."""
    values = {"credentials": wanted.credentials, "config": wanted.config}
    temporary = request_temporary(
        _address(wanted.method, "temporary_url", values),
        _consumer(wanted.credentials),
        callback=f"{callback_url()}?{urlencode({'state': state})}",
        send=door_of(actor.workspace),
        now=now,
    )
    remembered = {"token": temporary.token, "token_secret": temporary.token_secret}
    return {"temporary": remembered, "client": "", "endpoints": {}}


def _address(method: MethodDefinition, name: str, values: Values) -> str:
    try:
        return check_url(fill_url(str(method.oauth.get(name, "")), method, values))
    except UnfilledTemplate:
        raise OAuthError("misconfigured") from None


def _consumer(credentials: Mapping[str, Any]) -> OAuth1Credentials:
    return OAuth1Credentials(
        consumer_key=credentials["consumer_key"], consumer_secret=credentials["consumer_secret"]
    )


def _values(parties: Parties) -> Values:
    return {name: parties.context[name] for name in ("credentials", "config")}


def address(parties: Parties, state: str) -> str:
    """Where the browser goes to consent; the state is in the address that it comes back to."""
    url = _address(parties.method, "authorization_url", _values(parties))
    return authorize_url(url, OAuth1Token(**parties.context["temporary"]))


def exchange(
    flow: OAuthFlow, parties: Parties, answer: Mapping[str, str], now: datetime
) -> Obtained:
    """`answer` is what the service said in the callback's address. Raises OAuthError."""
    context = parties.context
    temporary = OAuth1Token(**context["temporary"])
    if answer.get("denied"):
        raise OAuthError("access_denied" if answer["denied"] == temporary.token else "rejected")
    verifier = answer.get("oauth_verifier", "")
    if not verifier or len(verifier) > LONGEST_VERIFIER or not verifier.isprintable():
        raise OAuthError("bad_answer")
    found = exchange_verifier(
        _address(parties.method, "token_url", _values(parties)),
        _consumer(context["credentials"]),
        temporary,
        oauth_token=answer.get("oauth_token", ""),
        verifier=verifier,
        send=door_of(flow.workspace),
        now=now,
    )
    picked = picked_values(parties.method, found.extra, answer)
    granted = {"oauth_token": found.token, "oauth_token_secret": found.token_secret}
    return Obtained(
        parties=parties,
        credentials={**context["credentials"], **picked["credentials"], **granted},
        config={**context["config"], **picked["config"]},
        grant=Grant(),
    )
