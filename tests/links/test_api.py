"""Connect sessions as programs make them: every rule of the body, one-time links, their states."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from connections.jobs.housekeeping import tidy_up
from connections.models import AuditEvent, ConnectSession, IdempotencyRecord
from integrations.models import Integration
from integrations.services import mark_changed
from tests.api.bodies import KEYED, codes, refusal
from tests.api.test_tenants import dump
from tests.canary import stored_rows
from tests.factories import (
    KEY_AND_EMAIL,
    api_client,
    make_integration,
    make_key,
    make_key_row,
    make_workspace,
)
from tests.links.linking import ORIGIN, RETURN
from tests.links.test_pages import REGIONAL

pytestmark = pytest.mark.django_db

PATH = "/connect/sessions"
BODY = {"integrations": ["key-and-email"]}


@pytest.fixture
def workspace() -> Any:
    make_integration(KEY_AND_EMAIL)
    make_integration(REGIONAL)
    return make_workspace(return_urls=[RETURN], embed_origins=[ORIGIN])


@pytest.fixture
def api(workspace: Any) -> Any:
    return api_client(make_key(workspace))


def test_session_is_described_whole(workspace):
    key, secret = make_key_row(workspace, "write")
    body = {
        "integrations": ["regional", "key-and-email"],
        "user_id": "user-42",
        "label": "Ours",
        "config": {"region": "eu"},
        "metadata": {"team": "blue"},
        "return_url": RETURN,
        "origin": ORIGIN,
        "locale": "de",
        "expires_in": 600,
    }
    answer = api_client(secret).post_json(PATH, body)
    assert answer.status_code == 201, answer.content
    found = answer.json()
    assert answer["Location"] == f"/api/v1/connect/sessions/{found['id']}"
    session = ConnectSession.objects.get()
    token = found["url"].removeprefix("http://testserver/connect/")
    assert len(token) == 43
    assert session.token_digest == hashlib.sha256(token.encode()).hexdigest()
    assert session.get_config() == {"region": "eu"}
    ends = parse_datetime(found["expires_at"])
    assert ends - parse_datetime(found["created_at"]) == timedelta(minutes=10)
    expected = {
        "id": session.public_id,
        "workspace_id": workspace.public_id,
        "status": "open",
        "integrations": ["regional", "key-and-email"],
        "connection_id": None,
        "user_id": "user-42",
        "label": "Ours",
        "metadata": {"team": "blue"},
        "config_set": ["region"],
        "return_url": RETURN,
        "origin": ORIGIN,
        "locale": "de",
        "failure": None,
        "expires_at": found["expires_at"],
        "ended_at": None,
        "created_by": key.public_id,
        "created_at": found["created_at"],
    }
    assert found == {**expected, "url": found["url"]}
    assert api_client(secret).get_json(f"{PATH}/{session.public_id}").json() == expected
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.subject) == (
        key.public_id, "connect_session.created", session.public_id,
    )  # fmt: skip


def test_half_an_hour_unless_said(api):
    found = api.post_json(PATH, BODY).json()
    lasts = parse_datetime(found["expires_at"]) - parse_datetime(found["created_at"])
    assert lasts == timedelta(minutes=30)


def test_token_is_stored_nowhere(api):
    url = api.post_json(PATH, BODY, HTTP_IDEMPOTENCY_KEY="once").json()["url"]
    token = url.rpartition("/")[2]
    assert [place for place, value in stored_rows() if token in str(value)] == []


def test_replay_makes_no_second_session_and_shows_no_link(api):
    first = api.post_json(PATH, BODY, HTTP_IDEMPOTENCY_KEY="once")
    again = api.post_json(PATH, BODY, HTTP_IDEMPOTENCY_KEY="once")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == {**first.json(), "url": None}
    assert ConnectSession.objects.count() == 1
    other = api.post_json(PATH, {**BODY, "label": "x"}, HTTP_IDEMPOTENCY_KEY="once")
    assert other.status_code == 422
    assert IdempotencyRecord.objects.get().answer.get("url") is None


def test_every_problem_is_said_at_once(api):
    body = {
        "integrations": ["key-and-email", "none"],
        "user_id": "x" * 256,
        "label": 5,
        "config": {"region": "EU", "other": "x"},
        "metadata": {"a": 1},
        "return_url": "https://evil.example/",
        "origin": "https://evil.example",
        "locale": "tlh",
        "expires_in": 86_401,
        "lable": "x",
    }
    before = dump()
    assert codes(api.post_json(PATH, body)) == {
        "integrations": "unknown_integration",
        "user_id": "max_length",
        "label": "invalid_text",
        "config.region": "unknown",
        "config.other": "unknown",
        "metadata": "invalid_pairs",
        "return_url": "unknown_return_address",
        "origin": "unknown_origin",
        "locale": "invalid_choice",
        "expires_in": "maximum",
        "lable": "unknown",
    }
    assert dump() == before


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param({"integrations": None}, ("integrations", "required"), id="none"),
        pytest.param({"integrations": []}, ("integrations", "required"), id="empty"),
        pytest.param({"integrations": "gmail"}, ("integrations", "invalid_list"), id="text"),
        pytest.param({"integrations": ["regional"] * 2}, ("integrations", "duplicate"), id="twice"),
        pytest.param(
            {"integrations": [f"i{n}" for n in range(51)]}, ("integrations", "max_length"), id="51"
        ),
        pytest.param(
            {"integrations": ["pаypal"]}, ("integrations", "unknown_integration"), id="homoglyph"
        ),
        pytest.param({"config": [1]}, ("config", "invalid_json"), id="config list"),
        pytest.param(
            {"integrations": ["regional"], "config": {"region": "EU"}},
            ("config.region", "pattern"),
            id="preset of another pattern",
        ),
        pytest.param(
            {"integrations": ["regional"], "config": {"credentials.api_key": "x"}},
            ("config.credentials.api_key", "unknown"),
            id="a secret as a preset",
        ),
        pytest.param({"return_url": RETURN + "&x"}, ("return_url", "unknown_return_address"),
                     id="one letter more"),
        pytest.param({"return_url": "//evil.com"}, ("return_url", "unknown_return_address"),
                     id="no scheme"),
        pytest.param({"origin": ORIGIN + "/"}, ("origin", "unknown_origin"), id="slash"),
        pytest.param({"origin": "null"}, ("origin", "unknown_origin"), id="null"),
        pytest.param({"origin": "*"}, ("origin", "unknown_origin"), id="star"),
        pytest.param({"expires_in": 59}, ("expires_in", "minimum"), id="too short"),
        pytest.param({"expires_in": "600"}, ("expires_in", "invalid_integer"), id="text number"),
        pytest.param({"locale": "DE"}, ("locale", "invalid_choice"), id="capitals"),
    ],
)  # fmt: skip
def test_refused_body(api, change, problem):
    field, code = problem
    assert codes(api.post_json(PATH, {**BODY, **change})) == {field: code}
    assert not ConnectSession.objects.exists()


def test_refusal_names_the_place_and_not_the_word(api):
    answer = api.post_json(PATH, {"integrations": ["key-and-email", "x\u0001"]})
    assert answer.json()["detail"]["fields"][0]["code"] in ("invalid_list", "unknown_integration")
    answer = api.post_json(PATH, {"integrations": ["key-and-email", "no-such"]})
    assert answer.json() == refusal(
        (
            "integrations",
            "unknown_integration",
            "Field 'integrations' names what cannot be connected",
            "Number 2 of the list is not among the integrations.",
        )
    )


def test_disabled_and_foreign_integrations_are_unknown(api, workspace):
    other = make_workspace()
    make_integration(KEY_AND_EMAIL.replace("key-and-email", "theirs"), workspace=other)
    row = Integration.objects.get(slug="regional")
    row.is_enabled = False
    row.save()
    mark_changed(row.pk)
    for slug in ("theirs", "regional"):
        answer = api.post_json(PATH, {"integrations": [slug]})
        assert codes(answer) == {"integrations": "unknown_integration"}


def test_repair_names_one_connection_of_this_workspace(api, workspace):
    connection = api.post_json("/connections", {**KEYED, "user_id": "user-42"}).json()["id"]
    found = api.post_json(PATH, {"connection_id": connection}).json()
    assert (found["connection_id"], found["integrations"]) == (connection, ["key-and-email"])
    same = {"connection_id": connection, "integrations": ["key-and-email"], "user_id": "user-42"}
    assert api.post_json(PATH, same).status_code == 201
    other = {"connection_id": connection, "integrations": ["regional"], "user_id": "somebody"}
    assert codes(api.post_json(PATH, other)) == {
        "integrations": "exclusive",
        "user_id": "other_user",
    }
    before = dump()
    stranger = api_client(make_key(make_workspace()))
    for client, name in ((stranger, connection), (api, "conn_" + "0" * 32), (api, "x")):
        answer = client.post_json(PATH, {"connection_id": name})
        assert (answer.status_code, answer.json()) == (
            404,
            {"detail": "Connection not found", "code": "not_found"},
        )
    assert {name: rows for name, rows in dump().items() if name == "ConnectSession"} == {
        "ConnectSession": before["ConnectSession"]
    }


@pytest.mark.parametrize(
    ("columns", "status"),
    [
        ({}, "open"),
        ({"expires_at": timezone.now()}, "expired"),
        ({"status": "cancelled"}, "cancelled"),
        ({"status": "completed", "connected": "conn_" + "1" * 32}, "completed"),
    ],
)
def test_status_is_told(api, columns, status):
    path = f"{PATH}/{api.post_json(PATH, BODY).json()['id']}"
    ConnectSession.objects.update(**columns)
    found = api.get_json(path).json()
    assert found["status"] == status
    assert found["connection_id"] == columns.get("connected")
    assert "url" not in found


def test_cancelled_at_once_and_as_often_as_asked(api):
    path = f"{PATH}/{api.post_json(PATH, BODY).json()['id']}"
    assert api.call("DELETE", path).status_code == 204
    assert api.get_json(path).json()["status"] == "cancelled"
    assert api.call("DELETE", path).status_code == 204
    assert AuditEvent.objects.filter(action="connect_session.cancelled").count() == 1


def test_completed_one_is_not_cancelled(api):
    path = f"{PATH}/{api.post_json(PATH, BODY).json()['id']}"
    ConnectSession.objects.update(status="completed")
    answer = api.call("DELETE", path)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_completed")


def test_old_sessions_are_tidied_up(api):
    path = f"{PATH}/{api.post_json(PATH, BODY).json()['id']}"
    now = timezone.now()
    ConnectSession.objects.update(expires_at=now - timedelta(days=6))
    tidy_up()
    assert api.get_json(path).status_code == 200
    ConnectSession.objects.update(expires_at=now - timedelta(days=8))
    tidy_up()
    assert api.get_json(path).status_code == 404
