"""What the built-in catalogue says of OAuth: true of every method, or excused by name."""

from urllib.parse import parse_qs, urlsplit

import pytest

from connections.oauth.authorization import authorization_url
from connections.oauth.clients import Client
from connections.oauth.provider import URLS, provider_for
from integrations.auth_methods import template_names
from integrations.specs import MethodDefinition
from tests.integrations.examples import METHODS, example_values

WITH_OAUTH = {name: method for name, method in METHODS.items() if method.oauth}
# Where a definition says nothing, the server describes itself: tests/oauth_flow/test_discovered.py.
CONSENTED = {
    name: method
    for name, method in METHODS.items()
    if method.kind == "oauth2" and name != "mcp-server.oauth2"
}

# Services that ask for no scopes.
WITHOUT_SCOPES = {
    "clickup.oauth2": "the person chooses workspaces",
    "intercom.oauth2": "set in the app there",
    "mailchimp.oauth2": "a token may do what its user may",
    "notion.oauth2": "the person picks pages",
    "pipedrive.oauth2": "set in the app there",
}
# Services that grant what their app was set up with unless something is asked for.
WITHOUT_DEFAULT_SCOPES = {*WITHOUT_SCOPES, "zoom.oauth2"}
# Services that have no call of RFC 7009, or none that takes a form or one JSON member.
WITHOUT_REVOCATION = {
    "airtable.oauth2": "by hand, in the account's settings",
    "bitbucket.oauth2": "by hand, in the account's settings",
    "clickup.oauth2": "by hand, in the workspace's settings",
    "confluence.oauth2": "by hand, in the account's connected apps",
    "dropbox.oauth2": "a call of the API without a body",
    "figma.oauth2": "by hand, in the account's settings",
    "github.oauth2": "a DELETE that names the client in its address",
    "hugging-face.oauth2": "by hand, in the account's settings",
    "intercom.oauth2": "a call of the API that uninstalls the app",
    "jira.oauth2": "by hand, in the account's connected apps",
    "mailchimp.oauth2": "by hand, in the account's settings",
    "microsoft-outlook.oauth2": "by hand, at myapps.microsoft.com",
    "monday.oauth2": "by hand, by uninstalling the app",
    "sentry.oauth2": "by hand, in the account's settings",
    "servicenow.oauth2": "a call of the instance that takes the token in its address",
    "shopify.oauth2": "by uninstalling the app",
    "snowflake.oauth2": "by an administrator, in SQL",
    "spotify.oauth2": "by hand, in the account's apps",
    "stripe.oauth2": "a call that takes the account, not the token",
    "trello.oauth2": "by hand, in the account's settings",
    "zendesk.oauth2": "a DELETE that names the token in its address",
}
# Where a refresh token has to be asked for: by a scope, or by a parameter.
ASKED_FOR_REFRESH = {
    **dict.fromkeys(("jira.oauth2", "confluence.oauth2", "trello.oauth2"), "offline_access"),
    **dict.fromkeys(("okta.oauth2", "microsoft-outlook.oauth2"), "offline_access"),
    "cloudflare.oauth2": "offline_access",
    "salesforce.oauth2": "refresh_token",
    "snowflake.oauth2": "refresh_token",
    "x.oauth2": "offline.access",
    "dropbox.oauth2": "offline",
    **{f"{slug}.oauth2": "offline" for slug in ("gmail", "google-calendar", "google-drive")},
    "google-sheets.oauth2": "offline",
}


def scopes_of(method: MethodDefinition, name: str) -> set[str]:
    return set(method.oauth.get(name) or ())


@pytest.mark.parametrize("name", WITH_OAUTH)
def test_addresses_are_https_at_a_host_that_the_definition_says(name: str) -> None:
    method = WITH_OAUTH[name]
    provider = provider_for(method, example_values(method))
    for kind in URLS:
        url = getattr(provider, kind)
        parts = urlsplit(url)
        assert not url or (parts.scheme == "https" and parts.hostname), (kind, url)
        assert (parts.username, parts.fragment, template_names(url)) == (None, "", set())


@pytest.mark.parametrize("name", CONSENTED)
def test_consent_is_asked_for_where_and_as_the_service_wants_it(name: str) -> None:
    method = CONSENTED[name]
    provider = provider_for(method, example_values(method))
    asked = provider.default_scopes
    url = authorization_url(
        provider,
        Client(client_id="client"),
        redirect_uri="https://mielto.example/oauth/callback",
        state="state",
        scopes=asked,
        code_challenge="challenge" if provider.pkce else None,
    )
    query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    assert query["client_id"] == "client"
    assert query.get(provider.scope_param, "") == provider.scope_separator.join(asked)
    assert ("code_challenge" in query) is provider.pkce
    assert provider.authorize_params.items() <= query.items()
    assert provider.token_url


@pytest.mark.parametrize("name", CONSENTED)
def test_how_a_client_proves_itself_is_declared(name: str) -> None:
    assert {"client_auth", "pkce"} <= set(CONSENTED[name].oauth)


@pytest.mark.parametrize("name", WITH_OAUTH)
def test_scopes_are_known_and_described(name: str) -> None:
    oauth, method = WITH_OAUTH[name].oauth, WITH_OAUTH[name]
    described = oauth.get("scopes") or {}
    assert scopes_of(method, "default_scopes") <= set(described)
    assert scopes_of(method, "required_scopes") <= scopes_of(method, "default_scopes") or (
        name in WITHOUT_DEFAULT_SCOPES
    )
    separator = oauth.get("scope_separator", " ")
    assert separator in (" ", ",")
    assert not [scope for scope in described if separator in scope or not scope.strip()]
    assert all(text[:1].isupper() and not text.endswith(".") for text in described.values())


def test_methods_without_scopes_are_known_by_name() -> None:
    without = {name for name, method in CONSENTED.items() if not method.oauth.get("scopes")}
    without_default = {
        name for name, method in CONSENTED.items() if not method.oauth.get("default_scopes")
    }
    assert without == set(WITHOUT_SCOPES)
    assert without_default == WITHOUT_DEFAULT_SCOPES


def test_services_without_revocation_are_known_by_name() -> None:
    without = {name for name, method in CONSENTED.items() if not method.oauth.get("revoke_url")}
    assert without == set(WITHOUT_REVOCATION)


@pytest.mark.parametrize("name", ASKED_FOR_REFRESH)
def test_refresh_token_is_asked_for(name: str) -> None:
    oauth = CONSENTED[name].oauth
    asked = {*oauth.get("default_scopes", ()), *oauth.get("authorize_params", {}).values()}
    assert ASKED_FOR_REFRESH[name] in asked


GOOGLE = "https://accounts.google.com"


@pytest.mark.parametrize(
    "name", [name for name in CONSENTED if CONSENTED[name].oauth.get("issuer") == GOOGLE]
)
def test_google_gives_a_refresh_token_again_only_after_a_new_consent(name: str) -> None:
    assert CONSENTED[name].oauth["authorize_params"]["prompt"] == "consent"


# What breaks the exchange or the refresh where it is missing.
QUIRKS: dict[str, dict[str, object]] = {
    "figma.oauth2": {"refresh_url": "https://api.figma.com/v1/oauth/refresh"},
    "jira.oauth2": {
        "authorize_params": {"audience": "api.atlassian.com", "prompt": "consent"},
        "token_format": "json",
    },
    "notion.oauth2": {
        "authorize_params": {"owner": "user"},
        "token_format": "json",
        "revoke_format": "json",
    },
    "slack.oauth2": {"scope_separator": ",", "token_types": ["bot"]},
    "slack.user_oauth2": {
        "scope_param": "user_scope",
        "access_token_path": "authed_user.access_token",
        "token_types": ["user"],
    },
    "zoom.server_to_server": {
        "token_params": {"grant_type": "account_credentials", "account_id": "{account_id}"}
    },
    "auth0.client_credentials": {"token_params": {"audience": "https://{domain}/api/v2/"}},
    "digitalocean.oauth2": {"revoke_auth": "token"},
    "quickbooks.oauth2": {"revoke_format": "json"},
}


@pytest.mark.parametrize("name", QUIRKS)
def test_quirk_of_a_service_is_declared(name: str) -> None:
    assert QUIRKS[name].items() <= dict(METHODS[name].oauth).items()
