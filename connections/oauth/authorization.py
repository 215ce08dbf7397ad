"""The way through the browser: the address to send a person to, and what comes back."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import urlencode, urlsplit, urlunsplit

from connections.oauth.clients import Client
from connections.oauth.errors import OAuthError
from connections.oauth.provider import Provider, check_url


def new_verifier() -> str:
    """256 random bits in 43 characters (RFC 7636, section 4.1)."""
    return secrets.token_urlsafe(32)


def new_nonce() -> str:
    """Ties an id token to one authorization (OpenID Connect Core, section 15.5.2)."""
    return secrets.token_urlsafe(24)


def needs_nonce(provider: Provider, scopes: Iterable[str]) -> bool:
    """Whether to ask for an id token: OpenID is wanted, and its issuer is known to check it."""
    return bool(provider.issuer) and "openid" in scopes


def challenge_of(verifier: str) -> str:
    """S256 (RFC 7636, section 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()


def authorization_url(
    provider: Provider,
    client: Client,
    *,
    redirect_uri: str,
    state: str,
    scopes: Iterable[str] = (),
    code_challenge: str | None = None,
    nonce: str | None = None,
) -> str:
    """Where to send the browser (RFC 6749, section 4.1.1).

    The definition's own parameters never replace those of the protocol. Raises OAuthError
    `misconfigured` for an address that no browser may be sent to.
    """
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        provider.scope_param: provider.scope_separator.join(scopes),
        "state": state,
        "resource": provider.resource,
        "nonce": nonce or "",
    }
    if code_challenge:
        asked |= {"code_challenge": code_challenge, "code_challenge_method": "S256"}
    sent = {name: value for name, value in asked.items() if value}
    return _with_query(_browser_address(provider), {**provider.authorize_params, **sent})


def _browser_address(provider: Provider) -> str:
    try:
        return check_url(provider.needed("authorization_url"))
    except OAuthError:
        raise OAuthError("misconfigured") from None


def _with_query(url: str, params: dict[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(params))))
    return urlunsplit(parts._replace(query=query))


def check_issuer(provider: Provider, iss: str | None) -> None:
    """Compare the `iss` that came back with the browser (RFC 9207, section 2.4).

    Raises OAuthError `rejected` where it is another's, or missing though it was promised.
    """
    if iss is None:
        if provider.sends_issuer:
            raise OAuthError("rejected")
        return
    if provider.issuer and iss != provider.issuer:
        raise OAuthError("rejected")
