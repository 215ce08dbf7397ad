"""The document beside the server: every answer, and every refusal, is the documented one."""

import pytest
from django.db import OperationalError

from connections.api.errors import answer as answer_to
from connections.api.oauth import cannot_begin, not_refreshed
from connections.api.payloads import integration_payload, requirements_payload
from connections.models import ConnectSession
from connections.oauth.errors import OAuthError
from connections.services import idempotency
from connections.services.locks import Overtaken
from connections.services.refresh_reasons import RefreshFailed
from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.schema import method_schema
from tests.api.documented import (
    DOCUMENT,
    OPERATIONS_BY_ID,
    RESPONSES,
    assert_documented,
    component,
    documented_examples,
    make_world,
    named_body,
    response_of,
)
from tests.factories import api_client, make_actor, make_key


@pytest.fixture
def world(db):
    return make_world()


CALLS = [
    ("listConnections", "/connections", None),
    ("listConnections", "/connections?cursor=&limit=1", None),
    ("listConnections", "/connections?metadata.team=support&search=key&status=active", None),
    ("createConnection", "/connections", "body"),
    ("createConnection", "/connections?verify=never", "stored credential"),
    ("createConnection", "/connections", "expired"),
    ("validateConnection", "/connections/validate?integration_id=key-and-email", "dry run"),
    ("validateConnection", "/connections/validate?integration_id=key-and-email", {}),
    ("listUserConnections", "/connections/users/u/1", None),
    ("getRequirements", "/connections/integrations/gmail/requirements", None),
    ("getConnection", "/connections/{connection}", None),
    ("getConnection", "/connections/{connection}?include_credential=true", None),
    ("replaceConnection", "/connections/{connection}", {"label": "new", "user_id": None}),
    ("changeConnection", "/connections/{connection}", {"status": "inactive"}),
    ("changeConnection", "/connections/{connection}", {"credentials": {"api_key": "third"}}),
    ("deleteConnection", "/connections/{connection}", None),
    ("testConnection", "/connections/{connection}/test", None),
    ("revealCredentials", "/connections/{connection}/credentials", None),
    ("createConnectSession", "/connect/sessions", "session_body"),
    ("getConnectSession", "/connect/sessions/{session}", None),
    ("cancelConnectSession", "/connect/sessions/{session}", None),
    ("listIntegrations", "/integrations", None),
    ("getIntegration", "/integrations/gmail", None),
    ("getIntegrationSchema", "/integrations/gmail/schema", None),
    ("listCredentials", "/credentials?auth_type=custom", None),
    ("createCredential", "/credentials", "credential_body"),
    ("getCredential", "/credentials/{credential}", None),
    ("changeCredential", "/credentials/{credential}", {"label": "d", "provider": None}),
    ("deleteCredential", "/credentials/{credential}", None),
    ("listApiKeys", "/api-keys", None),
    ("createApiKey", "/api-keys", "key_body"),
    ("getApiKey", "/api-keys/{key}", None),
    ("changeApiKey", "/api-keys/{key}", {"expires_at": "2030-01-01T00:00:00+02:00"}),
    ("deleteApiKey", "/api-keys/{key}", None),
    ("rotateApiKey", "/api-keys/{key}/rotate", {"overlap_seconds": 60}),
]


@pytest.mark.parametrize(
    ("operation_id", "path", "body"), [pytest.param(*call, id=call[0]) for call in CALLS]
)
def test_answer_is_the_documented_one(world, operation_id, path, body):
    method = OPERATIONS_BY_ID[operation_id][1].upper()
    answer = world["client"].call(method, path.format(**world), named_body(world, body))
    assert 200 <= answer.status_code < 300, answer.content
    assert_documented(operation_id, answer)


# These take a service that people consent at: tests/api/test_oauth.py asks them.
WITH_A_SERVICE = {"initiateOAuth", "refreshOAuth", "revokeOAuth"}


def test_every_operation_was_asked():
    asked = {operation_id for operation_id, _path, _body in CALLS}
    assert asked | WITH_A_SERVICE == set(OPERATIONS_BY_ID)


@pytest.mark.parametrize("kind", ["connections", "credentials", "connect/sessions", "api-keys"])
def test_replayed_creation_is_documented(world, kind):
    body, create = {
        "connections": ("body", "Connection"),
        "credentials": ("credential_body", "Credential"),
        "connect/sessions": ("session_body", "ConnectSession"),
        "api-keys": ("key_body", "ApiKey"),
    }[kind]
    for is_replay in (False, True):
        answer = world["client"].post_json(f"/{kind}", world[body], HTTP_IDEMPOTENCY_KEY="once")
        assert answer.headers.get("Idempotency-Replayed") == ("true" if is_replay else None)
        assert_documented(f"create{create}", answer)


def test_every_built_in_definition_fits_its_components():
    checks = {name: component(name) for name in ("Integration", "Requirements", "MethodSchema")}
    for path in sorted(BUILT_IN.glob("*.yaml")):
        definition = read_file(path)
        checks["Integration"].validate(integration_payload(definition))
        for method in definition.methods:
            checks["Requirements"].validate(requirements_payload(definition, method))
            checks["MethodSchema"].validate(method_schema(method))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        pytest.param("Connection", {"label": None}, id="null"),
        pytest.param("Connection", {"secret": "x"}, id="another member"),
        pytest.param("Connection", {"id": "conn_1"}, id="id"),
        pytest.param("Connection", {"status": "broken"}, id="enum"),
        pytest.param("Credential", {"created_at": "2025-10-18"}, id="moment"),
        pytest.param("ApiKey", {"permissions": ["all"]}, id="enum in a list"),
    ],
)
def test_components_refuse_what_is_not_answered(world, name, wrong):
    kind = {"Connection": "connections", "Credential": "credentials", "ApiKey": "api-keys"}[name]
    key = {"Connection": "connection", "Credential": "credential", "ApiKey": "key"}[name]
    answered = world["client"].get_json(f"/{kind}/{world[key]}").json()
    check = component(name)
    assert check.is_valid(answered)
    assert not check.is_valid({**answered, **wrong})
    for member in answered:
        assert not check.is_valid({key: one for key, one in answered.items() if key != member})


# Refusals: each documented sentence is one that the server says

ANOTHER = "00000000000070008000000000000000"
MANY = "&".join(f"p{number}=1" for number in range(101))
TOO_MANY_FOR_DJANGO = "&".join(f"p{number}=1" for number in range(1001))

# operation, path, what is sent, status, code, sentence
REFUSED = [
    ("listConnections", "/connections?limit=1&limit=2", {}, 400, "repeated_parameter",
     "The query parameter 'limit' is given twice."),
    ("getConnection", f"/connections/{{connection}}?{MANY}", {}, 400, "too_many_parameters",
     "There are too many query parameters."),
    ("getIntegration", f"/integrations/gmail?{TOO_MANY_FOR_DJANGO}", {}, 400, "bad_request",
     "The request is not valid."),
    ("createConnection", "/connections", {"body": b"[1]"}, 400, "malformed_body",
     "The body must be a JSON object."),
    ("changeApiKey", "/api-keys/{key}", {"body": b'{"a": 1,\n "b" 2}'}, 400, "malformed_body",
     "The body is not valid JSON at line 2, column 6."),
    ("createCredential", "/credentials", {"body": b'{"a": 1, "a": 2}'}, 400, "malformed_body",
     "An object in the body names the same member twice."),
    ("listConnections", "/connections?cursor=made-up", {}, 400, "bad_cursor",
     "The cursor is not one of this list's: start again."),
    ("listUserConnections", "/connections/users/u?cursor=&skip=1", {}, 400, "exclusive",
     "Send either 'skip' or 'cursor', not both."),
    ("createApiKey", "/api-keys", {"body": "key_body", "HTTP_IDEMPOTENCY_KEY": ""}, 400,
     "bad_idempotency_key", "Idempotency-Key must be 1 to 255 printable ASCII characters."),
    ("getCredential", "/credentials/{credential}", {"HTTP_AUTHORIZATION": "Bearer mk_1"}, 401,
     "invalid_key", "Send a valid API key as 'Authorization: Bearer …' or 'X-API-Key'."),
    ("createConnection", "/connections", {"key": ["read"], "body": "body"}, 403,
     "missing_permission", "This key lacks the permission 'write'."),
    ("createApiKey", "/api-keys", {"key": ["write"], "body": "key_body"}, 403,
     "missing_permission", "This key lacks the permission 'manage'."),
    ("createApiKey", "/api-keys",
     {"key": ["manage"], "body": {"label": "k", "permissions": ["reveal"]}}, 403,
     "missing_permission", "A key cannot give what it does not have: reveal."),
    ("getConnection", f"/connections/conn_{ANOTHER}", {}, 404, "not_found", "Connection not found"),
    ("deleteCredential", f"/credentials/cred_{ANOTHER}", {}, 404, "not_found",
     "Credential not found"),
    ("getConnectSession", "/connect/sessions/none", {}, 404, "not_found",
     "Connect session not found"),
    ("cancelConnectSession", "/connect/sessions/{session}", {}, 409, "already_completed",
     "This session is completed: delete its connection instead."),
    ("getApiKey", "/api-keys/none", {}, 404, "not_found", "API key not found"),
    ("getIntegration", "/integrations/none", {}, 404, "not_found", "Integration not found"),
    ("getRequirements", "/connections/integrations/gmail/requirements?auth_method_id=none", {}, 404,
     "not_found", "Auth method not found"),
    ("listConnections", "/connections", {"HTTP_X_WORKSPACE_ID": f"wsp_{ANOTHER}"}, 404,
     "not_found", "Workspace not found"),
    ("getIntegration", "/integrations/none/of/these", {}, 404, "not_found", "Not found"),
    ("createConnection", "/connections", {"body": "body", "HTTP_IDEMPOTENCY_KEY": "running"}, 409,
     "still_running", "A request with this Idempotency-Key is still running."),
    ("revokeOAuth", "/oauth/revoke/{connection}", {}, 409, "not_revocable",
     "The service has no way to revoke this from here. Nothing was changed."),
    ("refreshOAuth", "/oauth/refresh/{connection}", {}, 409, "not_refreshable",
     "This connection has no token to refresh."),
    ("deleteCredential", "/credentials/{used}", {}, 409, "in_use",
     "2 connections use this credential: delete them first."),
    ("createConnection", "/connections", {"body": b" " * (1024 * 1024 + 1)}, 413, "body_too_large",
     "The body is larger than 1 MiB."),
    ("createConnection", "/connections", {"body": "body", "content_type": "text/plain"}, 415,
     "unsupported_media_type",
     "Send the body as application/json in UTF-8, without Content-Encoding."),
    ("createConnection", "/connections", {"body": "body", "HTTP_IDEMPOTENCY_KEY": "used"}, 422,
     "idempotency_mismatch", "This Idempotency-Key was used with another body."),
    ("createConnection", "/connections?verify=required", {"body": "body"}, 503, "unverifiable",
     "This cannot be tried at its service: nothing was stored. Use verify=auto."),
    ("deleteConnection", "/connections/{connection}?revoke=true", {}, 503, "cannot_revoke",
     "The service has no way to revoke this from here. Nothing was deleted."),
]  # fmt: skip

# Only at the wrong moment: the handler of every view is asked instead.
RAISED = [
    (Overtaken, 409, "conflict", "It was changed by somebody else meanwhile: read it again."),
    (lambda: cannot_begin(OAuthError("blocked")), 400, "cannot_sign_in",
     "Nobody can sign in there: look at the addresses in `config`, or ask staff."),
    (lambda: cannot_begin(OAuthError("unavailable")), 503, "service_down",
     "The service cannot be reached right now: try again."),
    (lambda: not_refreshed(RefreshFailed("unavailable")), 503, "refresh_failed",
     "The service cannot be reached. Try again later."),
    (OperationalError, 503, "unavailable",
     "The database cannot be reached right now: try again."),
]  # fmt: skip


@pytest.fixture
def refusing_world(world):
    """The world, with a second user of the credential and two known idempotency keys."""
    client, body = world["client"], world["body"]
    client.post_json("/connections", {**body, "credentials": None, "credential_id": world["used"]})
    client.post_json("/connections", {**body, "label": "x"}, HTTP_IDEMPOTENCY_KEY="used")
    ConnectSession.objects.update(status=ConnectSession.Status.COMPLETED)
    actor = make_actor(world["workspace"])
    idempotency.begin(actor, "api:connections", "running", world["body"])
    return world


@pytest.mark.parametrize(
    ("operation_id", "path", "sent", "status", "code", "sentence"),
    [pytest.param(*row, id=f"{row[0]}-{row[4]}-{row[5][:20]}") for row in REFUSED],
)
def test_refusal_is_documented_with_its_sentence(
    refusing_world, operation_id, path, sent, status, code, sentence
):
    world, sent = refusing_world, dict(sent)
    permissions, body = sent.pop("key", None), sent.pop("body", None)
    client = world["client"]
    if permissions is not None:
        client = api_client(make_key(world["workspace"], *permissions))
    method = OPERATIONS_BY_ID[operation_id][1].upper()
    answer = client.call(method, path.format(**world), named_body(world, body), **sent)
    assert (answer.status_code, answer.json()) == (status, {"detail": sentence, "code": code})
    assert_documented(operation_id, answer)
    assert answer.json() in documented_examples(
        response_of(OPERATIONS_BY_ID[operation_id][2], status)
    )


@pytest.mark.parametrize(("error", "status", "code", "sentence"), RAISED)
def test_refusal_that_takes_bad_luck_is_documented(error, status, code, sentence):
    answer = answer_to(error(), {})
    assert (answer.status_code, answer.data) == (status, {"detail": sentence, "code": code})
    documented = [one for one in RESPONSES.values() if answer.data in documented_examples(one)]
    assert documented
    for response in documented:
        assert set(response.get("headers", {})) <= set(answer.headers)


def test_every_documented_sentence_was_provoked():
    documented = {
        (one["code"], one["detail"])
        for response in RESPONSES.values()
        for one in documented_examples(response)
        if "code" in one
    }
    assert documented == {row[-2:] for row in (*REFUSED, *RAISED)}


@pytest.mark.parametrize(
    ("operation_id", "path", "body"),
    [
        pytest.param("createConnection", "/connections", "refused", id="body"),
        pytest.param("listConnections", "/connections?limt=1", None, id="query"),
        pytest.param("changeConnection", "/connections/{connection}", {"lable": 1}, id="unknown"),
    ],
)
def test_validation_report_is_documented(world, operation_id, path, body):
    if body == "refused":
        body = {**world["body"], "credentials": {"email": "a@b"}}
    method = OPERATIONS_BY_ID[operation_id][1].upper()
    answer = world["client"].call(method, path.format(**world), body)
    assert answer.status_code == 400
    assert_documented(operation_id, answer)
    if operation_id != "changeConnection":
        response = response_of(OPERATIONS_BY_ID[operation_id][2], 400)
        assert answer.json() in documented_examples(response)


def test_schema_of_the_document_and_rule_of_the_server_agree(world):
    """Each member alone: what the documented body refuses for its shape, the server refuses."""
    wrong = [7, "\u0001", "x" * 300, {"a": 1}, ["a", "a"], None, "", "active", "2026-02-30"]
    schema = component("ConnectionChange")
    for member in DOCUMENT["components"]["schemas"]["ConnectionChange"]["properties"]:
        for value in wrong:
            body = {member: value}
            answer = world["client"].patch_json(f"/connections/{world['connection']}", body)
            if not schema.is_valid(body):
                assert answer.status_code == 400, body
