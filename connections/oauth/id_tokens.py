"""Id tokens: who consented, as the provider signed it (OpenID Connect Core, section 3.1.3.7)."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from connections.egress import Send
from connections.oauth import discovery, metadata
from connections.oauth.errors import OAuthError
from connections.oauth.provider import Provider

LONGEST_ID_TOKEN = 65_536
MOST_KEYS = 100
LEEWAY_SECONDS = 60
LEAST_RSA_BITS = 2048
# Signatures with a public key only: a shared secret would be one that everybody can read.
VERIFIED = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
)
KEY_TYPES: Mapping[str, type[RSAKey | ECKey | OKPKey]] = {
    "RSA": RSAKey,
    "EC": ECKey,
    "OKP": OKPKey,
}

PublicKey = RSAKey | ECKey | OKPKey


def claims_of(
    id_token: str,
    *,
    provider: Provider,
    client_id: str,
    nonce: str | None,
    send: Send,
    now: datetime,
) -> Mapping[str, Any]:
    """The checked claims of an id token.

    Empty where none was asked for (no `nonce`), or where the issuer is not known and nobody could
    check it. Raises OAuthError `bad_answer` for a token that is missing or does not hold.
    """
    if not nonce or not provider.issuer:
        return {}
    if not id_token or len(id_token) > LONGEST_ID_TOKEN:
        raise OAuthError("bad_answer")
    header = _header(id_token)
    provider = discovery.completed(provider, send=send, needs=("jwks_uri",))
    keys = _keys(provider, send=send)
    claims = _verified(id_token, _key_for(header, keys))
    _check_claims(claims, issuer=provider.issuer, client_id=client_id, nonce=nonce, now=now)
    return claims


def _header(id_token: str) -> dict[str, Any]:
    """The header, before anything is fetched for it: extensions and odd algorithms end here."""
    try:
        part = id_token.partition(".")[0]
        header = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise OAuthError("bad_answer") from None
    if not isinstance(header, dict) or "crit" in header or header.get("alg") not in VERIFIED:
        raise OAuthError("bad_answer")
    return header


def _keys(provider: Provider, *, send: Send) -> list[PublicKey]:
    """The public keys that the provider signs with (RFC 7517, section 5)."""
    if not provider.jwks_uri:
        raise OAuthError("bad_answer")
    document = metadata.fetch_document(provider.jwks_uri, send=send) or {}
    listed = document.get("keys")
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise OAuthError("bad_answer")
    found = [_public_key(entry) for entry in listed]
    return [key for key in found if key is not None]


def _public_key(entry: Any) -> PublicKey | None:
    """None for what is no key to verify with: unknown types, shared secrets, short RSA keys."""
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    members = {name: value for name, value in entry.items() if name in PUBLIC_MEMBERS}
    try:
        key = KEY_TYPES[entry["kty"]].import_key(members)
        is_short = isinstance(key, RSAKey) and key.public_key.key_size < LEAST_RSA_BITS
    except (JoseError, ValueError, TypeError, LookupError, OverflowError, AttributeError):
        return None
    return None if is_short else key


PUBLIC_MEMBERS = {"kty", "kid", "alg", "n", "e", "crv", "x", "y"}


def _key_for(header: Mapping[str, Any], keys: list[PublicKey]) -> PublicKey:
    """The key that the header names; without a name, the only one there is."""
    fitting = [
        key for key in keys if "kid" not in header or key.as_dict().get("kid") == header["kid"]
    ]
    if len(fitting) != 1:
        raise OAuthError("bad_answer")
    return fitting[0]


def _verified(id_token: str, key: PublicKey) -> dict[str, Any]:
    registry = JWSRegistry(algorithms=list(VERIFIED))
    try:
        return jwt.decode(id_token, key, registry=registry).claims
    except (JoseError, ValueError, TypeError, RecursionError):
        raise OAuthError("bad_answer") from None


def _check_claims(
    claims: dict[str, Any], *, issuer: str, client_id: str, nonce: str, now: datetime
) -> None:
    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        rules.validate(claims)
    except (JoseError, ValueError, TypeError):
        raise OAuthError("bad_answer") from None
    # The registry takes a list that holds the value; this one is one text.
    is_asked = claims.get("nonce") == nonce
    is_shared = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if not is_asked or claims.get("azp", None if is_shared else client_id) != client_id:
        raise OAuthError("bad_answer")
