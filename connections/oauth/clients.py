"""OAuth clients, and the ways in which one proves itself to a provider (RFC 6749, section 2.3)."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote_plus, urlencode

from connections.egress import Request
from connections.oauth.assertions import signed_assertion
from connections.oauth.errors import OAuthError
from connections.oauth.provider import Provider

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Services that say nothing mostly take Basic, with the secret as it is.
DEFAULT_CLIENT_AUTH = "basic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client id at a provider with a secret, or a private key in PEM, or neither.

    `client_auth` is how it proves itself, where it differs from the provider's way.
    `secret_expires_at` is when a registered secret ends; None: never.
    """

    client_id: str
    client_secret: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    key_id: str = ""
    client_auth: str = ""
    secret_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What authentication adds to a request."""

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)


def prove(client: Client, provider: Provider, now: datetime) -> Proof:
    """How this client authenticates a request to this provider.

    A client with neither secret nor key is a public one and sends its id only. Raises OAuthError
    `misconfigured` for a way that is not known, or that lacks what it needs.
    """
    way = client.client_auth or provider.client_auth or DEFAULT_CLIENT_AUTH
    if not client.client_secret and not client.private_key:
        way = "none"
    if not client.client_id or way not in CLIENT_AUTHENTICATIONS:
        raise OAuthError("misconfigured")
    return CLIENT_AUTHENTICATIONS[way](client, provider, now)


def _basic(client: Client, provider: Provider, now: datetime) -> Proof:
    return _basic_proof(client.client_id, client.client_secret)


def _basic_form_encoded(client: Client, provider: Provider, now: datetime) -> Proof:
    """RFC 6749, section 2.3.1 to the letter: encoded before they are joined."""
    return _basic_proof(quote_plus(client.client_id), quote_plus(client.client_secret))


def _basic_proof(name: str, secret: str) -> Proof:
    packed = b64encode(f"{name}:{secret}".encode()).decode()
    return Proof(headers=(("Authorization", f"Basic {packed}"),))


def _post(client: Client, provider: Provider, now: datetime) -> Proof:
    return Proof(params={"client_id": client.client_id, "client_secret": client.client_secret})


def _private_key_jwt(client: Client, provider: Provider, now: datetime) -> Proof:
    """RFC 7523, section 2.2."""
    claims = {
        "iss": client.client_id,
        "sub": client.client_id,
        "aud": provider.assertion_audience or provider.needed("token_url"),
    }
    assertion = signed_assertion(client.private_key, claims, key_id=client.key_id, now=now)
    return Proof(
        params={
            "client_id": client.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
    )


def _none(client: Client, provider: Provider, now: datetime) -> Proof:
    return Proof(params={"client_id": client.client_id})


CLIENT_AUTHENTICATIONS: Mapping[str, Callable[[Client, Provider, datetime], Proof]] = {
    "basic": _basic,
    "basic_form_encoded": _basic_form_encoded,
    "post": _post,
    "private_key_jwt": _private_key_jwt,
    "none": _none,
}


def post(url: str, params: Mapping[str, str], proof: Proof, *, body_format: str) -> Request:
    """A request to an endpoint that a client proves itself at."""
    content_type, body = BODIES[body_format](params)
    headers = (("Accept", "application/json"), ("Content-Type", content_type), *proof.headers)
    return Request(url=url, method="POST", headers=headers, body=body)


def _form_body(params: Mapping[str, str]) -> tuple[str, bytes]:
    return "application/x-www-form-urlencoded", urlencode(params).encode()


def _json_body(params: Mapping[str, str]) -> tuple[str, bytes]:
    return "application/json", json.dumps(params).encode()


BODIES: Mapping[str, Callable[[Mapping[str, str]], tuple[str, bytes]]] = {
    "form": _form_body,
    "json": _json_body,
}
