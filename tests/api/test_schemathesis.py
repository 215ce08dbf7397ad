"""Requests made up from the document: whatever they say, the answer is a documented one.

The same requests in every run: what fails here fails again.
"""

import json
import zlib

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.config import (
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
)
from schemathesis.core.parameters import ParameterLocation

from connections.api.openapi.views import document
from mielto.requests import PlainWSGIHandler
from tests.factories import (
    KEY_AND_EMAIL,
    api_client,
    load_builtin,
    make_integration,
    make_key,
    make_oauth_client,
    make_workspace,
)

pytestmark = pytest.mark.django_db

LONG = 1000
# Rules over several fields, and those of each auth method, are not in the document's schemas.
UNSAID = [positive_data_acceptance]
# A dry run answers 200 and says in it what is wrong.
REPORTED = [*UNSAID, negative_data_rejection]


def without_long_texts(node):
    """The document without limits that take a text of thousands of random letters to pass."""
    if isinstance(node, dict):
        kept = {name: value for name, value in node.items() if not is_long(name, value)}
        return {name: without_long_texts(value) for name, value in kept.items()}
    return [without_long_texts(value) for value in node] if isinstance(node, list) else node


def is_long(name, value):
    return name == "maxLength" and isinstance(value, int) and value > LONG


def load_document(max_examples, *, covers_every_limit):
    made = GenerationConfig(
        max_examples=max_examples, deterministic=True, with_security_parameters=False
    )
    phases = PhasesConfig(coverage=CoveragePhaseConfig(enabled=covers_every_limit))
    project = ProjectConfig(generation=made, phases=phases)
    config = schemathesis.Config(projects=ProjectsConfig(default=project))
    schema = schemathesis.openapi.from_dict(
        without_long_texts(json.loads(document())), config=config
    )
    schema.app = PlainWSGIHandler()
    return schema


FULL = load_document(15, covers_every_limit=True)
READING = load_document(10, covers_every_limit=False)
unhurried = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def world():
    """One of everything, and the statuses of the answers for those who look at them afterwards."""
    make_integration(KEY_AND_EMAIL)
    load_builtin("gmail")
    workspace = make_workspace()
    make_oauth_client(workspace, "gmail")
    client = api_client(make_key(workspace))
    credentials = {"api_key": "secret", "email": "a@example.com"}
    connection = {
        "integration": "key-and-email",
        "integration_type": "api",
        "user_id": "user-42",
        "credentials": credentials,
    }
    credential = {"label": "c", "auth_type": "custom", "credential_type": "integration"}
    key = {"label": "k", "permissions": ["read"]}
    names = {
        "connection_id": id_of(client.post_json("/connections", connection)),
        "credential_id": id_of(
            client.post_json("/credentials", {**credential, "credentials": credentials})
        ),
        "session_id": id_of(
            client.post_json("/connect/sessions", {"integrations": ["key-and-email"]})
        ),
        "key_id": id_of(client.post_json("/api-keys", key)),
        "integration_id": "gmail",
        "user_id": "user-42",
    }
    # The test's transaction outlives each request, as it does with Django's own client.
    at = (request_started, request_finished)
    for signal in at:
        signal.disconnect(close_old_connections)
    yield {"workspace": workspace, "names": names, "statuses": set(), "is_beyond": False}
    for signal in at:
        signal.connect(close_old_connections)


def id_of(answer):
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


@pytest.fixture
def key(world):
    """The key that may do everything. Every operation must succeed at least once with it."""
    yield make_key(world["workspace"])
    assert any(200 <= status < 300 for status in world["statuses"]) or world["is_beyond"]


@pytest.fixture
def reading_key(world):
    return make_key(world["workspace"], "read")


# A connection that a service granted: these find one that none did, and say so.
TAKE_A_SERVICE = {f"/api/v1/oauth/{verb}/{{connection_id}}" for verb in ("refresh", "revoke")}


def aim(case, world):
    """Let most requests name what is there: made-up names get no further than a 404.

    Only the parts that fit the document are aimed; the others are there to be refused.
    """
    negated = {
        location
        for location, part in case.meta.components.items()
        if part.mode == GenerationMode.NEGATIVE
    }
    said = repr((case.path_parameters, case.query, case.body)).encode()
    if zlib.crc32(said) % 4 == 0:
        return
    if ParameterLocation.HEADER not in negated and "X-Workspace-Id" in (case.headers or {}):
        case.headers["X-Workspace-Id"] = world["workspace"].public_id
    if ParameterLocation.PATH not in negated and case.path_parameters:
        case.path_parameters = {name: world["names"][name] for name in case.path_parameters}
    is_initiation = case.operation.path == "/api/v1/oauth/initiate"
    if ParameterLocation.BODY not in negated and is_initiation:
        case.body = {**case.body, "integration_id": "gmail", "auth_method_id": "oauth2"}
        for name in ("redirect_uri", "connection_id", "credentials", "config"):
            case.body.pop(name, None)
    is_link = case.operation.path == "/api/v1/connect/sessions"
    if ParameterLocation.BODY not in negated and is_link:
        case.body = {**case.body, "integrations": ["key-and-email"]}
        for name in ("return_url", "origin", "connection_id", "config"):
            case.body.pop(name, None)
    if ParameterLocation.QUERY not in negated and "integration_id" in (case.query or {}):
        case.query["integration_id"] = "key-and-email"


def send(case, world, key):
    aim(case, world)
    is_dry_run = case.operation.path == "/api/v1/connections/validate"
    answer = case.call_and_validate(
        headers={"Authorization": f"Bearer {key}"},
        excluded_checks=REPORTED if is_dry_run else UNSAID,
    )
    world["statuses"].add(answer.status_code)
    world["is_beyond"] = case.operation.path in TAKE_A_SERVICE and 409 in world["statuses"]
    return answer


@FULL.parametrize()
@unhurried
def test_whatever_is_sent_the_answer_is_documented(case, world, key):
    send(case, world, key)


@READING.parametrize()
@unhurried
def test_key_that_may_read_changes_nothing_whatever_it_sends(case, world, reading_key):
    answer = send(case, world, reading_key)
    permission = case.operation.definition.raw["x-permission"]
    assert permission == "read" or not 200 <= answer.status_code < 300
