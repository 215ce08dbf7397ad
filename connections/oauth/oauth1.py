"""OAuth 1.0a: signed requests, and the three steps to a token (RFC 5849)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from connections.egress import Request, Send
from connections.oauth import answers
from connections.oauth.errors import OAuthError
from connections.oauth.provider import check_url
from connections.oauth.token_answers import LONGEST_TOKEN, TOKEN
from integrations.oauth1_signing import OAuth1Credentials, authorization


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1Token:
    """Temporary credentials, or those of a grant; `extra` is what else was answered."""

    token: str = field(repr=False)
    token_secret: str = field(repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


def signed(
    request: Request,
    credentials: OAuth1Credentials,
    *,
    now: datetime,
    nonce: str | None = None,
    more: Mapping[str, str] | None = None,
) -> Request:
    """The request with the `Authorization` header that proves it, in the place of any other.

    `more` are protocol parameters such as `oauth_callback`. Raises OAuthError `misconfigured`
    where it cannot be signed: an unknown method, or an address without a host.
    """
    try:
        header = authorization(request, credentials, now=now, nonce=nonce, more=more)
    except ValueError:
        raise OAuthError("misconfigured") from None
    kept = [pair for pair in request.headers if pair[0].lower() != "authorization"]
    return replace(request, headers=(*kept, ("Authorization", header)))


def request_temporary(
    url: str, consumer: OAuth1Credentials, *, callback: str, send: Send, now: datetime
) -> OAuth1Token:
    """Temporary credentials (section 2.1). Raises OAuthError."""
    more = {"oauth_callback": callback}
    found = _ask(url, consumer, more=more, send=send, now=now)
    if found.extra.get("oauth_callback_confirmed") != "true":
        # A provider of 1.0 without the a: its tokens can be fixed on a victim.
        raise OAuthError("unsupported")
    return found


def authorize_url(url: str, temporary: OAuth1Token) -> str:
    """Where to send the browser (section 2.2). Raises OAuthError `misconfigured`."""
    try:
        checked = check_url(url)
    except OAuthError:
        raise OAuthError("misconfigured") from None
    mark = "&" if "?" in checked else "?"
    return checked + mark + urlencode({"oauth_token": temporary.token})


def exchange_verifier(
    url: str,
    consumer: OAuth1Credentials,
    temporary: OAuth1Token,
    *,
    oauth_token: str,
    verifier: str,
    send: Send,
    now: datetime,
) -> OAuth1Token:
    """Token credentials (section 2.3) for the `oauth_token` and verifier that came back.

    Raises OAuthError; `rejected` where the browser brought another token than it left with.
    """
    if oauth_token != temporary.token:
        raise OAuthError("rejected")
    credentials = replace(consumer, token=temporary.token, token_secret=temporary.token_secret)
    return _ask(url, credentials, more={"oauth_verifier": verifier}, send=send, now=now)


def _ask(
    url: str,
    credentials: OAuth1Credentials,
    *,
    more: Mapping[str, str],
    send: Send,
    now: datetime,
) -> OAuth1Token:
    request = signed(Request(url=url, method="POST"), credentials, now=now, more=more)
    answer = answers.call(request, send=send)
    if not 200 <= answer.status < 300:
        raise answers.refusal(answer, answer_format="form", now=now)
    members = answers.read_form(answer)
    token, secret = members.pop("oauth_token", ""), members.pop("oauth_token_secret", "")
    if not all(TOKEN.fullmatch(text) and len(text) <= LONGEST_TOKEN for text in (token, secret)):
        raise OAuthError("bad_answer")
    return OAuth1Token(token=token, token_secret=secret, extra=members)
