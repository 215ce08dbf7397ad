"""OAuth clients in the admin, return addresses, and connecting from there by a consent."""

from typing import Any

import pytest
from django.urls import reverse

from connections.models import AuditEvent, Connection, Credential, OAuthClient
from integrations.models import AuthMethod
from tests import canary
from tests.admin_site.pages import (
    change_url,
    codes_of,
    new_connection_url,
    page_of,
    send,
    staff,
)
from tests.factories import make_workspace
from tests.oauth_flow.service import CALLBACK, came_back, make_client, make_service, opened

pytestmark = pytest.mark.django_db

CLIENTS = "/admin/connections/oauthclient/"


@pytest.fixture
def service(httpserver: Any, settings: Any) -> Any:
    return make_service(httpserver, settings)


def method() -> AuthMethod:
    return AuthMethod.objects.get(integration__slug="local-grant", slug="oauth2")


def make_through_the_admin(browser: Any, workspace: Any, **typed: Any) -> Any:
    values = {"workspace": workspace.pk, "auth_method": method().pk, "client_id": "abc"}
    return send(browser, f"{CLIENTS}add/", values | typed)


def test_client_is_stored_and_its_secret_is_shown_nowhere(service):
    browser, user = staff()
    workspace = make_workspace()
    page = browser.get(f"{CLIENTS}add/")
    assert CALLBACK in page.content.decode()
    answer = make_through_the_admin(browser, workspace, client_secret=canary.WORD)
    assert answer.status_code == 302, codes_of(answer)
    row = OAuthClient.objects.get()
    assert (row.client_id, row.workspace, row.auth_method) == ("abc", workspace, method())
    assert row.get_secrets() == {"client_secret": canary.WORD}
    assert (row.created_by, row.is_shared) == (f"user_{user.pk}", False)
    event = AuditEvent.objects.get()
    assert (event.action, event.subject) == ("oauth_client.created", row.public_id)
    assert "client_secret" in event.fields
    pages = [browser.get(url) for url in (CLIENTS, change_url(row), f"{CLIENTS}{row.pk}/history/")]
    assert [one.status_code for one in pages] == [200, 200, 200]
    assert CALLBACK in pages[1].content.decode()
    assert [one for one in pages if canary.heard_in(one.content)] == []
    assert canary.heard_in_storage() == []


def test_blank_secret_keeps_and_a_tick_clears(service):
    browser, _user = staff()
    make_through_the_admin(browser, make_workspace(), client_secret="the secret")
    row = OAuthClient.objects.get()
    assert send(browser, change_url(row), {"client_id": "other"}).status_code == 302
    row.refresh_from_db()
    assert (row.client_id, row.get_secrets()) == ("other", {"client_secret": "the secret"})
    send(browser, change_url(row), {"client_secret": "a new one", "is_shared": "true"})
    row.refresh_from_db()
    assert (row.is_shared, row.get_secrets()) == (True, {"client_secret": "a new one"})
    send(browser, change_url(row), {"clear_client_secret": "on", "is_shared": "false"})
    row.refresh_from_db()
    assert (row.is_shared, row.get_secrets()) == (False, {})


def test_secret_is_asked_for_again_with_another_server(service):
    browser, _user = staff()
    first, second = "https://one.example.com", "https://two.example.com"
    make_through_the_admin(browser, make_workspace(), client_secret="the secret", issuer=first)
    row = OAuthClient.objects.get()
    refused = send(browser, change_url(row), {"issuer": second})
    assert codes_of(refused) == {("client_secret", "secret_needed_again")}
    row.refresh_from_db()
    assert (row.issuer, row.get_secrets()) == (first, {"client_secret": "the secret"})
    send(browser, change_url(row), {"issuer": second, "client_secret": "another"})
    row.refresh_from_db()
    assert (row.issuer, row.get_secrets()) == (second, {"client_secret": "another"})


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"client_id": ""}, {("client_id", "required")}),
        ({"client_id": "x" * 501}, {("client_id", "max_length")}),
        ({"client_auth": "private_key_jwt"}, {("private_key", "required")}),
        ({"private_key": "no key"}, {("private_key", "invalid_pem")}),
        ({"issuer": "nowhere"}, {("issuer", "invalid_url")}),
        ({"auth_method": ""}, {("auth_method", "required")}),
    ],
)
def test_client_is_refused_without_an_echo(service, typed, found):
    browser, _user = staff()
    secret = {"client_secret": canary.WORD}
    page = make_through_the_admin(browser, make_workspace(), **secret, **typed)
    assert codes_of(page) == found
    assert canary.heard_in(page.content) == []
    assert OAuthClient.objects.count() == 0


def test_second_client_of_a_method_is_refused(service):
    browser, _user = staff()
    workspace = make_workspace()
    make_through_the_admin(browser, workspace)
    assert codes_of(make_through_the_admin(browser, workspace)) == {("__all__", "unique")}
    assert make_through_the_admin(browser, make_workspace()).status_code == 302


def test_deleted_client_leaves_its_grants(service):
    browser, _user = staff()
    row = make_client(make_workspace())
    assert browser.post(f"{CLIENTS}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert OAuthClient.objects.count() == 0
    assert AuditEvent.objects.get().action == "oauth_client.deleted"


def test_those_who_may_look_see_no_secret_field(service):
    browser, _user = staff("connections.view_oauthclient")
    row = make_client(make_workspace())
    page = browser.get(change_url(row))
    assert page.status_code == 200
    assert b'name="client_secret"' not in page.content
    assert browser.post(change_url(row), {"client_id": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://a.example.com/x\r\nhttps://b.example.com", 2),
        ("http://localhost:3000/back", 1),
        ("", 0),
        ("http://a.example.com", None),
        ("//evil.com", None),
        ("javascript:alert(1)", None),
        ("https://a.example.com/#x", None),
        ("https://user@a.example.com/", None),
        ("https://a.example.com\\@evil.com", None),
        ("https:evil.com", None),
    ],
)
def test_return_addresses_are_whole_and_safe(typed, stored):
    browser, _user = staff()
    workspace = make_workspace()
    page = send(browser, change_url(workspace), {"return_urls": typed})
    workspace.refresh_from_db()
    if stored is None:
        assert codes_of(page) == {("return_urls", "invalid_url")}
        assert workspace.return_urls == []
    else:
        assert page.status_code == 302
        assert len(workspace.return_urls) == stored


def test_staff_connect_and_connect_again(service):
    browser, user = staff()
    workspace = make_workspace()
    make_client(workspace)
    added = browser.get(new_connection_url(workspace, "local-grant", "oauth2"), follow=True)
    assert added.redirect_chain[-1][0].startswith("../consent/?")
    url = added.request["PATH_INFO"] + "?" + added.request["QUERY_STRING"]
    assert send(browser, url, {"config.tenant": "NO"}).context["form"].errors
    page = send(browser, url, {"label": "Ours", "config.tenant": "acme"})
    answer = came_back(browser, service.consent(opened(browser, page.context["url"])))
    row = Connection.objects.get()
    assert answer["Location"] == page_of(row)
    assert (row.label, row.owner, row.created_by) == ("Ours", None, f"user_{user.pk}")
    assert row.config == {"tenant": "acme", "realm": "12345"}
    shown = browser.get(page_of(row)).content.decode()
    again = reverse("admin:connection-reconnect", args=[row.pk])
    assert again in shown
    before = Credential.objects.get().get_values()
    leaving = browser.post(again)
    came_back(browser, service.consent(opened(browser, leaving.context["url"])))
    assert Connection.objects.get().pk == row.pk
    assert Credential.objects.get().get_values()["access_token"] != before["access_token"]


def test_tokens_can_still_be_pasted(service):
    browser, _user = staff()
    workspace = make_workspace()
    make_client(workspace)
    page = browser.get(new_connection_url(workspace, "local-grant", "oauth2") + "&token=1")
    assert b"credentials.access_token" in page.content


def test_connecting_takes_the_permission_to(service):
    browser, _user = staff("connections.view_connection")
    workspace = make_workspace()
    make_client(workspace)
    chosen = f"workspace={workspace.slug}&integration=local-grant&method=oauth2"
    assert browser.get(f"/admin/connections/connection/consent/?{chosen}").status_code == 403
