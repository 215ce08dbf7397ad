"""`POST /connections`: what is stored, what is answered, and what is refused with which words."""

from datetime import UTC, datetime, timedelta

import pytest

from connections.models import AuditEvent, Connection, Credential
from tests.api.bodies import ACCESS_TOKEN, REFRESH_TOKEN, codes, keyed, published, refusal
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


@pytest.fixture
def workspace():
    load_builtin("gmail", "cloudflare", "s3", "supabase", "anthropic")
    make_integration(KEY_AND_EMAIL)
    return make_workspace()


@pytest.fixture
def client(workspace):
    return api_client(make_key(workspace))


def revealed(client, created):
    return client.get_json(f"/connections/{created['id']}/credentials").json()


def nothing_stored():
    rows = (Connection.objects.count(), Credential.objects.count(), AuditEvent.objects.count())
    return rows == (0, 0, 0)


def test_published_example_is_created(workspace):
    key, secret = make_key_row(workspace)
    before = datetime.now(UTC).isoformat()[:19]
    answer = api_client(secret).post_json("/connections", published())
    created = answer.json()
    row = Connection.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/connections/{row.public_id}"
    assert answer["Content-Type"] == "application/json"
    assert created.pop("status_reason").pop("since") >= before + "Z"
    assert created.pop("created_at") == created.pop("updated_at") >= before
    assert created == {
        "id": row.public_id,
        "workspace_id": workspace.public_id,
        "integration": "gmail",
        "integration_type": "connectors",
        "auth_method_id": "oauth2",
        "label": "My Gmail Connection",
        "status": "expired",
        "config": {},
        "secrets_set": ["access_token", "refresh_token"],
        "credential_id": row.credential.public_id,
        "user_id": None,
        "account": None,
        "metadata": {},
        "expires_at": "2025-10-19T12:00:00.000000Z",
        "last_tested_at": None,
        "last_used_at": None,
        "created_by": key.public_id,
    }


def test_reason_of_an_expired_token_says_what_to_do(client):
    reason = client.post_json("/connections", published()).json()["status_reason"]
    since = reason.pop("since")
    assert datetime.fromisoformat(since).tzinfo == UTC
    assert reason == {
        "code": "no_client",
        "message": "The access token has expired and cannot be refreshed here.",
        "hint": "No OAuth client is set up for this method: send a fresh access token.",
    }


def test_values_come_back_as_they_were_sent(client):
    created = client.post_json("/connections", published()).json()
    assert revealed(client, created)["credentials"] == published()["credentials"]


def test_token_that_is_good_for_longer_is_active(client):
    answer = client.post_json("/connections", published(expires_at="2999-01-01T00:00:00Z"))
    created = answer.json()
    assert (answer.status_code, created["status"], created["status_reason"]) == (
        201,
        "active",
        None,
    )
    assert created["expires_at"] == "2999-01-01T00:00:00.000000Z"


def test_seconds_from_now_become_a_moment(client):
    body = published(expires_at=None, expires_in=3600)
    created = client.post_json("/connections", body).json()
    left = datetime.fromisoformat(created["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left < timedelta(minutes=61)
    stored = revealed(client, created)["credentials"]
    assert "expires_in" not in stored
    assert datetime.fromisoformat(stored["expires_at"]) == datetime.fromisoformat(
        created["expires_at"]
    )


def test_expired_token_without_a_refresh_token_is_refused(client):
    answer = client.post_json("/connections", published(refresh_token=None))
    message = "Field 'Expires At' says the access token has expired, and there is no refresh token"
    hint = "Sign in to the service again, or send the refresh token as well."
    assert (answer.status_code, answer.json()) == (
        400,
        refusal(("credentials.expires_at", "expired_token", message, hint)),
    )
    assert nothing_stored()


PUBLISHED_REFUSAL = refusal(
    ("credentials.api_key", "required", "Field 'API Key' is required"),
    ("credentials.email", "invalid_email", "Field 'Email' must be a valid email address"),
)


@pytest.mark.parametrize(
    "named",
    [
        pytest.param({"integration": "key-and-email", "integration_type": "api"}, id="own"),
        pytest.param(
            {
                "integration": "cloudflare",
                "integration_type": "connectors",
                "auth_method_id": "global_api_key",
            },
            id="cloudflare",
        ),
    ],
)
@pytest.mark.parametrize("blank", [{}, {"api_key": ""}, {"api_key": None}, {"api_key": " \u200b"}])
def test_published_refusal(client, named, blank):
    body = {**named, "credentials": {"email": "not an address", **blank}}
    answer = client.post_json("/connections", body)
    assert (answer.status_code, answer.json()) == (400, PUBLISHED_REFUSAL)
    assert answer.json()["detail"]["message"] == "Connection validation failed"
    assert answer.json()["detail"]["errors"] == [
        "Field 'API Key' is required",
        "Field 'Email' must be a valid email address",
    ]
    assert nothing_stored()


def test_every_problem_is_in_one_answer(client):
    body = keyed(
        integration_type="tool",
        label="x" * 256,
        lable="x",
        metadata={"a": 1},
        credentials={"email": "nobody", "api_kee": "x"},
        config=[],
    )
    assert codes(client.post_json("/connections", body)) == {
        "integration_type": "wrong_integration_type",
        "label": "max_length",
        "metadata": "invalid_pairs",
        "lable": "unknown",
        "config": "invalid_json",
        "credentials.api_key": "required",
        "credentials.email": "invalid_email",
        "credentials.api_kee": "unknown",
    }
    assert nothing_stored()


def test_refusal_never_quotes_a_value(client):
    body = keyed(
        label="canary" * 50,
        user_id="canary" * 50,
        credentials={"api_key": "canary\n", "email": "canary"},
        config="canary",
        metadata={"canary": 5},
    )
    answer = client.post_json("/connections", body)
    assert answer.status_code == 400
    assert "canary" not in answer.content.decode()


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        pytest.param({"integration": None}, {"integration": "required"}, id="no integration"),
        pytest.param(
            {"integration": "nothing"}, {"integration": "unknown_integration"}, id="unknown one"
        ),
        pytest.param(
            {"integration": "gm\u0430il"}, {"integration": "unknown_integration"}, id="homoglyph"
        ),
        pytest.param({"integration": 5}, {"integration": "invalid_text"}, id="number"),
        pytest.param(
            {"integration": "x" * 101}, {"integration": "max_length"}, id="long integration"
        ),
        pytest.param({"integration_type": None}, {"integration_type": "required"}, id="no type"),
        pytest.param(
            {"integration_type": "apis"}, {"integration_type": "invalid_choice"}, id="odd type"
        ),
        pytest.param(
            {"integration_type": "API"}, {"integration_type": "invalid_choice"}, id="type's case"
        ),
        pytest.param(
            {"integration_type": ["api"]}, {"integration_type": "invalid_choice"}, id="type as list"
        ),
        pytest.param(
            {"auth_method_id": "oauth2"}, {"auth_method_id": "unknown_auth_method"}, id="method"
        ),
        pytest.param({"label": "x" * 256}, {"label": "max_length"}, id="long label"),
        pytest.param({"label": 5}, {"label": "invalid_text"}, id="number as label"),
        pytest.param({"user_id": "x" * 256}, {"user_id": "max_length"}, id="long user"),
        pytest.param({"credentials": []}, {"credentials": "invalid_json"}, id="list"),
        pytest.param({"credentials": "x"}, {"credentials": "invalid_json"}, id="text"),
        pytest.param({"config": "x"}, {"config": "invalid_json"}, id="config as text"),
        pytest.param({"config": {"region": "eu"}}, {"config.region": "unknown"}, id="config"),
        pytest.param({"status": "active"}, {"status": "unknown"}, id="status"),
        pytest.param({"workspace_id": "wsp_1"}, {"workspace_id": "unknown"}, id="workspace"),
    ],
)
def test_refused_member(client, members, expected):
    found = codes(client.post_json("/connections", keyed(**members)))
    assert found.items() >= expected.items()
    assert nothing_stored()


def test_defaults_are_filled_in(client):
    body = {"integration": "key-and-email", "integration_type": "api"}
    answer = client.post_json("/connections", {**body, "credentials": keyed()["credentials"]})
    created = answer.json()
    assert answer.status_code == 201
    assert created["label"] == "Key and email"
    assert created["auth_method_id"] == "api_key"
    assert (created["config"], created["metadata"], created["user_id"]) == ({}, {}, None)


NOTHING = ("label", "auth_method_id", "credential_id", "config", "user_id", "metadata")


def test_null_is_the_default(client):
    answer = client.post_json("/connections", keyed(**dict.fromkeys(NOTHING)))
    created = answer.json()
    assert answer.status_code == 201
    assert created["label"] == "Key and email"
    assert (created["config"], created["metadata"], created["user_id"]) == ({}, {}, None)


def test_default_of_a_field_is_stored(client):
    body = {
        "integration": "s3",
        "integration_type": "storage",
        "credentials": {
            "access_key_id": "AKIAAAAAAAAAAEXAMPLE",
            "secret_access_key": "EXAMPLE-" + "s" * 20,
        },
        "config": {"bucket": "acme-archive"},
    }
    answer = client.post_json("/connections", body)
    assert answer.status_code == 201
    assert answer.json()["config"] == {
        "bucket": "acme-archive",
        "region": "us-east-1",
        "key_type": "permanent",
    }


def test_field_whose_condition_is_false_is_refused(client):
    body = {
        "integration": "s3",
        "integration_type": "storage",
        "credentials": {
            "access_key_id": "AKIAAAAAAAAAAEXAMPLE",
            "secret_access_key": "EXAMPLE-" + "s" * 20,
            "session_token": "token",
        },
        "config": {"bucket": "acme-archive"},
    }
    answer = client.post_json("/connections", body)
    assert codes(answer) == {"credentials.session_token": "not_applicable"}


METADATA = [
    pytest.param({}, id="none"),
    pytest.param({f"key {n}": "v" for n in range(20)}, id="twenty"),
    pytest.param({"1": "one"}, id="a number as name"),
    pytest.param({"naïve 😀 key": "değer"}, id="any script"),
    pytest.param({"a.b": "{{7*7}}", "x": "'; DROP TABLE x;--"}, id="hostile texts"),
]


@pytest.mark.parametrize("metadata", METADATA)
def test_metadata_comes_back_unchanged(client, metadata):
    answer = client.post_json("/connections", keyed(metadata=metadata))
    assert (answer.status_code, answer.json()["metadata"]) == (201, metadata)


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({f"key {n}": "v" for n in range(21)}, id="twenty-one"),
        pytest.param({"a": 1}, id="a number"),
        pytest.param({"a": None}, id="null"),
        pytest.param({"a": {"b": "c"}}, id="an object"),
        pytest.param({"a": ["b"]}, id="a list"),
        pytest.param([["a", "b"]], id="list of pairs"),
        pytest.param("a=b", id="text"),
    ],
)
def test_metadata_is_at_most_twenty_pairs_of_texts(client, metadata):
    found = codes(client.post_json("/connections", keyed(metadata=metadata)))
    assert list(found) == ["metadata"]
    assert nothing_stored()


HOSTILE = [
    "{{7*7}}",
    "{% debug %}",
    "${jndi:ldap://x}",
    "#{7*7}",
    "'; DROP TABLE x;--",
    "%' OR 1=1",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "C:\\x",
    "file:///etc/passwd",
    "😀 e\u0301 \u00e9 𝔘",
    "%s %(x)s {0}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(client, text):
    body = keyed(
        label=text,
        user_id=text,
        metadata={"note": text},
        credentials={"api_key": text, "email": "a@example.com"},
    )
    answer = client.post_json("/connections", body)
    created = answer.json()
    assert answer.status_code == 201
    assert (created["label"], created["user_id"], created["metadata"]) == (
        text,
        text,
        {"note": text},
    )
    assert revealed(client, created)["credentials"]["api_key"] == text


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(" key", id="space before"),
        pytest.param("key ", id="space after"),
        pytest.param("key\n", id="line break after"),
        pytest.param("k\ney", id="line break inside"),
        pytest.param("k\x01y", id="control character"),
        pytest.param("k" * 4097, id="too long"),
        pytest.param("k" * 1_000_000, id="nearly a MiB"),
        pytest.param(5, id="number"),
        pytest.param(True, id="boolean"),
        pytest.param(["key"], id="list"),
        pytest.param({"a": "key"}, id="object"),
        pytest.param("***", id="mask"),
        pytest.param("********", id="longer mask"),
        pytest.param("••••••••", id="dots"),
    ],
)
def test_secret_that_cannot_be_one_is_refused(client, value):
    body = keyed(credentials={"api_key": value, "email": "a@example.com"})
    assert list(codes(client.post_json("/connections", body))) == ["credentials.api_key"]
    assert nothing_stored()


@pytest.fixture
def stored(client):
    """A credential that is kept for itself."""
    body = {
        "label": "Shared",
        "auth_type": "api_key",
        "credential_type": "integration",
        "credentials": {"api_key": "shared key", "email": "a@example.com"},
    }
    return client.post_json("/credentials", body).json()


def test_stored_credential_is_used(client, stored):
    body = keyed(credentials=None, credential_id=stored["id"])
    answer = client.post_json("/connections", body)
    created = answer.json()
    assert (answer.status_code, created["credential_id"]) == (201, stored["id"])
    assert created["secrets_set"] == ["api_key"]
    assert revealed(client, created)["credentials"] == {
        "api_key": "shared key",
        "email": "a@example.com",
    }
    assert Credential.objects.count() == 1


def test_stored_credential_has_to_fit_the_method(client, stored):
    body = keyed(integration="gmail", integration_type="connectors", credentials=None)
    answer = client.post_json("/connections", {**body, "credential_id": stored["id"]})
    assert codes(answer) == {
        "credentials.access_token": "required",
        "credentials.api_key": "unknown",
        "credentials.email": "unknown",
    }
    assert "shared key" not in answer.content.decode()


def test_stored_credential_and_values_exclude_one_another(client, stored):
    answer = client.post_json("/connections", keyed(credential_id=stored["id"]))
    assert codes(answer) == {"credential_id": "exclusive"}


UNKNOWN_CREDENTIAL = {"detail": "Credential not found", "code": "not_found"}


@pytest.mark.parametrize("named", ["x", "cred_1", "cred_" + "0" * 32, "conn_" + "0" * 32])
def test_credential_that_does_not_exist_is_not_found(client, named):
    answer = client.post_json("/connections", keyed(credentials=None, credential_id=named))
    assert (answer.status_code, answer.json()) == (404, UNKNOWN_CREDENTIAL)


def test_credential_of_another_workspace_is_not_found(client, stored):
    stranger = api_client(make_key(make_workspace()))
    answer = stranger.post_json("/connections", keyed(credentials=None, credential_id=stored["id"]))
    assert (answer.status_code, answer.json()) == (404, UNKNOWN_CREDENTIAL)
    assert not Connection.objects.exists()


def oauth_credential(client, **credentials):
    body = {
        "label": "Tokens",
        "auth_type": "oauth_token_refresh",
        "credential_type": "integration",
        "credentials": {
            "access_token": ACCESS_TOKEN,
            "refresh_token": REFRESH_TOKEN,
            **credentials,
        },
    }
    return client.post_json("/credentials", body).json()


@pytest.mark.parametrize(
    ("expires_at", "status"),
    [("2025-10-19T12:00:00Z", "expired"), ("2999-01-01T00:00:00Z", "active")],
)
def test_end_of_a_stored_credential_is_noted(client, expires_at, status):
    stored = oauth_credential(client, expires_at=expires_at)
    body = {**published(), "credentials": None, "credential_id": stored["id"]}
    created = client.post_json("/connections", body).json()
    assert (created["status"], created["expires_at"][:19] + "Z") == (status, expires_at)
    credential = client.get_json(f"/credentials/{stored['id']}").json()
    assert (credential["status"], credential["expires_at"]) == (status, created["expires_at"])


def test_seconds_of_a_stored_credential_count_from_when_it_was_stored(client):
    stored = oauth_credential(client, expires_in=3600)
    hour_ago = datetime.now(UTC) - timedelta(minutes=90)
    Credential.objects.update(updated_at=hour_ago)
    body = {**published(), "credentials": None, "credential_id": stored["id"]}
    created = client.post_json("/connections", body).json()
    assert created["status"] == "expired"
    assert datetime.fromisoformat(created["expires_at"]) == hour_ago + timedelta(hours=1)


UNVERIFIABLE = {
    "detail": "This cannot be tried at its service: nothing was stored. Use verify=auto.",
    "code": "unverifiable",
}


def test_live_test_that_is_required_is_not_passed_over(client):
    answer = client.post_json("/connections?verify=required", keyed())
    assert (answer.status_code, answer.json()) == (503, UNVERIFIABLE)
    assert answer["Retry-After"] == "5"
    assert nothing_stored()


@pytest.mark.parametrize("verify", ["auto", "never"])
def test_live_test_may_be_left_out(client, verify):
    assert client.post_json(f"/connections?verify={verify}", keyed()).status_code == 201


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("verify=perhaps", {"verify": "invalid_choice"}),
        ("expand=credentials", {"expand": "unknown"}),
        ("fields=secret", {"fields": "unknown"}),
    ],
)
def test_odd_query_is_refused(client, query, expected):
    assert codes(client.post_json(f"/connections?{query}", keyed())) == expected
    assert nothing_stored()
