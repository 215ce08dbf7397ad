"""The document by itself: valid, complete, and of the same words as the code."""

import json
import re
import shlex
from html.parser import HTMLParser

import jsonschema_rs
import openapi_spec_validator
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from connections.api.openapi.components import ENUMS, LISTED_STATUSES
from connections.api.openapi.reference import members_of
from connections.api.openapi.schema import OPERATIONS, add_components
from connections.api.openapi.views import document
from connections.api.urls import urlpatterns
from connections.models import ApiKey, Connection, ConnectSession, Credential
from connections.models.api_keys import Permission
from connections.services.dry_run import STAGES
from integrations.auth_methods import AUTH_METHODS
from integrations.field_types import FIELD_TYPES
from integrations.models import FieldSpec, Integration, IntegrationType
from tests.api.documented import (
    DOCUMENT,
    OPERATIONS_BY_ID,
    RESPONSES,
    every,
    response_of,
    validator_of,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
each_operation = pytest.mark.parametrize(
    "operation_id", [pytest.param(name, id=name) for name in OPERATIONS_BY_ID]
)


def test_document_is_valid_openapi_3_1():
    assert DOCUMENT["openapi"] == "3.1.0"
    openapi_spec_validator.validate(DOCUMENT, cls=openapi_spec_validator.OpenAPIV31SpecValidator)


def test_every_schema_is_valid_json_schema():
    for schema in (*DOCUMENT["components"]["schemas"].values(), *every(DOCUMENT, "schema")):
        jsonschema_rs.meta.validate({"$schema": DIALECT, **schema})
        validator_of(schema)


def test_every_route_and_method_is_documented_and_nothing_else():
    routes = {
        (re.sub(r"<\w+:(\w+)>", r"{\1}", f"/api/v1/{pattern.pattern}"), method.lower())
        for pattern in urlpatterns
        for method in pattern.callback.cls.permissions
    }
    documented = {(path, method) for path, method, _operation in OPERATIONS_BY_ID.values()}
    assert documented == routes
    assert len(OPERATIONS_BY_ID) == len(routes) == len(OPERATIONS)


@each_operation
def test_operation_says_what_it_is_who_may_and_what_can_go_wrong(operation_id):
    path, method, operation = OPERATIONS_BY_ID[operation_id]
    view = next(view for (view, _m), one in OPERATIONS.items() if one.id == operation_id)
    permission = view.permissions[method.upper()]
    assert operation["summary"]
    assert operation["tags"][0] in {tag["name"] for tag in DOCUMENT["tags"]}
    assert operation["x-permission"] == permission
    assert f"`{permission}`" in operation["description"]
    assert operation["security"] == [{"bearerKey": [permission]}, {"headerKey": [permission]}]
    assert {"400", "401", "403", "404", "503"} <= set(operation["responses"])
    assert ("requestBody" in operation) == (method in ("post", "put", "patch"))
    assert ({"413", "415"} <= set(operation["responses"])) == ("requestBody" in operation)
    assert set(re.findall(r"{(\w+)}", path)) == {
        one["name"] for one in operation["parameters"] if one["in"] == "path"
    }


@each_operation
def test_everything_in_an_operation_is_described(operation_id):
    operation = OPERATIONS_BY_ID[operation_id][2]
    assert all(one["description"] for one in operation["parameters"])
    for status in operation["responses"]:
        response = response_of(operation, status)
        assert response["description"]
        assert all(header["description"] for header in response.get("headers", {}).values())


@each_operation
def test_every_body_has_examples_that_fit_its_schema(operation_id):
    operation = OPERATIONS_BY_ID[operation_id][2]
    bodies = [response_of(operation, status) for status in operation["responses"]]
    bodies += [operation["requestBody"]] if "requestBody" in operation else []
    for body in bodies:
        for media in body.get("content", {}).values():
            assert media["examples"]
            check = validator_of(media["schema"])
            for example in media["examples"].values():
                check.validate(example["value"])


def test_members_of_request_bodies_are_described():
    for operation in OPERATIONS.values():
        if operation.body is not None:
            schema = DOCUMENT["components"]["schemas"][operation.body.name]
            assert all(member["description"] for member in schema["properties"].values())


def test_every_component_is_used():
    used = {reference.rpartition("/")[2] for reference in every(DOCUMENT, "$ref")}
    components = add_components({})["components"]
    assert used == {*components["schemas"], *components["responses"]}


CHOICES = {
    "IntegrationType": IntegrationType.values,
    "IntegrationStatus": ["published", "deprecated"],
    "AuthMethodType": list(AUTH_METHODS),
    "FieldType": list(FIELD_TYPES),
    "FieldFormat": [one for one in FIELD_TYPES if one not in ("string", "text", "password")],
    "FieldTarget": FieldSpec.Target.values,
    "ConnectSessionStatus": ConnectSession.Status.values,
    "ConnectionStatus": Connection.Status.values,
    "AuthType": Credential.AuthType.values,
    "CredentialType": Credential.Type.values,
    "CredentialScope": Credential.Scope.values,
    "CredentialStatus": Credential.Status.values,
    "Permission": Permission.values,
    "ApiKeyStatus": ApiKey.Status.values,
    "StageName": list(STAGES),
    "StageStatus": ["passed", "failed", "skipped"],
    "LiveStatus": ["passed", "failed", "unverifiable", "skipped"],
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in CHOICES])
def test_enum_lists_the_choices_where_they_are_defined(name):
    assert DOCUMENT["components"]["schemas"][name]["enum"] == CHOICES[name]


def test_every_enum_of_the_document_is_a_set_of_choices():
    codes = [enum for response in RESPONSES.values() for enum in every(response, "enum")]
    known = [*CHOICES.values(), *codes, ["auto", "never", "required"], ["active", "inactive"]]
    known.append([code for code, _name in settings.LANGUAGES])
    assert [enum for enum in every(DOCUMENT, "enum") if enum not in known] == []
    assert set(ENUMS) == set(CHOICES)
    assert set(LISTED_STATUSES) == set(Integration.Status.values) - {"draft"}


def test_published_refusal_is_an_example_to_the_letter():
    published = (
        '{"detail": {"message": "Connection validation failed",'
        ' "errors": ["Field \'API Key\' is required",'
        " \"Field 'Email' must be a valid email address\"],"
        ' "fields": [{"field": "credentials.api_key", "code": "required",'
        ' "message": "Field \'API Key\' is required", "hint": null},'
        ' {"field": "credentials.email", "code": "invalid_email",'
        ' "message": "Field \'Email\' must be a valid email address", "hint": null}]}}'
    )
    examples = RESPONSES["BadCreation"]["content"]["application/json"]["examples"]
    assert json.dumps(examples["validation_report"]["value"]) == published


# The two routes


def test_document_needs_no_key_and_no_database():
    document.cache_clear()
    answer = Client().get("/api/schema")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.json() == DOCUMENT
    assert Client().post("/api/schema").status_code == 405


def test_document_is_the_same_in_every_language():
    document.cache_clear()
    answer = Client().get("/api/schema", headers={"Accept-Language": "de"})
    assert answer.json() == DOCUMENT


class Page(HTMLParser):
    """What a page loads, whether any code stands in it, and its places and those it leads to."""

    def __init__(self, html):
        super().__init__()
        self.loaded, self.inline, self.places, self.links = [], [], [], set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "link" or (tag == "script" and "src" in given):
            self.loaded.append(given.get("src") or given["href"])
        elif tag in ("script", "style") or "style" in given:
            self.inline.append(tag)
        self.inline += [name for name in given if name.startswith("on")]
        if "id" in given:
            self.places.append(given["id"])
        if tag == "a" and given["href"].startswith("#"):
            self.links.add(given["href"][1:])

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def shown():
    answer = Client().get("/api/docs")
    assert answer.status_code == 200
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    return Page(answer.content.decode())


def test_page_loads_its_parts_from_here_and_holds_no_code(shown):
    assert shown.inline == []
    served = [address for address in shown.loaded if address != "data:,"]
    assert len(served) == 5
    for address in served:
        assert address.startswith("/static/")
        assert finders.find(address.removeprefix("/static/"))


def test_page_has_a_place_for_everything_of_the_document(shown):
    schemas = {f"schema-{name}" for name in DOCUMENT["components"]["schemas"]}
    refusals = {f"refusal-{name}" for name in RESPONSES}
    assert schemas | refusals | set(OPERATIONS_BY_ID) <= set(shown.places)
    assert shown.links <= set(shown.places)
    assert len(set(shown.places)) == len(shown.places)


def test_page_shows_every_example_and_every_member(shown):
    for content in every(DOCUMENT, "application/json"):
        for example in content.get("examples", {}).values():
            text = json.dumps(example["value"], ensure_ascii=False, indent=2)
            assert text in shown.text or shlex.quote(text) in shown.text
    for properties in every(DOCUMENT["components"], "properties"):
        assert [name for name in properties if name not in shown.text] == []


def test_page_says_what_a_value_may_be():
    shape = {
        "properties": {
            "at": {"type": "string", "format": "date", "description": "A `day`."},
            "of": {"anyOf": [{"$ref": "#/components/schemas/Problem"}, {"type": "null"}]},
            "few": {
                "type": "array",
                "items": {"type": "object", "properties": {"x": {"enum": ["<", 1]}}},
                "maxItems": 2,
                "default": [],
            },
        },
        "required": ["at"],
    }
    told = [(one.name, one.kind, one.description, one.is_required) for one in members_of(shape)]
    problem = '<a href="#schema-Problem">Problem</a> or null'
    assert told == [
        ("at", "string (date)", "A <code>day</code>.", True),
        ("of", problem, "", False),
        ("few", "list of object, length at most 2, [] if left out", "", False),
        ("few[].x", "<code>&quot;&lt;&quot;</code>, <code>1</code>", "", False),
    ]


def test_page_is_in_english_within_a_page_of_any_language():
    answer = Client().get("/api/docs", headers={"Accept-Language": "ar"}).content.decode()
    assert '<html lang="ar" dir="rtl"' in answer
    assert '<div lang="en" dir="ltr"><h1>' in answer
