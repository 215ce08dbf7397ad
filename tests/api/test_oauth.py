"""Beginning an authorization, refreshing and revoking, as programs ask for it."""

from typing import Any

import pytest
from werkzeug import Response

from connections.models import Connection, Credential, OAuthClient, OAuthFlow
from tests.api.documented import OPERATIONS_BY_ID, assert_documented, response_of
from tests.api.test_tenants import dump
from tests.factories import (
    KEY_AND_EMAIL,
    api_client,
    load_builtin,
    make_integration,
    make_key,
    make_workspace,
)
from tests.oauth_flow.service import make_client, make_service
from tests.oauth_flow.test_flow import connect

pytestmark = pytest.mark.django_db

BODY = {"integration_id": "local-grant"}


@pytest.fixture
def workspace() -> Any:
    return make_workspace(return_urls=["https://app.example.com/back"])


@pytest.fixture
def service(httpserver: Any, settings: Any, workspace: Any) -> Any:
    service = make_service(httpserver, settings)
    make_client(workspace)
    return service


@pytest.fixture
def api(workspace: Any, service: Any) -> Any:
    return api_client(make_key(workspace))


def test_answers_are_documented(api, service):
    begun = api.post_json("/oauth/initiate", BODY)
    assert_documented("initiateOAuth", begun)
    assert begun.json() == {
        "auth_url": f"http://testserver/oauth/start?state={begun.json()['state']}",
        "state": begun.json()["state"],
        "integration_id": "local-grant",
    }
    connect(api, service)
    row = Connection.objects.get()
    refreshed = api.post_json(f"/oauth/refresh/{row.public_id}", None)
    assert refreshed.status_code == 200
    assert_documented("refreshOAuth", refreshed)
    revoked = api.post_json(f"/oauth/revoke/{row.public_id}", None)
    assert revoked.status_code == 200
    assert_documented("revokeOAuth", revoked)


def test_state_is_stored_hashed_and_the_rest_encrypted(api, service):
    config = {"tenant": "canarytenant"}
    state = api.post_json("/oauth/initiate", {**BODY, "config": config}).json()["state"]
    (rows,) = OAuthFlow.objects.values()
    assert state not in str(rows)
    assert "canarytenant" not in str(rows)
    assert OAuthFlow.objects.get().get_context()["config"] == config
    assert service.calls == []


@pytest.mark.parametrize(
    ("sent", "problems"),
    [
        ({"integration_id": None}, {("integration_id", "required")}),
        ({"integration_id": "nothing"}, {("integration_id", "unknown_integration")}),
        ({"auth_method_id": "nothing"}, {("auth_method_id", "unknown_auth_method")}),
        ({"auth_method_id": "token"}, {("auth_method_id", "no_sign_in")}),
        ({"redirect_uri": "https://evil.com"}, {("redirect_uri", "unknown_return_address")}),
        ({"redirect_uri": "//evil.com"}, {("redirect_uri", "unknown_return_address")}),
        ({"redirect_uri": "\\\\evil"}, {("redirect_uri", "unknown_return_address")}),
        ({"redirect_uri": "javascript:alert(1)"}, {("redirect_uri", "unknown_return_address")}),
        (
            {"redirect_uri": "https://app.example.com/back/"},
            {("redirect_uri", "unknown_return_address")},
        ),
        ({"return_to": "https://app.example.com/back"}, {("return_to", "unknown")}),
        ({"config": {"tenant": "NOT GOOD"}}, {("config.tenant", "pattern")}),
        ({"config": {"tenent": "acme"}}, {("config.tenent", "unknown")}),
        ({"config": "acme"}, {("config", "invalid_json")}),
        ({"credentials": {"access_token": "x"}}, {("credentials.access_token", "unknown")}),
        ({"scopes": 5}, {("scopes", "invalid_scopes")}),
        (
            {"label": "x" * 256, "user_id": "x" * 256, "integration_id": None},
            {("label", "max_length"), ("user_id", "max_length"), ("integration_id", "required")},
        ),
    ],
    ids=lambda one: "-".join(one) if isinstance(one, dict) else None,
)
def test_refused_with_every_problem_and_nothing_stored(api, service, sent, problems):
    before = dump()
    answer = api.post_json("/oauth/initiate", {**BODY, **sent})
    assert answer.status_code == 400
    assert_documented("initiateOAuth", answer)
    found = answer.json()["detail"]["fields"]
    assert {(one["field"], one["code"]) for one in found} == problems
    assert dump() == before


def test_method_without_a_client_is_refused_with_a_hint(api):
    OAuthClient.objects.all().delete()
    answer = api.post_json("/oauth/initiate", BODY)
    assert answer.json()["detail"]["fields"] == [
        {
            "field": "auth_method_id",
            "code": "no_client",
            "message": "Field 'auth_method_id' names a method that has no OAuth client in this "
            "workspace",
            "hint": "Staff set one up in the admin, under OAuth clients.",
        }
    ]


def test_client_of_another_workspace_is_used_only_if_it_is_shared(api, workspace):
    OAuthClient.objects.all().delete()
    other = make_client(make_workspace())
    assert api.post_json("/oauth/initiate", BODY).status_code == 400
    other.is_shared = True
    other.save()
    assert api.post_json("/oauth/initiate", BODY).status_code == 200
    assert OAuthFlow.objects.get().get_context()["client"] == other.public_id
    own = make_client(workspace)
    api.post_json("/oauth/initiate", BODY)
    assert OAuthFlow.objects.first().get_context()["client"] == own.public_id


@pytest.mark.parametrize("whose", ["theirs", "nobody's"])
def test_connection_of_another_workspace_is_not_found(api, service, whose):
    other = make_workspace()
    make_client(other)
    connect(api_client(make_key(other)), service)
    theirs = Connection.objects.get().public_id
    before = dump()
    named = theirs if whose == "theirs" else "conn_" + "0" * 32
    answer = api.post_json("/oauth/initiate", {**BODY, "connection_id": named})
    assert (answer.status_code, answer.json()) == (
        404,
        {"detail": "Connection not found", "code": "not_found"},
    )
    assert dump() == before


def test_connection_of_another_method_is_refused(api, service):
    make_integration(KEY_AND_EMAIL)
    body = {"integration": "key-and-email", "integration_type": "api"}
    body |= {"credentials": {"api_key": "k", "email": "a@example.com"}}
    made = api.post_json("/connections?verify=never", body).json()
    answer = api.post_json("/oauth/initiate", {**BODY, "connection_id": made["id"]})
    (problem,) = answer.json()["detail"]["fields"]
    assert (problem["field"], problem["code"]) == ("connection_id", "other_method")


def test_catalogue_begins_with_its_own_addresses(api, workspace):
    load_builtin("gmail")
    answer = api.post_json("/oauth/initiate", {"integration_id": "gmail"})
    assert answer.json()["detail"]["fields"][0]["code"] == "no_client"


def test_refusals_of_a_refresh_are_documented(api, service):
    connect(api, service)
    row = Connection.objects.get()
    before = Credential.objects.get().get_values()
    service.answer = _answer('{"error": "invalid_grant"}', 400)
    answer = api.post_json(f"/oauth/refresh/{row.public_id}", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_refreshable")
    assert_documented("refreshOAuth", answer)
    assert Credential.objects.get().get_values() == before
    assert Connection.objects.get().status == "expired"


def test_service_that_is_down_leaves_the_connection_active(api, service):
    connect(api, service)
    row = Connection.objects.get()
    service.answer = _answer("{}", 503)
    answer = api.post_json(f"/oauth/refresh/{row.public_id}", {})
    assert (answer.status_code, answer.json()["code"]) == (503, "refresh_failed")
    assert int(answer["Retry-After"]) >= 1
    assert_documented("refreshOAuth", answer)
    assert Connection.objects.get().status == "active"


def _answer(body: str, status: int) -> Response:
    return Response(body, status, content_type="application/json")


def test_every_status_of_the_routes_is_in_the_document():
    for name in ("initiateOAuth", "refreshOAuth", "revokeOAuth"):
        for status in (400, 401, 403, 404, 503):
            assert response_of(OPERATIONS_BY_ID[name][2], status)
