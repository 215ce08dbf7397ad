"""How a client proves itself to a provider."""

from base64 import b64encode
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from connections.oauth.assertions import signed_assertion
from connections.oauth.clients import Client, prove
from connections.oauth.errors import OAuthError
from tests.oauth.cases import CLIENT, NOW, ec_pem, ed25519_pem, provider_at, rsa_pem

ODD = Client(client_id="s6BhdRkqt3", client_secret="a b:c%ü&")
URL = "https://as.example"
BROKEN = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"


def basic(text: str) -> tuple[tuple[str, str], ...]:
    return (("Authorization", "Basic " + b64encode(text.encode()).decode()),)


@pytest.mark.parametrize(
    ("declared", "client", "headers", "params"),
    [
        ("", CLIENT, basic("an-id:a-secret"), {}),
        ("basic", ODD, basic("s6BhdRkqt3:a b:c%ü&"), {}),
        ("basic_form_encoded", ODD, basic("s6BhdRkqt3:a+b%3Ac%25%C3%BC%26"), {}),
        ("post", CLIENT, (), {"client_id": "an-id", "client_secret": "a-secret"}),
        ("none", CLIENT, (), {"client_id": "an-id"}),
        ("basic", Client(client_id="public"), (), {"client_id": "public"}),
        (
            "basic",
            Client(client_id="x", client_secret="y", client_auth="post"),
            (),
            {"client_id": "x", "client_secret": "y"},
        ),
    ],
    ids=["default", "raw", "encoded", "post", "none", "no-secret", "client-decides"],
)
def test_client_authentication(
    declared: str, client: Client, headers: Any, params: dict[str, str]
) -> None:
    proof = prove(client, provider_at(URL, client_auth=declared), NOW)

    assert (proof.headers, proof.params) == (headers, params)


def test_basic_of_the_rfc() -> None:
    """RFC 6749, section 2.3.1."""
    client = Client(client_id="s6BhdRkqt3", client_secret="gX1fBat3bV")

    proof = prove(client, provider_at(URL, client_auth="basic_form_encoded"), NOW)

    assert proof.headers == (("Authorization", "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"),)


@pytest.mark.parametrize(
    ("pem", "algorithm", "kind"),
    [
        (rsa_pem(), "RS256", RSAKey),
        (ec_pem(), "ES256", ECKey),
        (ec_pem("secp384r1"), "ES384", ECKey),
        (ec_pem("secp521r1"), "ES512", ECKey),
        (ed25519_pem(), "EdDSA", OKPKey),
    ],
    ids=["rsa", "p256", "p384", "p521", "ed25519"],
)
def test_private_key_signs_an_assertion(pem: str, algorithm: str, kind: Any) -> None:
    """RFC 7523, section 2.2."""
    client = Client(client_id="an-id", private_key=pem, key_id="k9", client_auth="private_key_jwt")

    params = prove(client, provider_at(URL), NOW).params

    registry = JWSRegistry(algorithms=[algorithm])
    token = jwt.decode(params["client_assertion"], kind.import_key(pem), registry=registry)
    assert token.header == {"typ": "JWT", "alg": algorithm, "kid": "k9"}
    assert {name: token.claims[name] for name in ("iss", "sub", "aud")} == {
        "iss": "an-id",
        "sub": "an-id",
        "aud": f"{URL}/token",
    }
    seconds = int(NOW.timestamp())
    assert seconds < token.claims["exp"] <= seconds + 180
    assert seconds - 60 < token.claims["iat"] <= seconds
    assert len(token.claims["jti"]) >= 32
    assert params["client_assertion_type"].endswith(":jwt-bearer")
    assert params["client_id"] == "an-id"


def test_every_assertion_has_an_id_of_its_own() -> None:
    assertions = {signed_assertion(ed25519_pem(), {}, now=NOW) for _ in range(3)}

    assert len(assertions) == 3


@pytest.mark.parametrize(
    ("client", "declared"),
    [
        (Client(client_id="", client_secret="x"), "basic"),
        (CLIENT, "tls_client_auth"),
        (CLIENT, "private_key_jwt"),
        (Client(client_id="x", private_key="no key"), "private_key_jwt"),
        (Client(client_id="x", private_key=BROKEN), "private_key_jwt"),
    ],
    ids=["no-id", "unknown-way", "no-key", "no-pem", "broken-pem"],
)
def test_client_that_cannot_prove_itself_is_misconfigured(client: Client, declared: str) -> None:
    with pytest.raises(OAuthError) as caught:
        prove(client, provider_at(URL, client_auth=declared), NOW)

    assert caught.value.cause == "misconfigured"
    assert caught.value.__cause__ is None


def test_algorithm_that_the_key_cannot_is_misconfigured() -> None:
    with pytest.raises(OAuthError) as caught:
        signed_assertion(ec_pem(), {}, now=NOW, algorithm="RS256")

    assert caught.value.cause == "misconfigured"


def test_secrets_are_not_signed_with_as_if_they_were_keys() -> None:
    with pytest.raises(OAuthError):
        signed_assertion(rsa_pem(), {}, now=NOW, algorithm="HS256")
