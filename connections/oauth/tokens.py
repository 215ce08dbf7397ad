"""Tokens of a grant: from a code, and again from a refresh token (RFC 6749, sections 4.1.3, 6)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from connections.egress import Answer, Send
from connections.oauth import answers, discovery, id_tokens
from connections.oauth.clients import Client, Proof, post, prove
from connections.oauth.provider import Provider
from connections.oauth.token_answers import TokenAnswer, read_token_answer

__all__ = ["TokenAnswer", "exchange_code", "refresh", "request_token"]

# What a definition's own parameters never replace.
RESERVED = {
    *("code", "redirect_uri", "code_verifier", "refresh_token", "assertion"),
    *("client_id", "client_secret", "client_assertion", "client_assertion_type"),
}


def exchange_code(
    provider: Provider,
    client: Client,
    *,
    code: str,
    redirect_uri: str,
    code_verifier: str | None = None,
    nonce: str | None = None,
    send: Send,
    now: datetime,
) -> TokenAnswer:
    """Trade a code for tokens. `id_claims` are checked, and empty where nobody vouches for them.

    `nonce` is the one that the browser was sent with; then an id token must come back where the
    provider's issuer is known. Raises OAuthError.
    """
    provider = discovery.completed(provider, send=send)
    params = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": code_verifier or "",
        "resource": provider.resource,
    }
    found = request_token(provider, client, params=params, send=send, now=now)
    claims = id_tokens.claims_of(
        found.id_token,
        provider=provider,
        client_id=client.client_id,
        nonce=nonce,
        send=send,
        now=now,
    )
    return replace(found, id_claims=claims, id_token="")


def refresh(
    provider: Provider,
    client: Client,
    *,
    refresh_token: str,
    scopes: Iterable[str] = (),
    send: Send,
    now: datetime,
) -> TokenAnswer:
    """New tokens of the same grant; an answer without a refresh token keeps the old one.

    Id tokens of a refresh are not read: who the account is was settled at consent. Raises
    OAuthError; `is_final` where the grant is gone.
    """
    provider = discovery.completed(provider, send=send)
    params = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "scope": provider.scope_separator.join(scopes),
        "resource": provider.resource,
    }
    found = request_token(provider, client, params=params, send=send, now=now, is_refresh=True)
    kept = found.refresh_token or refresh_token
    return replace(found, refresh_token=kept, id_token="")


def request_token(
    provider: Provider,
    client: Client | None,
    *,
    params: Mapping[str, str],
    send: Send,
    now: datetime,
    is_refresh: bool = False,
) -> TokenAnswer:
    """One call to the token endpoint; blank parameters are left out. Raises OAuthError.

    Without a client the parameters prove themselves.
    """
    own = provider.refresh_params if is_refresh else provider.token_params
    refresh_url = provider.refresh_url if is_refresh else ""
    url = refresh_url or provider.needed("token_url")
    proof = prove(client, provider, now) if client else Proof()
    sent = {name: value for name, value in params.items() if value}
    sent |= {name: value for name, value in own.items() if name not in RESERVED}
    request = post(url, {**sent, **proof.params}, proof, body_format=provider.token_format)
    answer = answers.call(request, send=send)
    return _read(answer, provider, now, is_refresh=is_refresh)


def _read(answer: Answer, provider: Provider, now: datetime, *, is_refresh: bool) -> TokenAnswer:
    if not 200 <= answer.status < 300:
        raise answers.refusal(answer, answer_format=provider.answer_format, now=now)
    members = answers.read_object(answer, answer_format=provider.answer_format)
    if error := answers.refusal_inside(members, answer, now):
        raise error
    return read_token_answer(members, provider, now, is_refresh=is_refresh)
