"""Providers and resources found by an address alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connections.oauth.clients import Client
from connections.oauth.discovery import completed, discover, discover_resource, register
from connections.oauth.errors import OAuthError
from connections.oauth.provider import Provider
from connections.oauth.tokens import exchange_code
from tests.oauth.cases import CLIENT, GRANT, NOW, claims_of, public_jwk, rsa_pem, signed_with
from tests.oauth.scripted import Scripted, answer, http, quick_send

OAUTH = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"
RESOURCE = "/.well-known/oauth-protected-resource"
BACK = "https://here.example/oauth/callback"


def metadata(server: Scripted, issuer: str, **more: Any) -> bytes:
    members = {
        "issuer": issuer,
        "authorization_endpoint": f"{server.url}/authorize",
        "token_endpoint": f"{server.url}/token",
        "revocation_endpoint": f"{server.url}/revoke",
        "registration_endpoint": f"{server.url}/register",
        "jwks_uri": f"{server.url}/keys",
        "code_challenge_methods_supported": ["S256"],
        **more,
    }
    return answer({name: value for name, value in members.items() if value is not None})


def paths(server: Scripted) -> list[str]:
    return [heard.path for heard in server.heard]


def test_metadata_become_a_provider(server: Scripted) -> None:
    server.answers[OAUTH] = metadata(
        server, server.url, authorization_response_iss_parameter_supported=True
    )

    assert discover(server.url, send=quick_send()) == Provider(
        authorization_url=f"{server.url}/authorize",
        token_url=f"{server.url}/token",
        revoke_url=f"{server.url}/revoke",
        registration_url=f"{server.url}/register",
        jwks_uri=f"{server.url}/keys",
        issuer=server.url,
        client_auth="basic_form_encoded",
        sends_issuer=True,
    )


@pytest.mark.parametrize(
    ("path", "place", "asked"),
    [
        ("", OAUTH, [OAUTH]),
        ("", OPENID, [OAUTH, OPENID]),
        ("/", OAUTH, [OAUTH]),
        ("/t1", f"{OAUTH}/t1", [f"{OAUTH}/t1"]),
        ("/t1", f"{OPENID}/t1", [f"{OAUTH}/t1", f"{OPENID}/t1"]),
        ("/t1", f"/t1{OPENID}", [f"{OAUTH}/t1", f"{OPENID}/t1", f"/t1{OPENID}"]),
    ],
    ids=["root", "root-openid", "slash", "inserted", "inserted-openid", "appended"],
)
def test_metadata_are_looked_for_in_their_places(
    server: Scripted, path: str, place: str, asked: list[str]
) -> None:
    """RFC 8414, sections 3.1 and 5."""
    issuer = server.url + path
    server.answers[place] = metadata(server, issuer)

    assert discover(issuer, send=quick_send()).issuer == issuer
    assert paths(server) == asked


def test_slash_after_the_host_makes_no_other_issuer(server: Scripted) -> None:
    server.answers[OAUTH] = metadata(server, server.url + "/")

    assert discover(server.url, send=quick_send()).issuer == server.url + "/"


def test_slash_after_a_path_makes_another_issuer(server: Scripted) -> None:
    server.answers[f"{OAUTH}/t1"] = metadata(server, f"{server.url}/t1/")

    with pytest.raises(OAuthError) as caught:
        discover(f"{server.url}/t1", send=quick_send())

    assert caught.value.cause == "bad_answer"


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (None, "basic_form_encoded"),
        (["client_secret_post", "none"], "post"),
        (["none"], "none"),
        (["private_key_jwt"], "private_key_jwt"),
        (["tls_client_auth"], ""),
    ],
    ids=str,
)
def test_client_authentication_is_one_that_the_provider_offers(
    server: Scripted, offered: Any, expected: str
) -> None:
    server.answers[OAUTH] = metadata(
        server, server.url, token_endpoint_auth_methods_supported=offered
    )

    assert discover(server.url, send=quick_send()).client_auth == expected


def test_provider_that_publishes_nothing_is_unsupported(server: Scripted) -> None:
    with pytest.raises(OAuthError) as caught:
        discover(server.url, send=quick_send())

    assert caught.value.cause == "unsupported"


def test_what_a_definition_says_stays(server: Scripted) -> None:
    server.answers[OAUTH] = metadata(server, server.url)
    declared = Provider(
        issuer=server.url, revoke_url="https://own.example/revoke", client_auth="post"
    )

    found = completed(declared, send=quick_send())

    assert found.token_url == f"{server.url}/token"
    assert (found.revoke_url, found.client_auth) == ("https://own.example/revoke", "post")


@pytest.mark.parametrize(
    "provider",
    [Provider(token_url="https://a.example/token", issuer="https://a.example"), Provider()],
    ids=["complete", "no-issuer"],
)
def test_nobody_is_asked_where_nothing_is_missing(server: Scripted, provider: Provider) -> None:
    assert completed(provider, send=quick_send()) is provider
    assert server.heard == []


def test_code_is_traded_and_its_id_token_checked_with_an_issuer_alone(server: Scripted) -> None:
    server.answers[OPENID] = metadata(server, server.url)
    server.answers["/keys"] = answer({"keys": [public_jwk(rsa_pem())]})
    id_token = signed_with(rsa_pem(), claims_of(server.url, email="ann@a.example"))
    server.answers["/token"] = answer(GRANT | {"id_token": id_token})

    found = exchange_code(
        Provider(issuer=server.url, client_auth="post"),
        CLIENT,
        code="c",
        redirect_uri=BACK,
        nonce="a-nonce",
        send=quick_send(),
        now=NOW,
    )

    assert found.id_claims["email"] == "ann@a.example"
    assert paths(server) == [OAUTH, OPENID, "/token", "/keys"]


def protected(server: Scripted, **more: Any) -> None:
    """An MCP server at `/mcp` that refuses, and says whom to ask."""
    where = f'Bearer error="invalid_token", resource_metadata="{server.url}/about", scope="a b"'
    server.answers["/mcp"] = http(b"", status=401, headers={"WWW-Authenticate": where})
    about = {
        "resource": f"{server.url}/mcp",
        "authorization_servers": [f"{server.url}/as"],
        "scopes_supported": ["a", "b", "c"],
        **more,
    }
    server.answers["/about"] = answer({k: v for k, v in about.items() if v is not None})
    server.answers[f"{OAUTH}/as"] = metadata(server, f"{server.url}/as")


def test_resource_says_whom_to_ask(server: Scripted) -> None:
    protected(server)

    provider, resource = discover_resource(f"{server.url}/mcp", send=quick_send())

    assert resource == f"{server.url}/mcp"
    assert provider.resource == resource
    assert provider.issuer == f"{server.url}/as"
    assert provider.token_url == f"{server.url}/token"
    assert provider.default_scopes == ("a", "b")
    assert paths(server) == ["/mcp", "/about", f"{OAUTH}/as"]
    assert "authorization" not in server.heard[0].headers


@pytest.mark.parametrize(
    ("challenge", "place"),
    [
        ("Bearer", f"{RESOURCE}/mcp"),
        ("Bearer", RESOURCE),
        ('Basic realm="a", Bearer realm="b"', RESOURCE),
    ],
    ids=["inserted", "root", "other-schemes"],
)
def test_resource_metadata_are_looked_for_in_their_places(
    server: Scripted, challenge: str, place: str
) -> None:
    """RFC 9728, section 3.1."""
    protected(server)
    server.answers["/mcp"] = http(b"", status=401, headers={"WWW-Authenticate": challenge})
    server.answers[place] = server.answers["/about"]

    provider, _resource = discover_resource(f"{server.url}/mcp", send=quick_send())

    assert provider.issuer == f"{server.url}/as"
    assert provider.default_scopes == ("a", "b", "c")


def test_resource_may_be_all_of_its_server(server: Scripted) -> None:
    protected(server, resource=server.url)

    provider, resource = discover_resource(f"{server.url}/mcp", send=quick_send())

    assert resource == provider.resource == server.url


def test_older_servers_are_their_own_providers(server: Scripted) -> None:
    server.answers["/mcp"] = http(b"", status=401)
    server.answers[OAUTH] = metadata(server, server.url)

    provider, resource = discover_resource(f"{server.url}/mcp", send=quick_send())

    assert (provider.issuer, resource) == (server.url, f"{server.url}/mcp")


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ({"resource": "https://other.example/mcp"}, "bad_answer"),
        ({"resource": "{url}/mcp/below"}, "bad_answer"),
        ({"resource": "{url}/other"}, "bad_answer"),
        ({"resource": "{url}/mc"}, "bad_answer"),
        ({"resource": "{url}/?a=b"}, "bad_answer"),
        ({"resource": "{url}.evil.example/mcp"}, "bad_answer"),
        ({"resource": None}, "bad_answer"),
        ({"resource": ["{url}/mcp"]}, "bad_answer"),
        ({"authorization_servers": None}, "unsupported"),
        ({"authorization_servers": []}, "unsupported"),
        ({"authorization_servers": "https://as.example"}, "bad_answer"),
        ({"authorization_servers": [7]}, "bad_answer"),
        ({"authorization_servers": ["javascript:alert(1)"]}, "bad_answer"),
        ({"authorization_servers": ["https://as.example/?a=b"]}, "bad_answer"),
        ({"authorization_servers": ["https://169.254.169.254/"]}, "blocked"),
        ({"authorization_servers": ["http://10.0.0.1/"]}, "bad_answer"),
        ({"authorization_servers": ["https://a.example"] * 11}, "bad_answer"),
        ({"scopes_supported": {"a": 1}}, "bad_answer"),
    ],
    ids=str,
)
def test_resource_metadata_are_refused(server: Scripted, more: dict[str, Any], cause: str) -> None:
    filled = {
        name: value.replace("{url}", server.url) if isinstance(value, str) else value
        for name, value in more.items()
    }
    protected(server, **filled)
    if "scopes_supported" in more:
        server.answers["/mcp"] = http(
            b"",
            status=401,
            headers={"WWW-Authenticate": f'Bearer resource_metadata="{server.url}/about"'},
        )

    with pytest.raises(OAuthError) as caught:
        discover_resource(f"{server.url}/mcp", send=quick_send())

    assert caught.value.cause == cause


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        (http(b"", status=503), "unavailable"),
        (http(b"", status=429, headers={"Retry-After": "9"}), "rate_limited"),
        (http(b"", status=200), "unsupported"),
        (http(b"", status=404), "unsupported"),
        (b"", "unavailable"),
    ],
    ids=["503", "429", "open", "404", "nothing"],
)
def test_resource_that_says_nothing(server: Scripted, raw: bytes, cause: str) -> None:
    server.answers["/mcp"] = raw

    with pytest.raises(OAuthError) as caught:
        discover_resource(f"{server.url}/mcp", send=quick_send())

    assert caught.value.cause == cause


def test_document_that_was_named_and_is_missing_is_refused(server: Scripted) -> None:
    """Going on to guess would ask somebody else than the resource named."""
    protected(server)
    del server.answers["/about"]
    server.answers[RESOURCE] = answer({"resource": server.url, "authorization_servers": []})

    with pytest.raises(OAuthError) as caught:
        discover_resource(f"{server.url}/mcp", send=quick_send())

    assert caught.value.cause == "bad_answer"


def test_provider_without_pkce_is_unsupported(server: Scripted) -> None:
    protected(server)
    server.answers[f"{OAUTH}/as"] = metadata(
        server, f"{server.url}/as", code_challenge_methods_supported=["plain"]
    )

    with pytest.raises(OAuthError) as caught:
        discover_resource(f"{server.url}/mcp", send=quick_send())

    assert caught.value.cause == "unsupported"


def registered(server: Scripted, **more: Any) -> Client:
    provider = Provider(
        registration_url=f"{server.url}/register", **{"client_auth": "basic_form_encoded", **more}
    )
    return register(provider, redirect_uri=BACK, client_name="Mielto", send=quick_send())


def test_client_registers(server: Scripted) -> None:
    members = {"client_id": "new", "client_secret": "shh", "client_secret_expires_at": 0}
    server.answers["/register"] = answer(members, status=201)

    client = registered(server, default_scopes=("a", "b"))

    assert client == Client(client_id="new", client_secret="shh", client_auth="basic_form_encoded")
    assert "shh" not in repr(client)
    assert server.last.json == {
        "client_name": "Mielto",
        "redirect_uris": [BACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "scope": "a b",
    }


@pytest.mark.parametrize(
    ("declared", "members", "expected"),
    [
        ("none", {"client_id": "n"}, Client(client_id="n", client_auth="none")),
        (
            "basic_form_encoded",
            {"client_id": "n", "client_secret": "s"}
            | {"token_endpoint_auth_method": "client_secret_post"},
            Client(client_id="n", client_secret="s", client_auth="post"),
        ),
        (
            "post",
            {"client_id": "n", "client_secret": "s", "client_secret_expires_at": 1893456000},
            Client(
                client_id="n",
                client_secret="s",
                client_auth="post",
                secret_expires_at=datetime(2030, 1, 1, tzinfo=UTC),
            ),
        ),
        ("post", {"client_id": "n"}, Client(client_id="n", client_auth="none")),
    ],
    ids=["public", "provider-decides", "secret-ends", "no-secret"],
)
def test_registered_clients(
    server: Scripted, declared: str, members: dict[str, Any], expected: Client
) -> None:
    server.answers["/register"] = answer(members)

    assert registered(server, client_auth=declared) == expected


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        (answer({"error": "invalid_redirect_uri"}, status=400), "rejected"),
        (http(b"", status=403), "rejected"),
        (http(b"", status=503), "unavailable"),
        (http(b"", status=201), "bad_answer"),
        (http("<p>", status=200, content_type="text/html"), "bad_answer"),
    ],
    ids=["redirect", "403", "503", "empty", "page"],
)
def test_registration_that_fails(server: Scripted, raw: bytes, cause: str) -> None:
    server.answers["/register"] = raw

    with pytest.raises(OAuthError) as caught:
        registered(server)

    assert caught.value.cause == cause


def test_provider_that_registers_nobody_is_unsupported(server: Scripted) -> None:
    with pytest.raises(OAuthError) as caught:
        register(Provider(), redirect_uri=BACK, client_name="x", send=quick_send())

    assert caught.value.cause == "unsupported"
