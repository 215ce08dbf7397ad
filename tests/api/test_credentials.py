"""Credentials kept for themselves: made, shown, changed for all who use them, deleted if unused."""

import pytest

from connections.models import AuditEvent, Connection, Credential
from tests.api.bodies import ACCESS_TOKEN, KEYED, codes, keyed, published, refusal
from tests.factories import (
    KEY_AND_EMAIL,
    api_client,
    load_builtin,
    make_integration,
    make_key,
    make_key_row,
    make_workspace,
)

pytestmark = pytest.mark.django_db

# The same fields, but one key more and another pattern.
PICKY = """
slug: picky
name: Picky
type: api
auth_methods:
  - id: api_key
    name: API key
    kind: custom
    default: true
    fields:
      - {key: api_key, type: password, label: API Key, pattern: '[a-z ]+'}
      - {key: email, type: email, label: Email, secure: false}
    request: {base_url: 'https://api.example.com', headers: {X-Key: '{api_key}'}}
"""
BODY = {
    "label": "Shared",
    "description": "For two services",
    "auth_type": "api_key",
    "credential_type": "integration",
    "credential_scope": "workspace",
    "provider": "example",
    "user_id": "anna",
    "credentials": KEYED["credentials"],
}


@pytest.fixture
def workspace():
    for definition in (KEY_AND_EMAIL, PICKY):
        make_integration(definition)
    load_builtin("gmail")
    return make_workspace()


@pytest.fixture
def client(workspace):
    return api_client(make_key(workspace))


def test_created_credential_is_described_without_its_values(workspace):
    key, secret = make_key_row(workspace)
    client = api_client(secret)
    answer = client.post_json("/credentials", BODY)
    created, row = answer.json(), Credential.objects.get()
    assert (answer.status_code, answer["Location"]) == (201, f"/api/v1/credentials/{row.public_id}")
    assert client.get_json(f"/credentials/{row.public_id}").json() == created
    assert created.pop("created_at")
    assert created.pop("updated_at")
    assert created == {
        **{name: value for name, value in BODY.items() if name != "credentials"},
        "id": row.public_id,
        "workspace_id": workspace.public_id,
        "status": "active",
        "expires_at": None,
        "last_used_at": None,
        "created_by": key.public_id,
        "connections": 0,
    }
    assert row.get_values() == BODY["credentials"]


def test_defaults(client):
    needed = ("label", "auth_type", "credential_type", "credentials")
    answer = client.post_json("/credentials", {name: BODY[name] for name in needed})
    created = answer.json()
    assert answer.status_code == 201
    assert created["credential_scope"] == "workspace"
    assert (created["description"], created["provider"], created["user_id"]) == (None, None, None)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"label": None}, {"label": "required"}),
        ({"label": "x" * 101}, {"label": "max_length"}),
        ({"description": "x" * 256}, {"description": "max_length"}),
        ({"provider": "x" * 256}, {"provider": "max_length"}),
        ({"user_id": "x" * 256}, {"user_id": "max_length"}),
        ({"auth_type": "magic"}, {"auth_type": "invalid_choice"}),
        ({"auth_type": None}, {"auth_type": "required"}),
        ({"credential_type": "x"}, {"credential_type": "invalid_choice"}),
        ({"credential_scope": "x"}, {"credential_scope": "invalid_choice"}),
        ({"credentials": None}, {"credentials": "required"}),
        ({"credentials": "x"}, {"credentials": "invalid_json"}),
        ({"credentials": []}, {"credentials": "required"}),
        ({"status": "active"}, {"status": "unknown"}),
        ({"lable": "x", "label": 5}, {"lable": "unknown", "label": "invalid_text"}),
    ],
)
def test_refused_member(client, members, expected):
    assert codes(client.post_json("/credentials", {**BODY, **members})) == expected
    assert not Credential.objects.exists()


def labels(client, query):
    answer = client.get_json(f"/credentials?{query}")
    assert answer.status_code == 200, answer.content
    return [one["label"] for one in answer.json()["credentials"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Gmail", "Model", "Shared"]),
        ("limit=1", ["Gmail"]),
        ("limit=1&skip=1", ["Model"]),
        ("skip=3", []),
        ("credential_type=llm", ["Model"]),
        ("auth_type=api_key", ["Shared"]),
        ("auth_type=oauth_token_refresh", ["Gmail"]),
        ("status=expired", ["Gmail"]),
        ("status=active", ["Model", "Shared"]),
        ("search=two", ["Shared"]),
        ("search=gmail", ["Gmail"]),
        ("search=%25", []),
    ],
)
def test_list(client, query, expected):
    client.post_json("/credentials", BODY)
    model = {"label": "Model", "description": None, "credential_type": "llm", "auth_type": "custom"}
    client.post_json("/credentials", {**BODY, **model})
    client.post_json("/connections", {**published(), "label": "Gmail"})
    assert labels(client, query) == expected


def test_list_counts_users_and_rows(client):
    stored = client.post_json("/credentials", BODY).json()
    for _number in range(3):
        client.post_json("/connections", keyed(credentials=None, credential_id=stored["id"]))
    answer = client.get_json("/credentials").json()
    assert [one["connections"] for one in answer["credentials"]] == [3]
    assert (answer["total"], answer["page"], answer["size"]) == (1, 1, 100)
    assert client.get_json(f"/credentials/{stored['id']}").json()["connections"] == 3


def in_use(client, *slugs):
    """A credential and a connection of each integration that uses it."""
    stored = client.post_json("/credentials", BODY).json()
    body = {"integration_type": "api", "credential_id": stored["id"]}
    made = [client.post_json("/connections", {**body, "integration": slug}) for slug in slugs]
    assert all(one.status_code == 201 for one in made)
    return stored, [one.json() for one in made]


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "1 connection uses this credential: delete it first."),
        (2, "2 connections use this credential: delete them first."),
    ],
)
def test_credential_in_use_is_not_deleted(client, count, sentence):
    stored, _users = in_use(client, *["key-and-email"] * count)
    answer = client.call("DELETE", f"/credentials/{stored['id']}")
    assert (answer.status_code, answer.json()) == (409, {"detail": sentence, "code": "in_use"})
    assert Credential.objects.count() == 1


def test_unused_credential_is_deleted(client):
    stored, _users = in_use(client)
    assert client.call("DELETE", f"/credentials/{stored['id']}").status_code == 204
    assert not Credential.objects.exists()
    assert client.get_json(f"/credentials/{stored['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {}),
        ({"label": "New"}, {"label": "New"}),
        ({"description": None}, {"description": None}),
        ({"provider": "", "user_id": None}, {"provider": None, "user_id": None}),
        ({"credential_type": "llm"}, {"credential_type": "llm"}),
    ],
)
def test_columns_change_one_by_one(client, body, expected):
    stored, _users = in_use(client)
    answer = client.put_json(f"/credentials/{stored['id']}", body)
    changed = answer.json()
    assert answer.status_code == 200
    assert changed.pop("updated_at") > stored.pop("updated_at")
    assert changed == {**stored, **expected}
    assert Credential.objects.get().get_values() == BODY["credentials"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"label": None}, {"label": "required"}),
        ({"credentials": None}, {"credentials": "required"}),
        ({"credentials": {}}, None),
    ],
)
def test_what_has_to_be_there_cannot_be_cleared(client, body, expected):
    stored, _users = in_use(client, "key-and-email")
    found = codes(client.put_json(f"/credentials/{stored['id']}", body))
    assert expected is None or found == expected
    assert Credential.objects.get().get_values() == BODY["credentials"]


NEW = {"credentials": {"api_key": "new key", "email": "b@example.com"}}


def test_new_values_reach_everyone_who_uses_them(client):
    stored, users = in_use(client, "key-and-email", "picky")
    assert client.put_json(f"/credentials/{stored['id']}", NEW).status_code == 200
    for user in users:
        shown = client.get_json(f"/connections/{user['id']}/credentials").json()
        assert shown["credentials"] == NEW["credentials"]
        updated_at = client.get_json(f"/connections/{user['id']}").json()["updated_at"]
        assert updated_at > user["updated_at"]


def test_new_values_are_refused_where_they_break_a_user(client):
    stored, (_easy, picky) = in_use(client, "key-and-email", "picky")
    events = AuditEvent.objects.count()
    body = {"label": "New", "credentials": {"api_key": "NEW KEY", "email": "b@example.com"}}
    answer = client.put_json(f"/credentials/{stored['id']}", body)
    message = "Field 'API Key' has an invalid format"
    assert (answer.status_code, answer.json()) == (
        400,
        refusal(("credentials.api_key", "pattern", message, picky["id"])),
    )
    assert Credential.objects.get().get_values() == BODY["credentials"]
    assert client.get_json(f"/credentials/{stored['id']}").json() == {
        **stored,
        "connections": 2,
    }
    assert AuditEvent.objects.count() == events


def test_every_user_that_would_break_is_named(client):
    stored, users = in_use(client, "key-and-email", "picky")
    answer = client.put_json(f"/credentials/{stored['id']}", {"credentials": {"api_key": "x"}})
    found = [(one["field"], one["code"], one["hint"]) for one in answer.json()["detail"]["fields"]]
    assert found == [("credentials.email", "required", user["id"]) for user in users]


def test_new_token_repairs_its_connections(client):
    created = client.post_json("/connections", published()).json()
    path = f"/credentials/{created['credential_id']}"
    assert client.get_json(path).json()["status"] == "expired"
    values = {"access_token": "fresh-" + ACCESS_TOKEN, "expires_at": "2999-01-01T00:00:00Z"}
    changed = client.put_json(path, {"credentials": values}).json()
    assert (changed["status"], changed["expires_at"][:4]) == ("active", "2999")
    connection = client.get_json(f"/connections/{created['id']}").json()
    assert (connection["status"], connection["status_reason"]) == ("active", None)
    assert connection["secrets_set"] == ["access_token"]


def test_end_of_old_values_does_not_outlive_them(client):
    created = client.post_json("/connections", published()).json()
    path = f"/credentials/{created['credential_id']}"
    Connection.objects.all().delete()
    changed = client.put_json(path, {"credentials": {"access_token": ACCESS_TOKEN}}).json()
    assert (changed["status"], changed["expires_at"]) == ("active", None)


def test_change_that_another_connection_joined_is_refused(client, monkeypatch):
    from connections import credential_serializers

    stored, _users = in_use(client, "key-and-email")
    change_credential = credential_serializers.change_credential

    def join(**arguments):
        body = {"integration": "picky", "integration_type": "api", "credential_id": stored["id"]}
        assert client.post_json("/connections", body).status_code == 201
        return change_credential(**arguments)

    monkeypatch.setattr(credential_serializers, "change_credential", join)
    answer = client.put_json(f"/credentials/{stored['id']}", NEW)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert Credential.objects.get().get_values() == BODY["credentials"]
