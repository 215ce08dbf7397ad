"""`PUT` and `PATCH` of a connection: absent keeps, null clears, a value replaces."""

import pytest
from django.utils import timezone

from connections.models import AuditEvent, Connection, Credential
from tests.api.bodies import ACCESS_TOKEN, KEYED, codes, keyed, published, refusal
from tests.factories import (
    KEY_AND_EMAIL,
    api_client,
    load_builtin,
    make_integration,
    make_key,
    make_workspace,
)

pytestmark = pytest.mark.django_db

# Every shape at once: a secret and an open field in each target, one of them optional.
SHAPES = """
slug: shapes
name: Shapes
type: api
fields:
  - {key: subdomain, target: config, type: subdomain, label: Subdomain, suffix: .example.com}
  - {key: region, target: config, label: Region, required: false}
  - {key: salt, target: config, type: password, label: Salt, required: false, secure: true}
auth_methods:
  - id: keys
    name: Keys
    kind: custom
    default: true
    fields:
      - {key: key, type: password, label: Key}
      - {key: second, type: password, label: Second key, required: false}
      - {key: account, label: Account, secure: false, required: false}
    request: {base_url: 'https://{subdomain}.example.com', headers: {X-Key: '{key}'}}
  - id: token
    name: Token
    kind: bearer
    request: {base_url: 'https://{subdomain}.example.com'}
"""
FULL = {
    "integration": "shapes",
    "integration_type": "api",
    "label": "Full",
    "credentials": {"key": "first", "second": "other", "account": "acme"},
    "config": {"subdomain": "acme", "region": "eu", "salt": "pepper"},
    "user_id": "user 1",
    "metadata": {"team": "blue"},
}


@pytest.fixture
def client():
    load_builtin("gmail")
    for definition in (SHAPES, KEY_AND_EMAIL):
        make_integration(definition)
    return api_client(make_key(make_workspace()))


def create(client, body=FULL):
    answer = client.post_json("/connections", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def change(client, created, body, method="PATCH"):
    return client.call(method, f"/connections/{created['id']}", body)


def read(client, created):
    return client.get_json(f"/connections/{created['id']}").json()


def revealed(client, created):
    answer = client.get_json(f"/connections/{created['id']}/credentials").json()
    return {"credentials": answer["credentials"], "config": answer["config"]}


STORED = {"credentials": FULL["credentials"], "config": FULL["config"]}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"label": "New"}, {"label": "New"}, id="label"),
        pytest.param({"label": None}, {"label": "Shapes"}, id="label cleared"),
        pytest.param({"user_id": "user 2"}, {"user_id": "user 2"}, id="user"),
        pytest.param({"user_id": None}, {"user_id": None}, id="user cleared"),
        pytest.param({"metadata": {"a": "b"}}, {"metadata": {"a": "b"}}, id="metadata"),
        pytest.param({"metadata": None}, {"metadata": {}}, id="metadata cleared"),
        pytest.param({"metadata": {}}, {"metadata": {}}, id="metadata emptied"),
        pytest.param({"status": "inactive"}, {"status": "inactive"}, id="switched off"),
    ],
)
def test_columns_change_one_by_one(client, method, body, expected):
    created = create(client)
    answer = change(client, created, body, method)
    changed = answer.json()
    assert answer.status_code == 200
    assert changed.pop("updated_at") > created.pop("updated_at")
    assert changed == {**created, **expected}
    assert {**read(client, created), "updated_at": None} == {**changed, "updated_at": None}
    assert revealed(client, created) == STORED


VALUES = [
    pytest.param({"credentials": {}}, {}, {}, id="no credential"),
    pytest.param({"credentials": {"key": "new"}}, {"key": "new"}, {}, id="secret replaced"),
    pytest.param(
        {"credentials": {"second": None}}, {"second": None}, {}, id="optional secret cleared"
    ),
    pytest.param({"credentials": {"second": ""}}, {"second": None}, {}, id="blank clears as well"),
    pytest.param({"credentials": {"account": "b"}}, {"account": "b"}, {}, id="open value replaced"),
    pytest.param({"config": {"region": "us"}}, {}, {"region": "us"}, id="setting replaced"),
    pytest.param({"config": {"region": None}}, {}, {"region": None}, id="setting cleared"),
    pytest.param({"config": {"salt": "new"}}, {}, {"salt": "new"}, id="secret setting replaced"),
    pytest.param({"config": {"salt": None}}, {}, {"salt": None}, id="secret setting cleared"),
]


def changed_values(stored, changes):
    merged = {**stored, **changes}
    return {name: value for name, value in merged.items() if value is not None}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(("body", "credentials", "config"), VALUES)
def test_values_change_one_by_one(client, method, body, credentials, config):
    created = create(client)
    answer = change(client, created, body, method)
    expected = {
        "credentials": changed_values(FULL["credentials"], credentials),
        "config": changed_values(FULL["config"], config),
    }
    assert answer.status_code == 200
    assert revealed(client, created) == expected
    shown = {name: value for name, value in expected["config"].items() if name != "salt"}
    assert answer.json()["config"] == shown
    secrets = [name for name in ("key", "second") if name in expected["credentials"]]
    secrets += [name for name in ("salt",) if name in expected["config"]]
    assert answer.json()["secrets_set"] == secrets
    assert Credential.objects.count() == 1


REQUIRED_KEY = ("credentials.key", "required", "Field 'Key' is required")
REQUIRED_SUBDOMAIN = ("config.subdomain", "required", "Field 'Subdomain' is required")


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param({"credentials": {"key": None}}, [REQUIRED_KEY], id="required secret"),
        pytest.param({"credentials": {"key": " "}}, [REQUIRED_KEY], id="blank secret"),
        pytest.param({"credentials": None}, [REQUIRED_KEY], id="all credentials"),
        pytest.param({"credential_id": None}, [REQUIRED_KEY], id="the credential itself"),
        pytest.param({"config": None}, [REQUIRED_SUBDOMAIN], id="all settings"),
        pytest.param(
            {"credentials": None, "config": None, "status": None},
            [
                ("status", "required", "Field 'status' is required"),
                REQUIRED_SUBDOMAIN,
                REQUIRED_KEY,
            ],
            id="everything",
        ),
        pytest.param(
            {"status": "expired"},
            [("status", "invalid_choice", "Field 'status' must be one of: active, inactive")],
            id="status of ours",
        ),
    ],
)
def test_refused_change_leaves_everything_as_it_was(client, body, problems):
    created = create(client)
    events = AuditEvent.objects.count()
    answer = change(client, created, body)
    assert answer.status_code == 400
    found = {one["field"]: one["message"] for one in answer.json()["detail"]["fields"]}
    assert found == {field: message for field, _code, message in problems}
    assert {one["code"] for one in answer.json()["detail"]["fields"]} == {
        code for _field, code, _message in problems
    }
    assert AuditEvent.objects.count() == events
    assert read(client, created) == created
    assert revealed(client, created) == STORED


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"label": "x" * 256}, {"label": "max_length"}),
        ({"integration": "gmail"}, {"integration": "unknown"}),
        ({"id": "conn_1"}, {"id": "unknown"}),
        ({"credentials": {"kye": "x"}}, {"credentials.kye": "unknown"}),
        (
            {"credentials": [], "config": 5},
            {"credentials": "invalid_json", "config": "invalid_json"},
        ),
        ({"auth_method_id": "nothing"}, {"auth_method_id": "unknown_auth_method"}),
    ],
)
def test_whole_result_is_checked(client, body, expected):
    created = create(client)
    assert codes(change(client, created, body)).items() >= expected.items()
    assert read(client, created) == created


def again(field, label, hint="Enter the secret again together with the new value."):
    message = f"Field '{label}' decides where the secret is sent"
    return refusal((field, "secret_needed_again", message, hint))


ALL_SECRETS = {"credentials": {"key": "n", "second": "n"}, "config": {"salt": "n"}}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no secret"),
        pytest.param({"credentials": {"key": "new"}}, id="one secret of three"),
        pytest.param({"credentials": ALL_SECRETS["credentials"]}, id="two secrets of three"),
        pytest.param({"config": {"salt": None}}, id="one cleared, two kept"),
    ],
)
def test_new_host_asks_for_every_kept_secret_again(client, body):
    created = create(client)
    config = {**body.get("config", {}), "subdomain": "evil"}
    answer = change(client, created, {**body, "config": config})
    assert (answer.status_code, answer.json()) == (400, again("config.subdomain", "Subdomain"))
    assert revealed(client, created) == STORED


def test_new_host_with_all_secrets_is_taken(client):
    created = create(client)
    config = {**ALL_SECRETS["config"], "subdomain": "other"}
    answer = change(client, created, {**ALL_SECRETS, "config": config})
    assert (answer.status_code, answer.json()["config"]["subdomain"]) == (200, "other")


@pytest.mark.parametrize("subdomain", ["acme", "acme.example.com"])
def test_same_host_asks_for_nothing(client, subdomain):
    created = create(client)
    answer = change(client, created, {"config": {"subdomain": subdomain}})
    assert (answer.status_code, answer.json()["config"]["subdomain"]) == (200, "acme")


def test_naming_its_own_credential_does_not_move_it_to_another_host(client):
    created = create(client)
    body = {"credential_id": created["credential_id"], "config": {"subdomain": "evil"}}
    answer = change(client, created, body)
    assert (answer.status_code, answer.json()) == (400, again("config.subdomain", "Subdomain"))


def test_method_of_another_host_asks_for_a_kept_setting_again(client):
    created = create(client)
    body = {"auth_method_id": "token", "credentials": {"token": "t"}}
    answer = change(client, created, {**body, "config": {"subdomain": "evil"}})
    assert (answer.status_code, answer.json()) == (400, again("config.subdomain", "Subdomain"))


POSTGRES = {
    "integration": "postgres",
    "integration_type": "storage",
    "credentials": {"username": "reader", "password": "hunter2"},
    "config": {"host": "db.example.com"},
}


@pytest.mark.parametrize(
    ("config", "field", "label"),
    [
        ({"host": "evil.example.com"}, "config.host", "Host"),
        ({"port": 5433}, "config.port", "Port"),
    ],
)
def test_host_without_an_address_template_asks_as_well(client, config, field, label):
    load_builtin("postgres")
    created = create(client, POSTGRES)
    answer = change(client, created, {"config": config})
    assert (answer.status_code, answer.json()) == (400, again(field, label))


def test_default_port_is_no_new_host(client):
    load_builtin("postgres")
    created = create(client, POSTGRES)
    assert change(client, created, {"config": {"port": None}}).status_code == 200


ELSEWHERE = "Other connections send this credential elsewhere: send its values instead."


def test_used_credential_is_not_sent_to_another_host(client):
    created = create(client)
    body = {**FULL, "credentials": None, "credential_id": created["credential_id"]}
    assert client.post_json("/connections", body).status_code == 201
    body["config"] = {**FULL["config"], "subdomain": "evil"}
    answer = client.post_json("/connections", body)
    assert (answer.status_code, answer.json()) == (
        400,
        again("config.subdomain", "Subdomain", ELSEWHERE),
    )


def test_used_credential_is_not_sent_to_another_host_by_a_change(client):
    victim = create(client)
    values = {"credentials": {"key": "own"}, "config": {"subdomain": "evil"}}
    created = create(client, {**FULL, **values})
    answer = change(client, created, {"credential_id": victim["credential_id"]})
    assert (answer.status_code, answer.json()) == (
        400,
        again("config.subdomain", "Subdomain", ELSEWHERE),
    )


def test_other_method_asks_for_its_own_credentials(client):
    created = create(client)
    assert codes(change(client, created, {"auth_method_id": "token"})) == {
        "credentials.token": "required"
    }
    body = {"auth_method_id": "token", "credentials": {"token": "a token"}}
    answer = change(client, created, body)
    assert (answer.status_code, answer.json()["auth_method_id"]) == (200, "token")
    assert answer.json()["secrets_set"] == ["token", "salt"]
    assert revealed(client, created)["credentials"] == {"token": "a token"}


def test_fresh_token_repairs_an_expired_connection(client):
    created = create(client, published())
    assert created["status"] == "expired"
    values = {"access_token": "fresh-" + ACCESS_TOKEN, "expires_at": "2999-01-01T00:00:00Z"}
    changed = change(client, created, {"credentials": values}).json()
    assert (changed["status"], changed["status_reason"]) == ("active", None)
    assert changed["expires_at"] == "2999-01-01T00:00:00.000000Z"
    kept = revealed(client, created)["credentials"]
    assert kept == {**published()["credentials"], **values}


def test_expired_connection_cannot_be_declared_active(client):
    created = create(client, published())
    changed = change(client, created, {"status": "active"}).json()
    assert (changed["status"], changed["status_reason"]["code"]) == ("expired", "no_client")


def test_switching_off_and_on(client):
    created = create(client)
    assert change(client, created, {"status": "inactive"}).json()["status"] == "inactive"
    kept = change(client, created, {"credentials": {"key": "new"}}).json()
    assert kept["status"] == "inactive"
    assert change(client, created, {"status": "active"}).json()["status"] == "active"
    assert revealed(client, created)["credentials"]["key"] == "new"


def shared(client):
    """Two connections that use one credential."""
    credential = client.post_json(
        "/credentials",
        {
            "label": "Shared",
            "auth_type": "api_key",
            "credential_type": "integration",
            "credentials": KEYED["credentials"],
        },
    ).json()
    body = keyed(credentials=None, credential_id=credential["id"])
    return credential, create(client, body), create(client, body)


def test_change_of_one_connection_leaves_the_other_its_credential(client):
    credential, first, second = shared(client)
    changed = change(client, first, {"credentials": {"api_key": "new"}}).json()
    assert changed["credential_id"] not in (None, credential["id"])
    assert revealed(client, first)["credentials"]["api_key"] == "new"
    assert revealed(client, second)["credentials"] == KEYED["credentials"]
    assert read(client, second) == second | {"last_used_at": read(client, second)["last_used_at"]}


@pytest.mark.parametrize("body", [{"config": {}}, {"status": "active"}, {"credentials": {}}])
def test_change_of_something_else_keeps_the_credential_shared(client, body):
    credential, first, _second = shared(client)
    assert change(client, first, body).json()["credential_id"] == credential["id"]
    assert Credential.objects.count() == 1


def test_other_stored_credential_is_taken_and_the_old_one_goes(client):
    credential, _first, _second = shared(client)
    created = create(client, KEYED)
    answer = change(client, created, {"credential_id": credential["id"]})
    assert (answer.status_code, answer.json()["credential_id"]) == (200, credential["id"])
    assert Credential.objects.count() == 1


def test_stored_credential_has_to_fit(client):
    credential, _first, _second = shared(client)
    created = create(client)
    assert codes(change(client, created, {"credential_id": credential["id"]})) == {
        "config.subdomain": "secret_needed_again",
        "credentials.key": "required",
        "credentials.api_key": "unknown",
        "credentials.email": "unknown",
    }
    assert revealed(client, created) == STORED


def test_both_exclude_one_another(client):
    credential, _first, _second = shared(client)
    created = create(client, KEYED)
    body = {"credential_id": credential["id"], "credentials": {"api_key": "x"}}
    assert codes(change(client, created, body)) == {"credential_id": "exclusive"}


def test_unknown_credential_is_not_found(client):
    created = create(client, KEYED)
    answer = change(client, created, {"credential_id": "cred_" + "0" * 32})
    assert (answer.status_code, answer.json()["detail"]) == (404, "Credential not found")


def test_change_that_was_overtaken_is_refused(client, monkeypatch):
    """Somebody else writes between the reading and the writing."""
    from connections import serializers

    created = create(client)
    change_connection = serializers.change_connection

    def overtake(**arguments):
        Connection.objects.update(label="Theirs", updated_at=timezone.now())
        return change_connection(**arguments)

    monkeypatch.setattr(serializers, "change_connection", overtake)
    answer = change(client, created, {"label": "Ours", "credentials": {"key": "ours"}})
    assert (answer.status_code, answer.json()) == (
        409,
        {
            "detail": "It was changed by somebody else meanwhile: read it again.",
            "code": "conflict",
        },
    )
    assert read(client, created)["label"] == "Theirs"
    assert revealed(client, created) == STORED


def test_live_test_that_is_required_changes_nothing(client):
    created = create(client)
    path = f"/connections/{created['id']}?verify=required"
    answer = client.patch_json(path, {"credentials": {"key": "new"}})
    assert (answer.status_code, answer.json()["code"]) == (503, "unverifiable")
    assert revealed(client, created) == STORED


def test_deleted_connection_takes_its_credential_along(client):
    created = create(client)
    answer = client.call("DELETE", f"/connections/{created['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (Connection.objects.count(), Credential.objects.count()) == (0, 0)
    assert client.get_json(f"/connections/{created['id']}").status_code == 404
    assert client.call("DELETE", f"/connections/{created['id']}").status_code == 404


def test_deleted_connection_leaves_a_shared_credential(client):
    credential, first, second = shared(client)
    client.call("DELETE", f"/connections/{first['id']}")
    assert revealed(client, second)["credentials"] == KEYED["credentials"]
    client.call("DELETE", f"/connections/{second['id']}")
    assert client.get_json(f"/credentials/{credential['id']}").status_code == 404


def test_delete_that_was_overtaken_finds_nothing(client, monkeypatch):
    from connections.api import connections as views

    created = create(client)
    delete_connection = views.delete_connection

    def overtake(**arguments):
        Connection.objects.all().delete()
        return delete_connection(**arguments)

    monkeypatch.setattr(views, "delete_connection", overtake)
    answer = client.call("DELETE", f"/connections/{created['id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not AuditEvent.objects.filter(action="connection.deleted").exists()


def test_revoking_at_the_service_deletes_nothing_yet(client):
    created = create(client)
    answer = client.call("DELETE", f"/connections/{created['id']}?revoke=true")
    assert (answer.status_code, answer.json()["code"]) == (503, "cannot_revoke")
    assert Connection.objects.count() == 1
