"""Every verb that writes leaves one audit row, in its own transaction, with names and no values."""

import json

import pytest
from django.db import transaction

from connections.models import ApiKey, AuditEvent, Connection, Credential, IdempotencyRecord
from tests.api.bodies import KEYED, keyed
from tests.factories import (
    KEY_AND_EMAIL,
    api_client,
    make_integration,
    make_key_row,
    make_workspace,
)

pytestmark = pytest.mark.django_db

CREDENTIAL = {
    "label": "canary label",
    "auth_type": "api_key",
    "credential_type": "integration",
    "credentials": {"api_key": "canary key", "email": "canary@example.com"},
}
API_KEY = {"label": "canary label", "permissions": ["read"]}


class World:
    """A workspace with one of everything, and a key that may do everything."""

    def __init__(self):
        make_integration(KEY_AND_EMAIL)
        self.workspace = make_workspace()
        self.key, secret = make_key_row(self.workspace)
        self.client = api_client(secret)
        self.connection = self.client.post_json("/connections", KEYED).json()["id"]
        self.credential = self.client.post_json("/credentials", CREDENTIAL).json()["id"]
        self.other = make_key_row(self.workspace, "read")[0].public_id
        AuditEvent.objects.all().delete()


@pytest.fixture
def world():
    return World()


SENT = {"api_key": "canary key", "email": "canary@example.com"}
NAMED = ["credentials.api_key", "credentials.email"]
VERBS = [
    pytest.param("POST", "/connections", keyed(credentials=SENT, label="canary"), NAMED, id="new"),
    pytest.param(
        "PATCH",
        "/connections/{0.connection}",
        {"label": "canary", "credentials": {"api_key": "canary"}, "metadata": {"canary": "canary"}},
        ["credentials.api_key", "label", "metadata"],
        id="change",
    ),
    pytest.param(
        "PUT", "/connections/{0.connection}", {"status": "inactive"}, ["status"], id="off"
    ),
    pytest.param("GET", "/connections/{0.connection}/credentials", None, NAMED, id="reveal"),
    pytest.param("POST", "/connections/{0.connection}/test", None, [], id="test"),
    pytest.param("DELETE", "/connections/{0.connection}", None, [], id="delete"),
    pytest.param(
        "POST",
        "/credentials",
        CREDENTIAL,
        ["auth_type", "credential_scope", "credential_type", *NAMED, "label"],
        id="new credential",
    ),
    pytest.param(
        "PUT",
        "/credentials/{0.credential}",
        {"description": "canary", "credentials": SENT},
        [*NAMED, "description"],
        id="change of a credential",
    ),
    pytest.param("DELETE", "/credentials/{0.credential}", None, [], id="delete a credential"),
    pytest.param("POST", "/api-keys", API_KEY, ["label", "permissions"], id="new key"),
    pytest.param(
        "PUT", "/api-keys/{0.other}", {"label": "canary"}, ["label"], id="change of a key"
    ),
    pytest.param("POST", "/api-keys/{0.other}/rotate", {}, [], id="rotation"),
    pytest.param("DELETE", "/api-keys/{0.other}", None, [], id="delete a key"),
]


@pytest.mark.parametrize(("method", "path", "body", "fields"), VERBS)
def test_verb_leaves_one_row_with_names(world, method, path, body, fields):
    answer = world.client.call(method, path.format(world), body)
    assert answer.status_code in (200, 201, 204), answer.content
    event = AuditEvent.objects.get()
    verbs = {
        "POST": {"rotate": "rotated", "test": "tested"}.get(path.split("/")[-1], "created"),
        "GET": "revealed",
        "DELETE": "deleted",
    }
    noun = path.split("/")[1].replace("-", "_").removesuffix("s")
    assert event.action == f"{noun}.{verbs.get(method, 'changed')}"
    assert (event.actor, event.workspace_id) == (world.key.public_id, world.workspace.id)
    named = answer.json()["id"] if method == "POST" and "{" not in path else None
    assert event.subject == (named or path.format(world).split("/")[2])
    assert event.fields == fields
    assert "canary" not in json.dumps(list(AuditEvent.objects.values()), default=str)


READS = [
    "/connections",
    "/connections/{0.connection}",
    "/connections/{0.connection}?include_credential=true",
    "/credentials",
    "/credentials/{0.credential}",
    "/api-keys",
    "/api-keys/{0.other}",
    "/integrations",
]


@pytest.mark.parametrize("path", READS)
def test_reading_leaves_none(world, path):
    assert world.client.get_json(path.format(world)).status_code == 200
    assert not AuditEvent.objects.exists()


REFUSED = [
    ("POST", "/connections", keyed(label="x" * 256)),
    ("PATCH", "/connections/{0.connection}", {"credentials": None}),
    ("DELETE", "/connections/{0.connection}?revoke=true", None),
    ("PUT", "/credentials/{0.credential}", {"label": None}),
    ("POST", "/api-keys", {"label": "x", "permissions": ["fly"]}),
    ("POST", "/connections/validate?integration_id=key-and-email", {"credentials": SENT}),
]


@pytest.mark.parametrize(("method", "path", "body"), REFUSED)
def test_what_changes_nothing_leaves_none(world, method, path, body):
    world.client.call(method, path.format(world), body)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(("method", "path", "body", "fields"), VERBS)
def test_row_goes_with_its_transaction(world, method, path, body, fields):
    with transaction.atomic():
        world.client.call(method, path.format(world), body)
        assert AuditEvent.objects.count() == 1
        transaction.set_rollback(True)
    assert not AuditEvent.objects.exists()


# Where each verb writes its audit row: it fails there, and nothing else may have happened.
WRITERS = [
    pytest.param(
        "connections.services.connections.insert_together",
        "POST",
        "/connections",
        KEYED,
        id="new",
    ),
    *(
        pytest.param(f"connections.services.{module}.record", method, path, body, id=name)
        for module, method, path, body, name in (
            ("connections", "PATCH", "/connections/{0.connection}", {"label": "x"}, "change"),
            ("connections", "DELETE", "/connections/{0.connection}", None, "delete"),
            ("connections", "GET", "/connections/{0.connection}/credentials", None, "reveal"),
            ("credentials", "POST", "/credentials", CREDENTIAL, "new credential"),
            ("credentials", "PUT", "/credentials/{0.credential}", {"label": "x"}, "its change"),
            ("credentials", "DELETE", "/credentials/{0.credential}", None, "its end"),
            ("api_keys", "POST", "/api-keys", API_KEY, "new key"),
            ("api_keys", "PUT", "/api-keys/{0.other}", {"label": "x"}, "change of a key"),
            ("api_keys", "POST", "/api-keys/{0.other}/rotate", {}, "rotation"),
            ("api_keys", "DELETE", "/api-keys/{0.other}", None, "end of a key"),
        )
    ),
]


def everything():
    # The use of the acting key is noted by whatever it asks.
    return [
        list(Connection.objects.values()),
        list(Credential.objects.values()),
        list(ApiKey.objects.order_by("id").values("id", "label", "digest", "old_digest")),
        list(IdempotencyRecord.objects.values()),
    ]


@pytest.mark.parametrize(("writer", "method", "path", "body"), WRITERS)
def test_verb_without_its_row_does_not_happen(world, monkeypatch, writer, method, path, body):
    class FullError(Exception):
        pass

    def fail(*_arguments):
        raise FullError

    before = everything()
    monkeypatch.setattr(writer, fail)
    with pytest.raises(FullError):
        world.client.call(method, path.format(world), body, HTTP_IDEMPOTENCY_KEY="one")
    assert everything() == before


def test_workspace_takes_everything_along(world):
    world.workspace.delete()
    for model in (Connection, Credential, ApiKey, AuditEvent):
        assert not model.objects.exists()
