"""JWTs that are signed here: what a client or a service account proves itself with (RFC 7523)."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from connections.oauth.errors import OAuthError

# Salesforce takes three minutes at most; clocks differ.
ASSERTION_SECONDS = 150
BACKDATED_SECONDS = 20
CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
SIGNING = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
)

SigningKey = RSAKey | ECKey | OKPKey


def signed_assertion(
    private_key: str,
    claims: Mapping[str, Any],
    *,
    now: datetime,
    key_id: str = "",
    algorithm: str = "",
    seconds: int = ASSERTION_SECONDS,
) -> str:
    """A JWT that is good for `seconds` from now; `private_key` is PEM without a passphrase.

    `iat`, `exp` and `jti` are added. The algorithm follows the key unless one is named. Raises
    OAuthError `misconfigured` for a key that cannot sign so.
    """
    key, usual = _signing_key(private_key)
    issued = int(now.timestamp())
    times = {"iat": issued - BACKDATED_SECONDS, "exp": issued + seconds, "jti": _new_id()}
    header = {"alg": algorithm or usual, **({"kid": key_id} if key_id else {})}
    try:
        registry = JWSRegistry(algorithms=list(SIGNING))
        return jwt.encode(header, {**times, **claims}, key, registry=registry)
    except (JoseError, ValueError, TypeError):
        raise OAuthError("misconfigured") from None


def _new_id() -> str:
    return secrets.token_urlsafe(24)


def _signing_key(private_key: str) -> tuple[SigningKey, str]:
    pem = private_key.encode()
    try:
        parsed = load_pem_private_key(pem, password=None)
        if isinstance(parsed, RSAPrivateKey):
            return RSAKey.import_key(pem), "RS256"
        if isinstance(parsed, EllipticCurvePrivateKey):
            return ECKey.import_key(pem), CURVES[parsed.curve.name]
        if isinstance(parsed, Ed25519PrivateKey):
            return OKPKey.import_key(pem), "EdDSA"
    except (ValueError, TypeError, LookupError, JoseError):
        raise OAuthError("misconfigured") from None
    except Exception:  # noqa: BLE001 - a parser of keys has errors of its own, which quote keys
        raise OAuthError("misconfigured") from None
    raise OAuthError("misconfigured")
