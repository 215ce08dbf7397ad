"""The catalogue as programs read it: lists, requirements, JSON Schema, and the dry run."""

import pytest
from django.apps import apps

from integrations.models import Integration
from integrations.services import mark_changed
from tests.api.bodies import KEYED, codes, published
from tests.factories import (
    KEY_AND_EMAIL,
    api_client,
    load_builtin,
    make_integration,
    make_key,
    make_workspace,
)

pytestmark = pytest.mark.django_db

ODD = """
slug: odd
name: 100% Odd
type: tool
description: Nothing like the others.
categories: [naïve "quotes", llm]
auth_methods:
  - {id: none, name: None, kind: none, default: true}
  - {id: other, name: Other, kind: none, description: The other one.}
"""
BUILT_IN = ("anthropic", "cloudflare", "gmail", "openai", "s3")


@pytest.fixture
def client():
    load_builtin(*BUILT_IN)
    make_integration(ODD)
    return api_client(make_key(make_workspace(), "read"))


def names(client, query=""):
    answer = client.get_json(f"/integrations?{query}")
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["integrations"]]


LISTED = [
    ("", ["odd", "s3", "anthropic", "cloudflare", "gmail", "openai"]),
    ("limit=2", ["odd", "s3"]),
    ("limit=2&skip=2", ["anthropic", "cloudflare"]),
    ("skip=6", []),
    ("integration_type=storage", ["s3"]),
    ("integration_type=mcp", []),
    ("category=llm", ["odd", "anthropic", "openai"]),
    ("category=ll", []),
    ("category=LLM", []),
    ("category=%25", []),
    ("category=na%C3%AFve%20%22quotes%22", ["odd"]),
    ("category=na%C3%AFve", []),
    ("category=email%22,%20%22google", []),
    ("search=gmail", ["gmail"]),
    ("search=CLOUD", ["cloudflare"]),
    ("search=claude", ["anthropic"]),
    ("search=%25", ["odd"]),
    ("search=nothing%20at%20all", []),
    ("search=a&integration_type=model&category=llm", ["anthropic", "openai"]),
]


@pytest.mark.parametrize(("query", "expected"), LISTED, ids=[one[0] for one in LISTED])
def test_list(client, query, expected):
    found = names(client, query)
    assert (set(found), len(found)) == (set(expected), len(expected))
    whole = "&".join(one for one in query.split("&") if one[:4] not in ("limi", "skip"))
    answer = client.get_json(f"/integrations?{query}").json()
    if "limit" not in query and "skip" not in query:
        assert (answer["total"], answer["page"], answer["size"]) == (len(expected), 1, 100)
    assert answer["total"] == len(names(client, whole))


def test_listed_is_what_is_read(client):
    listed = client.get_json("/integrations").json()["integrations"]
    assert [one["name"] for one in listed] == sorted(one["name"] for one in listed)
    for one in listed:
        assert client.get_json(f"/integrations/{one['id']}").json() == one


def test_integration(client):
    assert client.get_json("/integrations/odd").json() == {
        "id": "odd",
        "name": "100% Odd",
        "integration_type": "tool",
        "description": "Nothing like the others.",
        "categories": ['naïve "quotes"', "llm"],
        "logo_url": None,
        "docs_url": None,
        "auth_methods": [
            {"id": "none", "name": "None", "type": "none", "is_default": True},
            {"id": "other", "name": "Other", "type": "none", "is_default": False},
        ],
        "status": "published",
        "revision": Integration.objects.get(slug="odd").revision,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=0", {"limit": "minimum"}),
        ("integration_type=x", {"integration_type": "invalid_choice"}),
        ("category=" + "x" * 101, {"category": "max_length"}),
        ("kind=oauth2", {"kind": "unknown"}),
    ],
)
def test_odd_query_is_refused(client, query, expected):
    assert codes(client.get_json(f"/integrations?{query}")) == expected


@pytest.mark.parametrize("columns", [{"is_enabled": False}, {"status": "draft"}])
def test_what_cannot_be_connected_does_not_exist(client, columns):
    row = Integration.objects.get(slug="gmail")
    Integration.objects.filter(pk=row.pk).update(**columns)
    mark_changed(row.pk)
    assert "gmail" not in names(client)
    for path in ("/integrations/gmail", "/connections/integrations/gmail/requirements"):
        answer = client.get_json(path)
        assert (answer.status_code, answer.json()) == (
            404,
            {"detail": "Integration not found", "code": "not_found"},
        )


def test_edit_is_served_from_the_next_request_on(client):
    row = Integration.objects.get(slug="odd")
    before = client.get_json("/integrations/odd").json()
    Integration.objects.filter(pk=row.pk).update(name="Even")
    mark_changed(row.pk)
    after = client.get_json("/integrations/odd").json()
    assert (after["name"], after["revision"]) == ("Even", before["revision"] + 1)


REQUIREMENTS = "/connections/integrations/{}/requirements"


def test_published_requirements(client):
    answer = client.get_json(REQUIREMENTS.format("gmail")).json()
    fields = {one["key"]: one for one in answer["fields"]}
    assert answer["required_fields"] == [fields["access_token"]]
    published_members = {
        "key": "access_token",
        "label": "Access Token",
        "type": "password",
        "required": True,
        "secure": True,
    }
    assert fields["access_token"].items() >= published_members.items()
    assert fields["access_token"]["validation"]["minLength"] == 20
    assert set(fields["access_token"]) == {
        *published_members,
        *("target", "help", "placeholder", "default", "options", "validation", "visible_if"),
        *("required_if", "group", "advanced", "prefix", "suffix", "docs_url"),
    }
    del answer["fields"], answer["required_fields"]
    assert answer == {
        "integration_id": "gmail",
        "integration_type": "connectors",
        "auth_method": {
            "id": "oauth2",
            "name": "OAuth 2.0",
            "type": "oauth2",
            "description": "Sign in with Google and choose what may be read or sent.",
        },
        "auth_methods": [
            {"id": "oauth2", "name": "OAuth 2.0", "type": "oauth2", "is_default": True}
        ],
    }


def test_requirements_of_a_method(client):
    path = REQUIREMENTS.format("cloudflare")
    default = client.get_json(path).json()
    asked = client.get_json(f"{path}?auth_method_id=global_api_key").json()
    assert default["auth_method"]["id"] == "api_token"
    assert asked["auth_method"]["id"] == "global_api_key"
    assert [one["key"] for one in asked["fields"]] == ["api_key", "email"]
    assert default["auth_methods"] == asked["auth_methods"]


def test_condition_of_a_field_is_told(client):
    fields = client.get_json(REQUIREMENTS.format("s3")).json()["fields"]
    token = next(one for one in fields if one["key"] == "session_token")
    assert token["visible_if"] == {"field": "key_type", "in": ["temporary"]}
    assert token["required"] is False
    bucket = next(one for one in fields if one["key"] == "bucket")
    assert (bucket["target"], bucket["secure"], bucket["required"]) == ("config", False, True)


@pytest.mark.parametrize("path", ["/integrations/{}/schema", REQUIREMENTS])
def test_unknown_method_is_not_found(client, path):
    answer = client.get_json(path.format("gmail") + "?auth_method_id=nothing")
    assert (answer.status_code, answer.json()) == (
        404,
        {"detail": "Auth method not found", "code": "not_found"},
    )


def test_schema(client):
    schema = client.get_json("/integrations/gmail/schema").json()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) == {"credentials", "config"}
    assert "x-rules" in schema


VALIDATE = "/connections/validate?integration_id="


def rows():
    ours = ("connections", "integrations")
    models = (one for label in ours for one in apps.get_app_config(label).get_models())
    return {model.__name__: model.objects.count() for model in models}


def stages(shape, rules):
    return [
        {"name": "shape", "status": shape},
        {"name": "rules", "status": rules},
        *({"name": name, "status": "skipped"} for name in ("network", "credential", "scope")),
    ]


GOOD = {"credentials": published()["credentials"], "config": {}}
TOO_SHORT = "Field 'Access Token' must be at least 20 characters"
OVER = "Field 'Expires At' says the access token has expired, and there is no refresh token"


@pytest.mark.parametrize(
    ("credentials", "found", "shape", "rules"),
    [
        pytest.param(GOOD["credentials"], [], "passed", "passed", id="good"),
        pytest.param(
            {**GOOD["credentials"], "access_token": "short"},
            [("credentials.access_token", "min_length", TOO_SHORT)],
            "failed",
            "passed",
            id="shape",
        ),
        pytest.param(
            published(refresh_token=None)["credentials"],
            [("credentials.expires_at", "expired_token", OVER)],
            "passed",
            "failed",
            id="rules",
        ),
        pytest.param(
            {**published(refresh_token=None)["credentials"], "access_token": "short"},
            [
                ("credentials.access_token", "min_length", TOO_SHORT),
                ("credentials.expires_at", "expired_token", OVER),
            ],
            "failed",
            "failed",
            id="both",
        ),
    ],
)
@pytest.mark.parametrize("live", ["", "&live=true", "&live=false"])
def test_dry_run_reports_and_writes_nothing(client, live, credentials, found, shape, rules):
    client.get_json("/integrations")
    before = rows()
    body = {"credentials": credentials, "config": {}}
    answer = client.post_json(f"{VALIDATE}gmail&auth_method_id=oauth2{live}", body)
    report = answer.json()
    assert answer.status_code == 200
    assert report["valid"] is not bool(found)
    assert report["errors"] == [message for _field, _code, message in found]
    assert [(one["field"], one["code"], one["message"]) for one in report["fields"]] == found
    assert report["stages"] == stages(shape, rules)
    assert set(report) == {"valid", "errors", "fields", "stages", "live"}
    assert rows() == before


def test_dry_run_says_the_same_as_a_creation(client):
    make_integration(KEY_AND_EMAIL)
    writer = api_client(make_key(make_workspace(), "write"))
    body = {"credentials": {"email": "x", "other": 1}, "config": 5}
    refused = writer.post_json("/connections", {**KEYED, **body}).json()["detail"]
    report = client.post_json(f"{VALIDATE}key-and-email", body).json()
    assert (report["errors"], report["fields"]) == (refused["errors"], refused["fields"])


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ("", GOOD, {"integration_id": "required"}),
        ("gmail&live=perhaps", GOOD, {"live": "invalid_boolean"}),
    ],
)
def test_odd_query_of_a_dry_run_is_refused(client, query, body, expected):
    assert codes(client.post_json(f"{VALIDATE}{query}", body)) == expected


def test_unknown_member_of_a_dry_run_is_reported(client):
    report = client.post_json(f"{VALIDATE}gmail", {**GOOD, "label": "x"}).json()
    assert (report["valid"], report["errors"]) == (False, ["Unknown field 'label'"])


@pytest.mark.parametrize("query", ["nothing", "nothing&auth_method_id=x", "GMAIL"])
def test_dry_run_of_nothing_is_not_found(client, query):
    answer = client.post_json(f"{VALIDATE}{query}", GOOD)
    assert (answer.status_code, answer.json()["detail"]) == (404, "Integration not found")


def test_dry_run_of_no_method_is_not_found(client):
    answer = client.post_json(f"{VALIDATE}gmail&auth_method_id=x", GOOD)
    assert (answer.status_code, answer.json()["detail"]) == (404, "Auth method not found")
