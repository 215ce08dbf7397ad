"""A provider out of a definition, the values of a connection and what its grant was stored with."""

from typing import Any

import pytest

from connections.oauth.errors import OAuthError
from connections.oauth.provider import check_url, provider_for
from integrations.specs import Spec
from tests.oauth.cases import method_of, values_of

TENANT = Spec(key="tenant", type="string", target="config", secure=False, required=False)
HOST = Spec(key="base_url", type="url", target="config", secure=False)


def test_templates_are_filled() -> None:
    method = method_of(
        "oauth2",
        TENANT,
        authorization_url="https://{tenant}.as.example/authorize",
        token_url="https://as.example/{tenant}/token",
        issuer="https://as.example/{tenant}",
        authorize_params={"audience": "api-{tenant}", "left": "{base}"},
        token_params={"t": "{tenant}"},
        refresh_params={"r": "{tenant}"},
        assertion_audience="{tenant}-aud",
    )

    provider = provider_for(method, values_of(config_tenant="acme"))

    assert provider.authorization_url == "https://acme.as.example/authorize"
    assert provider.token_url == "https://as.example/acme/token"
    assert provider.issuer == "https://as.example/acme"
    assert provider.authorize_params == {"audience": "api-acme"}
    assert provider.token_params == {"t": "acme"}
    assert provider.refresh_params == {"r": "acme"}
    assert provider.assertion_audience == "acme-aud"


def test_whole_address_can_be_a_field() -> None:
    method = method_of("oauth2", HOST, token_url="{base_url}/oauth/token")

    provider = provider_for(method, values_of(config_base_url="https://git.example/"))

    assert provider.token_url == "https://git.example/oauth/token"


@pytest.mark.parametrize(
    "values",
    [{}, {"config_tenant": ""}, {"config_tenant": "evil.example/"}, {"config_tenant": "a@b"}],
    ids=["missing", "blank", "another-host", "user-info"],
)
def test_value_that_may_not_stand_there_is_misconfigured(values: dict[str, Any]) -> None:
    method = method_of("oauth2", TENANT, token_url="https://{tenant}.as.example/token")

    with pytest.raises(OAuthError) as caught:
        provider_for(method, values_of(**values))

    assert caught.value.cause == "misconfigured"


def test_what_is_declared_is_taken_and_what_is_not_is_usual() -> None:
    usual = provider_for(method_of("oauth2"), values_of())
    own = provider_for(
        method_of(
            "oauth2",
            client_auth="post",
            pkce=False,
            scope_separator=",",
            scope_param="user_scope",
            token_format="json",
            answer_format="form",
            access_token_path="a.b",
            refresh_token_path="a.c",
            token_types=["bot"],
            default_scopes=["x", "y"],
            required_scopes="x",
            revoke_format="json",
            revoke_auth="token",
        ),
        values_of(),
    )

    assert (usual.client_auth, usual.pkce, usual.scope_separator) == ("", True, " ")
    assert (usual.token_format, usual.answer_format) == ("form", "json")
    assert (own.client_auth, own.pkce, own.scope_separator) == ("post", False, ",")
    assert (own.token_format, own.answer_format) == ("json", "form")
    assert (own.scope_param, own.token_types) == ("user_scope", ("bot",))
    assert (own.access_token_path, own.refresh_token_path) == ("a.b", "a.c")
    assert (own.default_scopes, own.required_scopes) == (("x", "y"), ("x",))
    assert (own.revoke_format, own.revoke_auth) == ("json", "token")


def test_stored_endpoints_replace_the_definition_even_where_it_cannot_be_filled() -> None:
    method = method_of(
        "oauth2", TENANT, token_url="https://{tenant}.as.example/token", client_auth="basic"
    )
    found = provider_for(
        method_of(
            "oauth2",
            token_url="https://old.example/token",
            revoke_url="https://old.example/revoke",
            issuer="https://old.example",
            client_auth="post",
        ),
        values_of(),
    )

    again = provider_for(method, values_of(), endpoints=found.endpoints)

    assert again.endpoints == found.endpoints
    assert again.token_url == "https://old.example/token"
    assert again.client_auth == "post"


def test_stored_endpoints_hold_addresses_and_nothing_else() -> None:
    method = method_of("oauth2", token_url="https://old.example/token", token_params={"a": "b"})
    provider = provider_for(
        method, values_of(), endpoints={"token_params": {"x": "y"}, "resource": "https://r.example"}
    )

    assert provider.token_params == {"a": "b"}
    assert provider.resource == "https://r.example"


@pytest.mark.parametrize(
    "url", ["https://as.example", "https://as.example/a/b?c=d", "https://as.example/a%20b"]
)
def test_address_is_accepted(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        *(None, 7, "", "https://", "as.example", "ftp://as.example", "http://as.example"),
        *("https://as.example/#", "https://äs.example", "https://as.example/ü"),
        *("https://as.example/a b", "https://as.example\t", "https://as.example:99999/"),
        *("https://127.1/", "https://as.example/" + "a" * 2048),
    ],
    ids=repr,
)
def test_address_is_refused(url: Any) -> None:
    with pytest.raises(OAuthError):
        check_url(url)


def test_plain_http_is_for_hosts_that_the_operator_lists(settings: Any) -> None:
    settings.EGRESS_ALLOW_HTTP_HOSTS = ["as.internal"]

    assert check_url("http://as.internal:8080/token") == "http://as.internal:8080/token"
