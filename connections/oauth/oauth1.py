"""OAuth 1.0a: signed requests, and the three steps to a token (RFC 5849)."""

import hmac
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth1.rfc5849.signature import normalize_base_string_uri, normalize_parameters
from authlib.oauth1.rfc5849.util import escape

from connections.egress import Request, Send
from connections.oauth import answers
from connections.oauth.errors import OAuthError
from connections.oauth.provider import check_url
from connections.oauth.token_answers import LONGEST_TOKEN, TOKEN

FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1Credentials:
    """A consumer and, once there is one, its token; blank until then."""

    consumer_key: str
    consumer_secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    token_secret: str = field(default="", repr=False)
    signature_method: str = "HMAC-SHA1"


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
    """The request with the `Authorization` header that proves it (section 3).

    `more` are protocol parameters such as `oauth_callback`. The parameters of the query and of a
    form in the body are signed. Raises OAuthError `misconfigured` for an unknown method.
    """
    if credentials.signature_method not in SIGNATURES:
        raise OAuthError("misconfigured")
    protocol = {
        "oauth_consumer_key": credentials.consumer_key,
        "oauth_token": credentials.token,
        "oauth_signature_method": credentials.signature_method,
        "oauth_timestamp": str(int(now.timestamp())),
        "oauth_nonce": nonce or secrets.token_urlsafe(16),
        "oauth_version": "1.0",
        **(more or {}),
    }
    protocol = {name: value for name, value in protocol.items() if value}
    text = base_string(request, protocol)
    protocol["oauth_signature"] = SIGNATURES[credentials.signature_method](text, _key(credentials))
    header = ", ".join(f'{escape(name)}="{escape(value)}"' for name, value in protocol.items())
    kept = [pair for pair in request.headers if pair[0].lower() != "authorization"]
    return replace(request, headers=(*kept, ("Authorization", f"OAuth {header}")))


def base_string(request: Request, protocol: Mapping[str, str]) -> str:
    """What is signed (section 3.4.1)."""
    query = urlsplit(request.url).query
    pairs = [*parse_qsl(query, keep_blank_values=True), *_form(request), *protocol.items()]
    parts = (
        request.method.upper(),
        normalize_base_string_uri(request.url),
        normalize_parameters(pairs),
    )
    return "&".join(map(escape, parts))


def _form(request: Request) -> list[tuple[str, str]]:
    types = [value for name, value in request.headers if name.lower() == "content-type"]
    if not any(value.partition(";")[0].strip().lower() == FORM_TYPE for value in types):
        return []
    return parse_qsl(request.body.decode(), keep_blank_values=True)


def _key(credentials: OAuth1Credentials) -> bytes:
    secrets_ = (credentials.consumer_secret, credentials.token_secret)
    return "&".join(map(escape, secrets_)).encode()


def _with_hmac(digest: str) -> Callable[[str, bytes], str]:
    def sign(text: str, key: bytes) -> str:
        return b64encode(hmac.digest(key, text.encode(), digest)).decode()

    return sign


def _plaintext(text: str, key: bytes) -> str:
    return key.decode()


SIGNATURES: Mapping[str, Callable[[str, bytes], str]] = {
    "HMAC-SHA1": _with_hmac("sha1"),
    "HMAC-SHA256": _with_hmac("sha256"),
    "PLAINTEXT": _plaintext,
}


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
