"""A client's secret goes to the server that it is for, and to no other that a member names."""

import pytest

from connections.models import OAuthClient
from connections.services.clients import client_of, find_client, has_client, server_of
from connections.services.states import keeps_grant
from integrations.catalogue import current_catalogue
from tests.factories import api_client, load_builtin, make_key, make_workspace

pytestmark = pytest.mark.django_db


def method_of(slug):
    load_builtin(slug)
    return current_catalogue().get(slug, make_workspace().id).method("oauth2")


def config(**values):
    return {"credentials": {}, "config": values}


@pytest.mark.parametrize(
    ("slug", "values", "server"),
    [
        ("gmail", {}, ""),
        ("zendesk", {"subdomain": "acme"}, ""),
        ("okta", {"domain": "acme.okta.com"}, "https://acme.okta.com"),
        ("okta", {"domain": "evil.example"}, "https://evil.example"),
        ("okta", {}, ""),
        ("gitlab", {"base_url": "https://gitlab.com"}, ""),
        ("gitlab", {"base_url": "https://git.acme.example/sub"}, "https://git.acme.example"),
    ],
)
def test_server_is_named_where_whoever_connects_chooses_it(slug, values, server):
    assert server_of(method_of(slug), config(**values)) == server


def make_client(workspace, method, **columns):
    row = OAuthClient(workspace=workspace, auth_method_id=method.pk, client_id="us", **columns)
    row.set_secrets({"client_secret": "canary"})
    row.save(force_insert=True)
    return row


@pytest.mark.parametrize("is_shared", [True, False])
def test_client_for_one_server_is_not_used_at_another(is_shared):
    method, workspace = method_of("okta"), make_workspace()
    make_client(workspace, method, issuer="https://acme.okta.com", is_shared=is_shared)
    assert has_client(workspace.id, method)
    here, elsewhere = config(domain="acme.okta.com"), config(domain="evil.example")
    assert find_client(workspace.id, method.pk, issuer=server_of(method, here)) is not None
    assert find_client(workspace.id, method.pk, issuer=server_of(method, elsewhere)) is None


def test_client_without_a_server_is_not_used_where_the_server_is_chosen():
    method, workspace = method_of("okta"), make_workspace()
    make_client(workspace, method)
    elsewhere = config(domain="evil.example")
    assert find_client(workspace.id, method.pk, issuer=server_of(method, elsewhere)) is None


TOKENS = {
    "access_token": "a" * 30,
    "refresh_token": "r" * 30,
    "expires_at": "2999-01-01T00:00:00Z",
}


@pytest.fixture
def granted():
    """A connection whose grant was given to a client, at addresses of its own."""
    load_builtin("gmail")
    workspace = make_workspace()
    client = api_client(make_key(workspace))
    body = {"integration": "gmail", "integration_type": "connectors", "credentials": TOKENS}
    made = client.post_json("/connections", body)
    assert made.status_code == 201, made.json()
    from_api = made.json()["id"]
    row = workspace.connections.select_related("credential").get()
    method = current_catalogue().by_pk(row.integration_id).method_by_pk(row.auth_method_id)
    row.credential.oauth_client = make_client(workspace, method)
    row.credential.endpoints = {
        "token_url": "https://token.example/",
        "issuer": "https://x.example",
    }
    row.credential.save()
    return client, from_api, row.credential, method


def test_change_beside_the_refresh_token_keeps_where_it_came_from(granted):
    client, name, credential, method = granted
    change = {"credentials": {"access_token": "b" * 30}}
    assert client.patch_json(f"/connections/{name}", change).status_code == 200
    client_pk, endpoints = credential.oauth_client_id, credential.endpoints
    credential.refresh_from_db()
    assert (credential.oauth_client_id, credential.endpoints) == (client_pk, endpoints)
    assert client_of(credential, method, config()) is not None
    assert credential.next_refresh_at is not None


def test_other_refresh_token_comes_from_nowhere(granted):
    client, name, credential, _method = granted
    change = {"credentials": {"refresh_token": "q" * 30}}
    assert client.patch_json(f"/connections/{name}", change).status_code == 200
    credential.refresh_from_db()
    assert (credential.oauth_client_id, credential.endpoints) == (None, {})


def test_grant_is_the_same_by_its_refresh_token(granted):
    credential = granted[2]
    assert keeps_grant(credential, {"refresh_token": TOKENS["refresh_token"]})
    assert not keeps_grant(credential, {"refresh_token": "other"})
    assert not keeps_grant(credential, {})


def test_token_without_a_way_to_refresh_is_looked_at_when_it_ends():
    load_builtin("gmail")
    workspace = make_workspace()
    body = {"integration": "gmail", "integration_type": "connectors", "credentials": TOKENS}
    assert api_client(make_key(workspace)).post_json("/connections", body).status_code == 201
    credential = workspace.credentials.get()
    assert credential.next_refresh_at == credential.expires_at
