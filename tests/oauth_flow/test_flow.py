"""A consent from its beginning to a connection that works, is refreshed, repaired and revoked."""

from typing import Any

import pytest
from django.test import Client

from connections.models import Connection, Credential, OAuthFlow
from tests.factories import api_client, make_key, make_workspace
from tests.oauth_flow.service import came_back, make_client, make_service, opened

pytestmark = pytest.mark.django_db

BODY = {"integration_id": "local-grant"}


@pytest.fixture
def workspace() -> Any:
    return make_workspace(return_urls=["https://app.example.com/back?tab=1"])


@pytest.fixture
def service(httpserver: Any, settings: Any, workspace: Any) -> Any:
    service = make_service(httpserver, settings)
    make_client(workspace)
    return service


@pytest.fixture
def api(workspace: Any) -> Any:
    return api_client(make_key(workspace))


def connect(api: Any, service: Any, **more: Any) -> Any:
    """The last answer of a whole flow."""
    begun = api.post_json("/oauth/initiate", {**BODY, **more})
    assert begun.status_code == 200, begun.content
    browser = Client()
    return came_back(browser, service.consent(opened(browser, begun.json()["auth_url"])))


def test_consent_becomes_a_connection_that_works(api, service, workspace):
    config = {"tenant": "acme"}
    answer = connect(api, service, label="Mine", user_id="person 1", config=config)
    assert (answer.status_code, answer["Location"]) == (303, "/oauth/result/connected")
    (shown,) = api.get_json("/connections").json()["connections"]
    assert shown["status"] == "active"
    assert (shown["label"], shown["user_id"]) == ("Mine", "person 1")
    assert shown["config"] == {"tenant": "acme", "realm": "12345"}
    assert shown["account"] == {"id": "acct-1", "label": "Ada"}
    assert sorted(shown["secrets_set"]) == ["access_token", "refresh_token"]
    values = api.get_json(f"/connections/{shown['id']}/credentials").json()["credentials"]
    assert values["access_token"].startswith("access-")
    assert values["scope"] == ["read"]
    row = Credential.objects.get()
    assert row.oauth_client is not None
    assert row.endpoints["token_url"] == f"{service.base}/token"
    assert row.next_refresh_at is not None
    assert service.calls == ["token", "me"]


def test_grant_is_refreshed_and_revoked(api, service):
    connect(api, service)
    row = Connection.objects.get()
    before = Credential.objects.get().get_values()
    answer = api.post_json(f"/oauth/refresh/{row.public_id}", {})
    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "success"
    assert answer.json()["connection_id"] == row.public_id
    assert Credential.objects.get().get_values()["access_token"] != before["access_token"]
    answer = api.post_json(f"/oauth/revoke/{row.public_id}", {})
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "success", "connection_id": row.public_id},
    )
    assert "revoke" in service.calls
    row.refresh_from_db()
    assert (row.status, row.status_reason["code"]) == ("expired", "revoked")


def test_repair_keeps_the_connection_and_gives_it_the_new_tokens(api, service):
    connect(api, service, config={"tenant": "acme"}, credentials={"developer_token": "dev-1"})
    row = Connection.objects.get()
    api.post_json(f"/oauth/revoke/{row.public_id}", {})
    service.extra = {"refresh_token": None}
    answer = connect(api, service, connection_id=row.public_id)
    assert answer["Location"] == "/oauth/result/connected"
    repaired = Connection.objects.get()
    assert (repaired.pk, repaired.status, repaired.account_id) == (row.pk, "active", "acct-1")
    assert repaired.config == {"tenant": "acme", "realm": "12345"}
    values = Credential.objects.get().get_values()
    assert "refresh_token" not in values
    assert values["developer_token"] == "dev-1"


def test_repair_with_another_account_changes_nothing(api, service):
    connect(api, service)
    row = Connection.objects.get()
    before = Credential.objects.get().get_values()
    service.account = "acct-2"
    answer = connect(api, service, connection_id=row.public_id)
    assert answer["Location"] == "/oauth/result/wrong_account"
    assert Credential.objects.get().get_values() == before
    assert Connection.objects.get().updated_at == row.updated_at


def test_browser_goes_back_to_a_listed_address(api, service):
    back = {"redirect_uri": "https://app.example.com/back?tab=1"}
    answer = connect(api, service, **back)
    name = Connection.objects.get().public_id
    assert answer.status_code == 303
    assert answer["Location"] == f"{back['redirect_uri']}&status=success&connection_id={name}"
    service.extra = {"token_type": "mac"}
    answer = connect(api, service, **back)
    assert answer["Location"] == f"{back['redirect_uri']}&status=failed&error=bad_answer"
    assert Connection.objects.count() == 1


@pytest.mark.parametrize(
    ("extra", "outcome"),
    [
        ({"realm": "not a number"}, "not_accepted"),
        ({"realm": None}, "connected"),
        ({"access_token": ""}, "bad_answer"),
        ({"access_token": {"a": 1}}, "bad_answer"),
        ({"token_type": "mac"}, "bad_answer"),
        ({"error": "access_denied"}, "access_denied"),
    ],
    ids=["bad realm", "no realm", "blank token", "no text", "mac", "error inside"],
)
def test_what_came_back_passes_the_rules_of_any_connection(api, service, extra, outcome):
    service.extra = extra
    answer = connect(api, service)
    assert answer["Location"] == f"/oauth/result/{outcome}"
    assert Connection.objects.count() == Credential.objects.count() == (outcome == "connected")


def test_callback_leaves_no_trace_of_its_address(api, service):
    begun = api.post_json("/oauth/initiate", BODY).json()
    browser = Client()
    started = browser.get("/oauth/start?state=" + begun["state"])
    answer = came_back(browser, service.consent(started["Location"]))
    for one in (started, answer):
        assert one["Referrer-Policy"] == "no-referrer"
        assert one["Cache-Control"] == "no-store"
    assert "code" not in answer["Location"]
    assert OAuthFlow.objects.get().used_at is not None
    page = browser.get(answer["Location"])
    assert page.status_code == 200
    assert b"Connected" in page.content


def test_cookie_of_a_flow_is_bound_to_this_host(api, service, settings):
    settings.HTTPS = True
    begun = api.post_json("/oauth/initiate", BODY).json()
    started = Client().get("/oauth/start?state=" + begun["state"], secure=True)
    (cookie,) = started.cookies.values()
    assert cookie.key == f"__Host-oauth-{OAuthFlow.objects.get().id.hex}"
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert 590 <= cookie["max-age"] <= 600
