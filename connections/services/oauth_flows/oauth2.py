"""The authorization code flow with PKCE (RFC 6749, section 4.1; RFC 7636)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connections.access.actors import Actor
from connections.models import OAuthFlow
from connections.oauth.authorization import (
    authorization_url,
    challenge_of,
    check_issuer,
    new_nonce,
    new_verifier,
)
from connections.oauth.clients import Client
from connections.oauth.errors import OAuthError
from connections.oauth.provider import Provider
from connections.oauth.tokens import TokenAnswer, exchange_code
from connections.services.checked import Grant
from connections.services.oauth_flows.addresses import callback_url
from connections.services.oauth_flows.exchanging import (
    Obtained,
    picked_values,
    refused_with,
    token_values,
)
from connections.services.oauth_flows.parties import Parties, find_parties
from connections.services.oauth_flows.wanted import Wanted
from connections.services.verification import door_of
from integrations.specs import MethodDefinition

LONGEST_CODE = 4096


def begin(actor: Actor, wanted: Wanted, state: str, now: datetime) -> dict[str, Any]:
    """What the flow has to remember. Raises NoClient, OAuthError."""
    values = {"credentials": wanted.credentials, "config": wanted.config}
    found = find_parties(actor, wanted.method, values)
    scopes = _scopes(wanted, found.provider)
    return {
        "verifier": new_verifier(),
        "nonce": new_nonce() if "openid" in scopes else "",
        "scopes": scopes,
        "client": found.row.public_id,
        "endpoints": found.provider.endpoints,
    }


def _scopes(wanted: Wanted, provider: Provider) -> list[str]:
    """Those asked for, else the method's own; in any case those that it requires."""
    asked = list(wanted.scopes or provider.default_scopes)
    return asked + [scope for scope in provider.required_scopes if scope not in asked]


def address(parties: Parties, state: str) -> str:
    """Where the browser goes to consent."""
    context = parties.context
    return authorization_url(
        parties.provider,
        _client(parties),
        redirect_uri=callback_url(),
        state=state,
        scopes=tuple(context["scopes"]),
        code_challenge=challenge_of(context["verifier"]) if parties.provider.pkce else None,
        nonce=context["nonce"] or None,
    )


def _client(parties: Parties) -> Client:
    if parties.client is None:
        raise OAuthError("misconfigured")
    return parties.client


def exchange(
    flow: OAuthFlow, parties: Parties, answer: Mapping[str, str], now: datetime
) -> Obtained:
    """`answer` is what the service said in the callback's address. Raises OAuthError."""
    check_issuer(parties.provider, answer.get("iss"))
    if answer.get("error"):
        raise refused_with(flow, answer["error"])
    token = _token(flow, parties, answer.get("code", ""), now)
    picked, context = picked_values(parties.method, token.extra, answer), parties.context
    return Obtained(
        parties=parties,
        credentials={
            **context["credentials"],
            **picked["credentials"],
            **token_values(token, tuple(context["scopes"])),
        },
        config={**context["config"], **picked["config"]},
        grant=Grant(
            client_pk=parties.row.pk if parties.row else None, endpoints=context["endpoints"]
        ),
        account=_account(parties.method, token),
    )


def _token(flow: OAuthFlow, parties: Parties, code: str, now: datetime) -> TokenAnswer:
    if not code or len(code) > LONGEST_CODE or not code.isascii() or not code.isprintable():
        raise OAuthError("bad_answer")
    return exchange_code(
        parties.provider,
        _client(parties),
        code=code,
        redirect_uri=callback_url(),
        code_verifier=parties.context["verifier"] if parties.provider.pkce else None,
        nonce=parties.context["nonce"] or None,
        send=door_of(flow.workspace),
        now=now,
    )


def _account(method: MethodDefinition, token: TokenAnswer) -> tuple[str, str]:
    """Who signed in, by the id token; a live test that names accounts counts instead."""
    subject = token.id_claims.get("sub")
    if method.test.get("account_id") or not isinstance(subject, str):
        return "", ""
    names = (token.id_claims.get(name) for name in ("email", "preferred_username", "name"))
    label = next((name for name in names if isinstance(name, str) and name), subject)
    return subject[:255], label[:255]
