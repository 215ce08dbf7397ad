"""`Idempotency-Key`: one creation however often it is asked for, and nothing in between."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import ApiKey, AuditEvent, Connection, Credential, IdempotencyRecord
from connections.services import idempotency
from tests.api.bodies import KEYED, keyed, published
from tests.factories import (
    KEY_AND_EMAIL,
    api_client,
    load_builtin,
    make_actor,
    make_integration,
    make_key,
    make_workspace,
)

pytestmark = pytest.mark.django_db

KEY = {"HTTP_IDEMPOTENCY_KEY": "order 66"}
CREDENTIAL = {
    "label": "Kept",
    "auth_type": "api_key",
    "credential_type": "integration",
    "credentials": {"api_key": "a key"},
}
API_KEY = {"label": "Robot", "permissions": ["read"]}


@pytest.fixture
def workspace():
    make_integration(KEY_AND_EMAIL)
    return make_workspace()


@pytest.fixture
def client(workspace):
    return api_client(make_key(workspace))


def route_of(path):
    return {"/connections": "api:connections"}.get(path, f"api:{path[1:]}")


@pytest.mark.parametrize(
    ("path", "body", "model"),
    [
        pytest.param("/connections", KEYED, Connection, id="connection"),
        pytest.param("/credentials", CREDENTIAL, Credential, id="credential"),
    ],
)
def test_repeated_creation_gets_the_first_answer(client, path, body, model):
    first = client.post_json(path, body, **KEY)
    again = client.post_json(path, dict(reversed(body.items())), **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json(), again["Location"]) == (first.json(), first["Location"])
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert model.objects.count() == 1


def test_repeated_api_key_comes_without_its_secret(client):
    first = client.post_json("/api-keys", API_KEY, **KEY)
    again = client.post_json("/api-keys", API_KEY, **KEY)
    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == {**first.json(), "key": None}
    assert ApiKey.objects.filter(label="Robot").count() == 1
    assert first.json()["key"] not in str(IdempotencyRecord.objects.values())


def test_other_body_is_refused(client):
    client.post_json("/connections", KEYED, **KEY)
    answer = client.post_json("/connections", keyed(label="Other"), **KEY)
    assert (answer.status_code, answer.json()) == (
        422,
        {
            "detail": "This Idempotency-Key was used with another body.",
            "code": "idempotency_mismatch",
        },
    )
    assert Connection.objects.count() == 1


def test_key_counts_for_one_route_of_one_workspace(client):
    stranger = api_client(make_key(make_workspace()))
    ids = {
        client.post_json("/connections", KEYED, **KEY).json()["id"],
        stranger.post_json("/connections", KEYED, **KEY).json()["id"],
        client.post_json("/credentials", CREDENTIAL, **KEY).json()["id"],
    }
    assert len(ids) == 3


STILL_RUNNING = {
    "detail": "A request with this Idempotency-Key is still running.",
    "code": "still_running",
}


def begin(workspace, path="/connections", body=KEYED):
    """As far as a process came that died before it created anything."""
    return idempotency.begin(make_actor(workspace), route_of(path), "order 66", body)


def test_running_request_is_waited_for(client, workspace):
    begin(workspace)
    answer = client.post_json("/connections", KEYED, **KEY)
    assert (answer.status_code, answer.json()) == (409, STILL_RUNNING)
    assert not Connection.objects.exists()


def test_stale_lease_is_taken_over(client, workspace):
    record = begin(workspace)
    assert not Connection.objects.exists()
    past = timezone.now() - timedelta(seconds=1)
    IdempotencyRecord.objects.filter(pk=record.pk).update(lease_until=past)
    answer = client.post_json("/connections", KEYED, **KEY)
    assert answer.status_code == 201
    assert Connection.objects.count() == 1
    assert client.post_json("/connections", KEYED, **KEY).json() == answer.json()


def test_whoever_lost_the_lease_creates_nothing(client, workspace, monkeypatch):
    def lose_lease(record, *arguments):
        IdempotencyRecord.objects.filter(pk=record.pk).update(lease_until=timezone.now())
        return finish(record, *arguments)

    finish = idempotency.finish
    monkeypatch.setattr(idempotency, "finish", lose_lease)
    answer = client.post_json("/connections", KEYED, **KEY)
    assert (answer.status_code, answer.json()) == (409, STILL_RUNNING)
    assert (Connection.objects.count(), Credential.objects.count()) == (0, 0)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("path", "wrong", "right"),
    [
        ("/connections", keyed(label="x" * 256), KEYED),
        ("/credentials", {**CREDENTIAL, "label": None}, CREDENTIAL),
        ("/api-keys", {**API_KEY, "permissions": ["fly"]}, API_KEY),
    ],
)
def test_refused_request_frees_its_key(client, path, wrong, right):
    assert client.post_json(path, wrong, **KEY).status_code == 400
    assert not IdempotencyRecord.objects.exists()
    assert client.post_json(path, right, **KEY).status_code == 201


def test_refused_live_test_frees_its_key(client):
    assert client.post_json("/connections?verify=required", KEYED, **KEY).status_code == 503
    assert client.post_json("/connections", KEYED, **KEY).status_code == 201


def test_answer_is_kept_for_a_day(client):
    first = client.post_json("/connections", KEYED, **KEY).json()
    almost = timezone.now() - timedelta(hours=23, minutes=59)
    IdempotencyRecord.objects.update(created_at=almost)
    assert client.post_json("/connections", KEYED, **KEY).json() == first
    IdempotencyRecord.objects.update(created_at=almost - timedelta(minutes=2))
    assert client.post_json("/connections", KEYED, **KEY).json()["id"] != first["id"]


def test_repeated_creation_is_answered_though_it_would_be_refused_by_now(client):
    load_builtin("gmail")
    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    body = published(expires_at=soon, refresh_token=None)
    first = client.post_json("/connections", body, **KEY)
    assert first.status_code == 201
    later = timezone.now() + timedelta(hours=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("integrations.requirements.timezone.now", lambda: later)
        assert client.post_json("/connections", body).status_code == 400
        again = client.post_json("/connections", body, **KEY)
    assert (again.status_code, again.json()) == (201, first.json())


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "ключ".encode().decode("latin-1")])
def test_key_is_short_printable_ascii(client, key):
    answer = client.post_json("/connections", KEYED, HTTP_IDEMPOTENCY_KEY=key)
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "detail": "Idempotency-Key must be 1 to 255 printable ASCII characters.",
            "code": "bad_idempotency_key",
        },
    )
    assert not Connection.objects.exists()


def test_stored_fingerprint_tells_nothing_of_the_body(client):
    client.post_json("/connections", KEYED, **KEY)
    assert "first key" not in str(IdempotencyRecord.objects.values())
