"""Providers found by an address alone: metadata, protected resources, registration.

RFC 8414, OpenID Connect Discovery 1.0, RFC 9728, RFC 7591; in this way MCP servers are connected.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from connections.egress import Answer, Request, Send
from connections.oauth import answers, metadata
from connections.oauth.clients import Client
from connections.oauth.errors import OAuthError
from connections.oauth.provider import Provider, check_url, with_endpoints
from connections.oauth.token_answers import LONGEST_TOKEN, TOKEN

OAUTH_METADATA = "oauth-authorization-server"
OPENID_METADATA = "openid-configuration"
RESOURCE_METADATA = "oauth-protected-resource"
MOST_SERVERS = 10
LONGEST_CLIENT_ID = 500
LONGEST_CHALLENGE = 8_192
QUOTED = re.compile(r'[\s,]([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s",]+))', re.IGNORECASE)
# A first message of the protocol, without credentials: its refusal says whom to ask.
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "Mielto Connections", "version": "1"},
    },
}


def discover(issuer: str, *, send: Send) -> Provider:
    """The provider that calls itself by this issuer.

    Raises OAuthError: `unsupported` where it publishes no metadata, `bad_answer` for those of
    another issuer or with addresses that will not do.
    """
    if "?" in check_url(issuer):
        raise OAuthError("bad_answer")
    for url in _metadata_urls(issuer):
        document = metadata.fetch_document(url, send=send)
        if document is not None:
            return metadata.read_provider(document, issuer)
    raise OAuthError("unsupported")


def _metadata_urls(issuer: str) -> Iterable[str]:
    """OpenID's own place comes last: it is the same as the second without a path."""
    yield metadata.well_known(issuer, OAUTH_METADATA)
    if urlsplit(issuer).path.strip("/"):
        yield metadata.well_known(issuer, OPENID_METADATA)
    yield metadata.well_known(issuer, OPENID_METADATA, is_appended=True)


def completed(provider: Provider, *, send: Send, needs: Iterable[str] = ("token_url",)) -> Provider:
    """The provider with the addresses that its issuer publishes, where those named are missing.

    What a definition says stays. Raises OAuthError like `discover`.
    """
    if not provider.issuer or all(getattr(provider, name) for name in needs):
        return provider
    found = discover(provider.issuer, send=send)
    return replace(with_endpoints(provider, **found.endpoints), issuer=found.issuer)


def discover_resource(url: str, *, send: Send) -> tuple[Provider, str]:
    """Who gives tokens for the resource at this address, and what it calls itself there.

    A resource without metadata is taken to be its own provider, as older MCP servers are. Raises
    OAuthError: `unsupported` where nobody says how to sign in, or PKCE is not offered.
    """
    challenge = _challenge(url, send=send)
    document = _resource_document(url, challenge, send=send)
    if document is None:
        provider, resource = discover(_origin(url), send=send), url
    else:
        resource = _checked_resource(document, url)
        provider = discover(_first_server(document), send=send)
    scopes = _scopes(challenge, document or {}, provider)
    found = replace(provider, resource=resource, default_scopes=scopes)
    if not found.pkce or not found.authorization_url or not found.token_url:
        raise OAuthError("unsupported")
    return found, resource


def _challenge(url: str, *, send: Send) -> Mapping[str, str]:
    """The parameters of the `WWW-Authenticate` of a refused call (RFC 9728, section 5.1)."""
    headers = (
        ("Accept", "application/json, text/event-stream"),
        ("Content-Type", "application/json"),
    )
    body = json.dumps(HELLO).encode()
    request = Request(url=check_url(url), method="POST", headers=headers, body=body)
    answer = answers.call(request, send=send)
    if answer.status == 429 or answer.status >= 500:
        raise answers.refusal(answer)
    return _parameters(answer) if answer.status in (401, 403) else {}


def _parameters(answer: Answer) -> Mapping[str, str]:
    text = answer.headers.get("www-authenticate", "")[:LONGEST_CHALLENGE]
    return {
        match[1].lower(): match[2] if match[2] is not None else match[3]
        for match in QUOTED.finditer(text)
    }


def _resource_document(
    url: str, challenge: Mapping[str, str], *, send: Send
) -> dict[str, Any] | None:
    if named := challenge.get("resource_metadata"):
        found = metadata.fetch_document(check_url(named), send=send)
        if found is None:
            raise OAuthError("bad_answer")
        return found
    places = (metadata.well_known(place, RESOURCE_METADATA) for place in (url, _origin(url)))
    for place in dict.fromkeys(places):
        found = metadata.fetch_document(place, send=send)
        if found is not None:
            return found
    return None


def _checked_resource(document: Mapping[str, Any], url: str) -> str:
    """RFC 9728, section 3.3: metadata about another resource would fetch tokens for that one.

    Equal, or the same server with a path above: servers name themselves so for all they offer.
    """
    resource = check_url(document.get("resource"))
    here, named = urlsplit(url), urlsplit(resource)
    above = named.path.rstrip("/")
    is_above = not named.query and (here.path == above or here.path.startswith(f"{above}/"))
    is_same = metadata.is_same_place(resource, url)
    if not is_same and (_origin(resource) != _origin(url) or not is_above):
        raise OAuthError("bad_answer")
    return resource


def _first_server(document: Mapping[str, Any]) -> str:
    servers = metadata.words(document, "authorization_servers", [])
    if len(servers) > MOST_SERVERS:
        raise OAuthError("bad_answer")
    if not servers:
        raise OAuthError("unsupported")
    return servers[0]


def _scopes(
    challenge: Mapping[str, str], document: Mapping[str, Any], provider: Provider
) -> tuple[str, ...]:
    """What the refusal asks for, else what the resource knows; never all that the provider has."""
    asked = challenge.get("scope", "").split() or metadata.words(document, "scopes_supported", [])
    return tuple(scope for scope in asked if TOKEN.fullmatch(scope))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def register(provider: Provider, *, redirect_uri: str, client_name: str, send: Send) -> Client:
    """A client of our own at a provider that lets anyone register (RFC 7591, section 3).

    Raises OAuthError: `unsupported` where it does not, `rejected` where it does not want us.
    """
    if not provider.registration_url:
        raise OAuthError("unsupported")
    asked = next(
        (theirs for theirs, ours in metadata.CLIENT_AUTHS.items() if ours == provider.client_auth),
        "client_secret_basic",
    )
    wishes = {
        "client_name": client_name,
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": asked,
        "scope": " ".join(provider.default_scopes),
    }
    sent = {name: value for name, value in wishes.items() if value}
    answer = answers.call(_registration(provider, sent), send=send)
    if answer.status not in (200, 201):
        raise answers.refusal(answer)
    return _read_client(answers.read_object(answer), asked)


def _registration(provider: Provider, wishes: Mapping[str, Any]) -> Request:
    headers = (("Accept", "application/json"), ("Content-Type", "application/json"))
    body = json.dumps(wishes).encode()
    return Request(url=provider.registration_url, method="POST", headers=headers, body=body)


def _read_client(members: Mapping[str, Any], asked: str) -> Client:
    given = members.get("token_endpoint_auth_method") or asked
    client_id, secret = members.get("client_id"), members.get("client_secret") or ""
    is_id = isinstance(client_id, str) and TOKEN.fullmatch(client_id)
    is_secret = isinstance(secret, str) and len(secret) <= LONGEST_TOKEN and secret.isprintable()
    if not is_id or len(str(client_id)) > LONGEST_CLIENT_ID or not is_secret:
        raise OAuthError("bad_answer")
    if not isinstance(given, str) or given not in metadata.CLIENT_AUTHS:
        raise OAuthError("unsupported")
    return Client(
        client_id=str(client_id),
        client_secret=secret,
        client_auth=metadata.CLIENT_AUTHS[given] if secret else "none",
        secret_expires_at=_secret_end(members.get("client_secret_expires_at")),
    )


def _secret_end(value: Any) -> datetime | None:
    """Seconds since 1970; 0 says that it does not end (RFC 7591, section 3.2.1)."""
    if not value:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise OAuthError("bad_answer") from None
