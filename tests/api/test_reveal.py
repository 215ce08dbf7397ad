"""The one call that secrets leave through: its permission, its audit row, and no other way out."""

import json

import pytest

from connections.models import AuditEvent
from tests.api.bodies import published
from tests.factories import (
    api_client,
    load_builtin,
    make_integration,
    make_key,
    make_key_row,
    make_workspace,
)

pytestmark = pytest.mark.django_db

SECRETS = """
slug: secrets
name: Secrets
type: api
fields:
  - {key: region, target: config, label: Region}
  - {key: salt, target: config, type: password, label: Salt, secure: true}
auth_methods:
  - id: keys
    name: Keys
    kind: custom
    default: true
    fields:
      - {key: key, type: password, label: Key}
      - {key: account, label: Account, secure: false}
    request: {base_url: 'https://api.example.com', headers: {X-Key: '{key}'}}
"""
BODY = {
    "integration": "secrets",
    "integration_type": "api",
    "credentials": {"key": "canary-key", "account": "acme"},
    "config": {"region": "eu", "salt": "canary-salt"},
}


@pytest.fixture
def workspace():
    make_integration(SECRETS)
    return make_workspace()


@pytest.fixture
def client(workspace):
    return api_client(make_key(workspace))


@pytest.fixture
def created(client):
    return client.post_json("/connections", BODY).json()


def test_revealed_values_are_written_down(workspace, client, created):
    key, secret = make_key_row(workspace, "reveal")
    answer = api_client(secret).get_json(f"/connections/{created['id']}/credentials")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "id": created["id"],
            "auth_method_id": "keys",
            "status": "active",
            "expires_at": None,
            "credentials": BODY["credentials"],
            "config": BODY["config"],
            "token": None,
        },
    )
    assert answer["Cache-Control"] == "no-store"
    event = AuditEvent.objects.get(action="connection.revealed")
    assert (event.actor, event.subject, event.workspace_id) == (
        key.public_id,
        created["id"],
        workspace.id,
    )
    assert event.fields == ["config.salt", "credentials.account", "credentials.key"]


def test_use_is_noted(client, created):
    client.get_json(f"/connections/{created['id']}/credentials")
    read = client.get_json(f"/connections/{created['id']}").json()
    assert read["last_used_at"] > created["created_at"]
    assert read["updated_at"] == created["updated_at"]


def test_values_are_revealed_after_every_edit(client, created):
    path = f"/connections/{created['id']}"
    for body in (
        {"label": "New"},
        {"credentials": {"key": "second"}},
        {"config": {"salt": "pepper"}},
        {"status": "inactive"},
        {"status": "active"},
    ):
        assert client.patch_json(path, body).status_code == 200
    shown = client.get_json(f"{path}/credentials").json()
    assert shown["credentials"] == {"key": "second", "account": "acme"}
    assert shown["config"] == {"region": "eu", "salt": "pepper"}


def test_no_other_answer_holds_a_secret(client, created):
    path = f"/connections/{created['id']}"
    credential = f"/credentials/{created['credential_id']}"
    answers = [
        client.get_json(path),
        client.get_json(f"{path}?include_credential=true"),
        client.get_json("/connections"),
        client.get_json("/connections?search=canary"),
        client.get_json(credential),
        client.get_json("/credentials?search=canary"),
        client.patch_json(path, {"label": "New"}),
        client.patch_json(path, {"config": {"region": None}}),
        client.call("POST", f"{path}/test"),
        client.put_json(credential, {"credentials": {"key": "canary-key"}}),
        client.post_json("/connections", {**BODY, "label": "x" * 300}),
        client.post_json("/connections/validate?integration_id=secrets", {"credentials": {}}),
    ]
    assert [one.status_code for one in answers] == [200] * 7 + [400, 200, 400, 400, 200]
    assert not [one.content for one in answers if b"canary" in one.content]
    assert "canary" not in json.dumps(list(AuditEvent.objects.values()), default=str)


def test_credential_is_described_on_request(client, created):
    path = f"/connections/{created['id']}"
    answer = client.get_json(f"{path}?include_credential=true").json()
    described = answer.pop("credential")
    assert answer == client.get_json(path).json() == created
    assert described == client.get_json(f"/credentials/{created['credential_id']}").json()
    assert described["connections"] == 1
    assert "credentials" not in described


def test_connection_without_a_credential_describes_none(client):
    make_integration(
        "slug: open\nname: Open\ntype: api\n"
        "auth_methods: [{id: none, name: None, kind: none, default: true}]\n"
    )
    body = {"integration": "open", "integration_type": "api"}
    created = client.post_json("/connections", body).json()
    assert created["credential_id"] is None
    path = f"/connections/{created['id']}"
    assert client.get_json(f"{path}?include_credential=true").json()["credential"] is None
    shown = client.get_json(f"{path}/credentials").json()
    assert (shown["credentials"], shown["config"]) == ({}, {})


def test_rules_of_today_are_asked_again(client):
    load_builtin("gmail")
    body = published(expires_at="2999-01-01T00:00:00Z")
    created = client.post_json("/connections", body).json()
    report = client.call("POST", f"/connections/{created['id']}/test").json()
    assert (report["valid"], report["errors"]) == (True, [])
    assert [one["status"] for one in report["stages"]] == ["passed"] * 2 + ["skipped"] * 3
