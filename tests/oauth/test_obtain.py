"""Tokens that need no person: what is sent for them, by kind and by grant."""

import json
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from connections.oauth.errors import OAuthError
from connections.oauth.obtain import JWT_BEARER, obtain_token, obtains_token
from connections.oauth.tokens import TokenAnswer
from integrations.specs import MethodDefinition, Spec
from tests.oauth.cases import GRANT, NOW, method_of, rsa_pem, values_of
from tests.oauth.scripted import Scripted, answer, quick_send

CREDENTIALS = {"client_id": "an-id", "client_secret": "a-secret"}
CLIENT_FIELDS = (
    Spec(key="client_id", secure=False, required=False),
    Spec(key="client_secret", type="password", required=False),
)


def obtained(method: MethodDefinition, **values: Any) -> TokenAnswer:
    return obtain_token(method, values_of(**values), send=quick_send(), now=NOW)


def claims_in(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    token = jwt.decode(assertion, RSAKey.import_key(rsa_pem()), algorithms=["RS256"])
    return token.header, token.claims


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (method_of("oauth2_client_credentials", token_url="https://a.example"), True),
        (method_of("jwt"), True),
        (method_of("jwt", token_url="https://a.example"), True),
        (method_of("service_account", token_url="https://a.example"), True),
        (method_of("basic", grant="password", token_url="https://a.example"), True),
        (method_of("oauth2", token_url="https://a.example"), False),
        (method_of("basic"), False),
        (method_of("oauth1"), False),
        (method_of("none"), False),
    ],
    ids=lambda found: found.kind if isinstance(found, MethodDefinition) else str(found),
)
def test_which_methods_obtain_their_tokens(method: MethodDefinition, expected: bool) -> None:
    assert obtains_token(method) is expected


def test_client_credentials(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT)
    method = method_of(
        "oauth2_client_credentials", token_url=f"{server.url}/token", default_scopes=["a", "b"]
    )

    found = obtained(method, **CREDENTIALS)

    assert (found.access_token, found.refresh_token) == ("at-1", "")
    assert found.expires_at == NOW + timedelta(hours=1)
    assert server.last.form == {"grant_type": "client_credentials", "scope": "a b"}
    assert server.last.headers["authorization"].startswith("Basic ")


def test_scopes_of_the_connection_go_before_those_of_the_definition(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT)
    method = method_of(
        "oauth2_client_credentials", token_url=f"{server.url}/token", default_scopes=["a"]
    )

    obtained(method, **CREDENTIALS, scope=["x", "y"])

    assert server.last.form["scope"] == "x y"


def test_definition_names_a_grant_of_its_own(server: Scripted) -> None:
    """Zoom's server-to-server apps."""
    server.answers["/token"] = answer(GRANT)
    account = Spec(key="account_id", target="config", secure=False)
    method = method_of(
        "oauth2_client_credentials",
        account,
        token_url=f"{server.url}/token",
        token_params={"grant_type": "account_credentials", "account_id": "{account_id}"},
    )

    obtained(method, **CREDENTIALS, config_account_id="acc")

    assert server.last.form == {"grant_type": "account_credentials", "account_id": "acc"}


def test_client_with_a_private_key(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT)
    key = Spec(key="private_key", type="pem")
    method = method_of(
        "oauth2_client_credentials",
        key,
        token_url=f"{server.url}/token",
        client_auth="private_key_jwt",
        assertion_audience="https://as.example",
    )

    obtained(method, client_id="an-id", private_key=rsa_pem())

    _header, claims = claims_in(server.last.form["client_assertion"])
    assert (claims["iss"], claims["aud"]) == ("an-id", "https://as.example")
    assert "client_secret" not in server.last.form


def test_password(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT)
    method = method_of(
        "basic",
        *CLIENT_FIELDS,
        grant="password",
        token_url=f"{server.url}/token",
        client_auth="post",
    )

    obtained(method, username="ann", password="p w", **CREDENTIALS)

    assert server.last.form == {
        "grant_type": "password",
        "username": "ann",
        "password": "p w",
        "client_id": "an-id",
        "client_secret": "a-secret",
    }


def test_password_without_a_client(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT)
    method = method_of("basic", grant="password", token_url=f"{server.url}/token")

    obtained(method, username="ann", password="pw")

    assert "authorization" not in server.last.headers
    assert set(server.last.form) == {"grant_type", "username", "password"}


def test_assertion_is_traded(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT)
    user = Spec(key="user", target="config", secure=False)
    method = method_of(
        "jwt",
        user,
        token_url=f"{server.url}/token",
        assertion_subject="{user}",
        assertion_claims={"org": "{user}-org"},
        default_scopes=["signature"],
    )

    found = obtained(method, issuer="me", private_key=rsa_pem(), key_id="k9", config_user="ann")

    assert found.access_token == "at-1"
    assert server.last.form["grant_type"] == JWT_BEARER
    assert server.last.form["scope"] == "signature"
    header, claims = claims_in(server.last.form["assertion"])
    assert header == {"typ": "JWT", "alg": "RS256", "kid": "k9"}
    assert {name: claims[name] for name in ("iss", "sub", "aud", "org")} == {
        "iss": "me",
        "sub": "ann",
        "aud": f"{server.url}/token",
        "org": "ann-org",
    }


def test_assertion_that_nobody_trades_is_the_token(server: Scripted) -> None:
    found = obtained(method_of("jwt"), issuer="12345", private_key=rsa_pem())

    header, claims = claims_in(found.access_token)
    assert header == {"typ": "JWT", "alg": "RS256"}
    assert set(claims) == {"iss", "iat", "exp", "jti"}
    assert claims["iss"] == "12345"
    assert found.expires_at == NOW + timedelta(seconds=540)
    assert claims["exp"] == int(found.expires_at.timestamp())
    # GitHub refuses what ends more than ten minutes after it was issued.
    assert claims["exp"] - claims["iat"] <= 600
    assert server.heard == []


def test_key_that_was_copied_out_of_json_signs(server: Scripted) -> None:
    pem = rsa_pem().replace("\n", "\\n")

    found = obtained(method_of("jwt"), issuer="12345", private_key=pem)

    assert claims_in(found.access_token)


SERVICE_ACCOUNT = {
    "type": "service_account",
    "client_email": "robot@project.iam.gserviceaccount.com",
    "private_key_id": "k7",
    "token_uri": "https://oauth2.googleapis.com/elsewhere",
}


def test_service_account(server: Scripted) -> None:
    server.answers["/token"] = answer(GRANT)
    method = method_of(
        "service_account",
        token_url=f"{server.url}/token",
        default_scopes=["https://g/a", "https://g/b"],
    )

    found = obtained(method, service_account={**SERVICE_ACCOUNT, "private_key": rsa_pem()})

    assert found.access_token == "at-1"
    assert set(server.last.form) == {"grant_type", "assertion"}
    header, claims = claims_in(server.last.form["assertion"])
    assert header["kid"] == "k7"
    assert {name: claims[name] for name in ("iss", "aud", "scope")} == {
        "iss": "robot@project.iam.gserviceaccount.com",
        "aud": f"{server.url}/token",
        "scope": "https://g/a https://g/b",
    }


def test_provider_is_found_by_its_issuer(server: Scripted) -> None:
    server.answers["/.well-known/oauth-authorization-server"] = answer(
        {"issuer": server.url, "token_endpoint": f"{server.url}/token"}
    )
    server.answers["/token"] = answer(GRANT)
    method = method_of("oauth2_client_credentials", issuer=server.url)

    assert obtained(method, **CREDENTIALS).access_token == "at-1"


@pytest.mark.parametrize(
    ("method", "values"),
    [
        (method_of("oauth2_client_credentials", token_url="https://a.example"), {}),
        (method_of("oauth2_client_credentials"), CREDENTIALS),
        (method_of("basic", grant="password", token_url="https://a.example"), {"username": "a"}),
        (method_of("jwt"), {"issuer": "me"}),
        (method_of("jwt"), {"private_key": rsa_pem()}),
        (method_of("jwt"), {"issuer": "me", "private_key": "no key"}),
        (
            method_of("jwt", assertion_claims={"a": "{b}"}),
            {"issuer": "m", "private_key": rsa_pem()},
        ),
        (method_of("service_account", token_url="https://a.example"), {}),
        (
            method_of("service_account", token_url="https://a.example"),
            {"service_account": {"private_key": "no key"}},
        ),
        (method_of("service_account", token_url="https://a.example"), {"service_account": "text"}),
        (method_of("oauth2", token_url="https://a.example"), {"access_token": "a"}),
        (method_of("basic", grant="magic", token_url="https://a.example"), {}),
    ],
    ids=[
        *("no-client", "no-address", "no-password", "no-key", "no-issuer", "bad-key", "no-claim"),
        *("no-file", "bad-file", "file-of-text", "needs-a-person", "unknown-grant"),
    ],
)
def test_values_that_cannot_work_are_misconfigured_and_nothing_is_sent(
    server: Scripted, method: MethodDefinition, values: dict[str, Any]
) -> None:
    with pytest.raises(OAuthError) as caught:
        obtained(method, **values)

    assert caught.value.cause == "misconfigured"
    assert server.heard == []


def test_error_holds_nothing_of_the_values(server: Scripted) -> None:
    server.answers["/token"] = answer({"error": "invalid_client"}, status=401)
    method = method_of("oauth2_client_credentials", token_url=f"{server.url}/token")

    with pytest.raises(OAuthError) as caught:
        obtained(method, **CREDENTIALS)

    assert caught.value.cause == "invalid_client"
    assert "a-secret" not in json.dumps([str(caught.value), repr(caught.value)])
