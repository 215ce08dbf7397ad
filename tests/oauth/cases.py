"""Methods, providers, clients and keys to test with."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

from connections.oauth.clients import Client
from connections.oauth.provider import Provider
from integrations.auth_methods import all_specs
from integrations.specs import MethodDefinition, Spec

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CLIENT = Client(client_id="an-id", client_secret="a-secret")
GRANT = {"access_token": "at-1", "token_type": "Bearer", "expires_in": 3600}


def method_of(kind: str, *own: Spec, **oauth: Any) -> MethodDefinition:
    specs = all_specs(kind, {}, (), own)
    return MethodDefinition(id="one", name="One", kind=kind, specs=specs, oauth=oauth)


def values_of(**values: Any) -> dict[str, dict[str, Any]]:
    """Names that begin with `config_` are configuration, the others credentials."""
    config = {name.removeprefix("config_"): v for name, v in values.items() if "config_" in name}
    return {
        "credentials": {name: v for name, v in values.items() if "config_" not in name},
        "config": config,
    }


def provider_at(url: str, **more: Any) -> Provider:
    return Provider(
        **{
            "authorization_url": f"{url}/authorize",
            "token_url": f"{url}/token",
            "client_auth": "basic",
            **more,
        }
    )


@cache
def rsa_pem(bits: int = 2048, number: int = 0) -> str:
    """A key of its own for each number."""
    return _pem(rsa.generate_private_key(65537, bits))


@cache
def ec_pem(curve: str = "secp256r1") -> str:
    curves = {"secp256r1": ec.SECP256R1, "secp384r1": ec.SECP384R1, "secp521r1": ec.SECP521R1}
    return _pem(ec.generate_private_key(curves[curve]()))


@cache
def ed25519_pem() -> str:
    return _pem(ed25519.Ed25519PrivateKey.generate())


def _pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_jwk(pem: str, **more: Any) -> dict[str, Any]:
    return {**RSAKey.import_key(pem).as_dict(private=False), "kid": "k1", **more}


def claims_of(issuer: str, **changed: Any) -> dict[str, Any]:
    """Claims of a good id token for CLIENT; None leaves one out."""
    seconds = int(NOW.timestamp())
    good = {
        "iss": issuer,
        "sub": "person-1",
        "aud": CLIENT.client_id,
        "exp": seconds + 300,
        "iat": seconds,
        "nonce": "a-nonce",
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def signed_with(pem: str, claims: dict[str, Any], **header: Any) -> str:
    whole = {"alg": "RS256", "kid": "k1", **header}
    key = RSAKey.import_key(pem)
    registry = JWSRegistry(algorithms=["RS256", "PS256"], strict_check_header=False)
    return jwt.encode(whole, claims, key, registry=registry)
