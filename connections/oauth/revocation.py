"""Giving a token back (RFC 7009)."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal

from django.utils import timezone

from connections.egress import Send
from connections.oauth import answers
from connections.oauth.clients import Client, Proof, post, prove
from connections.oauth.errors import OAuthError
from connections.oauth.provider import Provider

# A token that the provider does not know any more is as good as revoked.
GONE = {"invalid_token", "token_revoked", "invalid_grant"}


def revoke(
    provider: Provider,
    client: Client,
    *,
    token: str,
    hint: Literal["access_token", "refresh_token"],
    send: Send,
) -> None:
    """Raises OAuthError: `unsupported` where the provider has no place for it."""
    if not provider.revoke_url:
        raise OAuthError("unsupported")
    now = timezone.now()
    proof = REVOKE_AUTHS[provider.revoke_auth](provider, client, token, now)
    params = {"token": token, "token_type_hint": hint, **proof.params}
    request = post(provider.revoke_url, params, proof, body_format=provider.revoke_format)
    answer = answers.call(request, send=send)
    members: dict[str, Any] = {}
    if answer.status < 500:
        with suppress(OAuthError):
            members = answers.read_object(answer)
    if answers.error_code(members) in GONE:
        return
    if not 200 <= answer.status < 300:
        raise answers.refusal(answer)
    # Most answer with nothing at all.
    if error := answers.refusal_inside(members, answer, now):
        raise error


def _by_client(provider: Provider, client: Client, token: str, now: datetime) -> Proof:
    return prove(client, provider, now)


def _by_token(provider: Provider, client: Client, token: str, now: datetime) -> Proof:
    """The token revokes itself."""
    return Proof(headers=(("Authorization", f"Bearer {token}"),))


REVOKE_AUTHS: Mapping[str, Callable[[Provider, Client, str, datetime], Proof]] = {
    "client": _by_client,
    "token": _by_token,
}
