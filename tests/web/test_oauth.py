"""Connecting from the pages by a consent at the service, and connecting again."""

from typing import Any

import pytest

from connections.models import Connection, Credential, OAuthFlow
from tests.factories import make_workspace
from tests.oauth_flow.service import came_back, make_client, make_service, opened
from tests.web.browser import PageForm, errors_of, member_of, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(httpserver: Any, settings: Any) -> Any:
    return make_service(httpserver, settings)


@pytest.fixture
def workspace(service: Any) -> Any:
    workspace = make_workspace()
    make_client(workspace)
    return workspace


def method_url(workspace: Any, end: str = "") -> str:
    return f"/w/{workspace.slug}/integrations/local-grant/oauth2{end}"


def consent(browser: Any, service: Any, page: Any) -> Any:
    return came_back(browser, service.consent(opened(browser, page.context["url"])))


def test_method_with_a_client_asks_for_consent(service, workspace):
    browser, user = member_of(workspace)
    page = browser.get(method_url(workspace), follow=True)
    assert page.redirect_chain == [(method_url(workspace, "/consent"), 302)]
    text = page.content.decode()
    assert "Connect with Local Grant" in text
    asked = set(PageForm(page).sent) - {"csrfmiddlewaretoken", "revision", "version"}
    assert asked == {"label", "config.tenant", "credentials.developer_token"}
    typed = {"label": "Mine", "config.tenant": "acme", "credentials.developer_token": "dev-1"}
    leaving = send(browser, method_url(workspace, "/consent"), typed)
    assert 'http-equiv="refresh"' in leaving.content.decode()
    answer = consent(browser, service, leaving)
    row = Connection.objects.get()
    assert answer["Location"] == f"/w/{workspace.slug}/connections/{row.public_id}"
    assert (row.label, row.owner, row.status) == ("Mine", user, "active")
    assert (row.config["tenant"], row.account_label) == ("acme", "Ada")
    assert Credential.objects.get().get_values()["developer_token"] == "dev-1"
    assert "Connected." in browser.get(answer["Location"]).content.decode()


def test_mistakes_before_the_consent_are_shown_and_nothing_is_stored(service, workspace):
    browser, _user = member_of(workspace)
    page = send(browser, method_url(workspace, "/consent"), {"config.tenant": "NOT GOOD"})
    assert list(errors_of(page)) == ["config.tenant"]
    assert OAuthFlow.objects.count() == 0


def test_token_can_be_pasted_instead(service, workspace):
    browser, _user = member_of(workspace)
    shown = browser.get(method_url(workspace, "/consent")).content.decode()
    assert f'href="{method_url(workspace)}?token=1"' in shown
    answer = send(
        browser, method_url(workspace, "?token=1"), {"credentials.access_token": "pasted"}
    )
    assert answer.status_code == 302
    assert Connection.objects.get().status == "active"


def test_method_without_a_client_asks_for_a_token(service):
    workspace = make_workspace()
    browser, _user = member_of(workspace)
    assert browser.get(method_url(workspace)).status_code == 200
    assert browser.get(method_url(workspace, "/consent")).status_code == 404


def test_other_methods_have_no_consent(service, workspace):
    browser, _user = member_of(workspace)
    url = f"/w/{workspace.slug}/integrations/local-grant/token/consent"
    assert browser.get(url).status_code == 404


def test_viewer_may_not_connect(service, workspace):
    browser, _user = member_of(workspace, role="viewer")
    assert browser.post(method_url(workspace, "/consent"), {}).status_code == 403
    assert OAuthFlow.objects.count() == 0


def test_right_to_write_is_asked_for_once_more_at_the_end(service, workspace):
    browser, user = member_of(workspace)
    leaving = send(browser, method_url(workspace, "/consent"), {})
    user.memberships.update(role="viewer")
    assert consent(browser, service, leaving)["Location"] == "/oauth/result/not_allowed"
    assert service.calls == []
    assert Connection.objects.count() == 0


def test_connection_is_repaired_in_place(service, workspace):
    browser, _user = member_of(workspace)
    consent(browser, service, send(browser, method_url(workspace, "/consent"), {}))
    row = Connection.objects.get()
    before = Credential.objects.get().get_values()
    url = f"/w/{workspace.slug}/connections/{row.public_id}"
    assert "Connect again with Local Grant" in browser.get(url).content.decode()
    answer = consent(browser, service, browser.post(f"{url}/reconnect"))
    assert answer["Location"] == url
    assert Credential.objects.get().get_values()["access_token"] != before["access_token"]
    service.account = "acct-2"
    answer = consent(browser, service, browser.post(f"{url}/reconnect"))
    assert answer["Location"] == "/oauth/result/wrong_account"
    page = browser.get(answer["Location"]).content.decode()
    assert "That is another account: nothing was changed" in page
    assert Connection.objects.get().account_id == "acct-1"


def test_connection_of_somebody_else_cannot_be_repaired(service, workspace):
    browser, _user = member_of(workspace)
    consent(browser, service, send(browser, method_url(workspace, "/consent"), {}))
    stranger, _stranger = member_of(workspace)
    url = f"/w/{workspace.slug}/connections/{Connection.objects.get().public_id}/reconnect"
    assert stranger.post(url).status_code == 404
    assert browser.get(url).status_code == 405


def test_what_cannot_be_stored_is_explained(service, workspace):
    browser, _user = member_of(workspace)
    service.extra = {"realm": "no number"}
    answer = consent(browser, service, send(browser, method_url(workspace, "/consent"), {}))
    assert answer["Location"] == "/oauth/result/not_accepted"
    page = browser.get(answer["Location"]).content.decode()
    assert "Field &#x27;Realm&#x27;" in page
    assert "no number" not in page
