"""The document as tests read it, and a workspace that has one of everything in it."""

import json

import jsonschema_rs

from connections.api.openapi.views import document
from tests.factories import (
    KEY_AND_EMAIL,
    api_client,
    load_builtin,
    make_integration,
    make_key,
    make_workspace,
)

DOCUMENT = json.loads(document())
RESPONSES = DOCUMENT["components"]["responses"]
# By operationId: the path, the method and the operation.
OPERATIONS_BY_ID = {
    operation["operationId"]: (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def validator_of(schema):
    whole = {**schema, "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def component(name):
    return validator_of({"$ref": f"#/components/schemas/{name}"})


def response_of(operation, status):
    """The documented response, its reference followed; a status that is not there is a failure."""
    found = operation["responses"][str(status)]
    return RESPONSES[found["$ref"].rpartition("/")[2]] if "$ref" in found else found


def assert_documented(operation_id, answer):
    operation = OPERATIONS_BY_ID[operation_id][2]
    response = response_of(operation, answer.status_code)
    for name, header in response.get("headers", {}).items():
        if header["required"] or name in answer.headers:
            value = answer.headers[name]
            as_typed = int(value) if header["schema"].get("type") == "integer" else value
            validator_of(header["schema"]).validate(as_typed)
    if "content" not in response:
        assert (answer.content, answer.headers.get("Content-Type")) == (b"", None)
        return
    assert answer.headers["Content-Type"] == "application/json"
    validator_of(response["content"]["application/json"]["schema"]).validate(answer.json())


def every(node, member):
    """Every value of that member, wherever it stands in the document but in examples."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == member:
                yield value
            if name != "examples":
                yield from every(value, member)
    elif isinstance(node, list):
        for value in node:
            yield from every(value, member)


def make_world():
    """A workspace with one of everything, and the names that the calls below use."""
    make_integration(KEY_AND_EMAIL)
    load_builtin("gmail")
    workspace = make_workspace()
    client = api_client(make_key(workspace))
    body = {
        "integration": "key-and-email",
        "integration_type": "api",
        "user_id": "u/1",
        "metadata": {"team": "support"},
        "credentials": {"api_key": "secret", "email": "a@example.com"},
    }
    found = {"body": body, "client": client, "workspace": workspace}
    connection = client.post_json("/connections", body).json()
    found |= {"connection": connection["id"], "used": connection["credential_id"]}
    credential = {"label": "c", "auth_type": "custom", "credential_type": "llm"}
    credential["credentials"] = {"api_key": "other", "email": "b@example.com"}
    found["credential_body"] = credential
    found["credential"] = client.post_json("/credentials", credential).json()["id"]
    key = {"label": "k", "permissions": ["read"], "ip_whitelist": ["192.0.2.1"]}
    found["key_body"] = key
    found["session_body"] = {"integrations": ["key-and-email"], "user_id": "u/1"}
    found["session"] = client.post_json("/connect/sessions", found["session_body"]).json()["id"]
    found["key"] = client.post_json("/api-keys", key).json()["id"]
    return found


def named_body(world, name):
    """The body that a call names; one that is written out stands for itself."""
    body = world["body"]
    stored = {**body, "credentials": None, "credential_id": world["credential"]}
    tokens = {"access_token": "x" * 20, "refresh_token": "r", "expires_at": "2025-10-19T12:00:00Z"}
    gmail = {"integration": "gmail", "integration_type": "connectors", "credentials": tokens}
    dry_run = {"credentials": body["credentials"]}
    made = {"stored credential": stored, "expired": gmail, "dry run": dry_run}
    return {**world, **made}[name] if isinstance(name, str) else name


def documented_examples(response):
    return [one["value"] for one in response["content"]["application/json"]["examples"].values()]
