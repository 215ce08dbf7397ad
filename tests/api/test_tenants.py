"""What belongs to another workspace does not exist: by path, query, body and in the database."""

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from connections.models import Connection, Credential
from connections.vault import VaultError
from tests.api.bodies import KEYED, keyed
from tests.api.routes import methods, routes
from tests.factories import KEY_AND_EMAIL, api_client, make_integration, make_key, make_workspace

pytestmark = pytest.mark.django_db

# A definition that one workspace has for itself.
PRIVATE = KEY_AND_EMAIL.replace("key-and-email", "theirs-alone")
CREDENTIAL = {
    "label": "Kept",
    "auth_type": "api_key",
    "credential_type": "integration",
    "credentials": KEYED["credentials"],
}
# A body for each method that takes one: sound but for the ids that a test puts in.
BODIES = {
    ("connections", "POST"): KEYED,
    ("validate", "POST"): {"credentials": KEYED["credentials"]},
    ("connection", "PUT"): {"label": "Ours now"},
    ("connection", "PATCH"): {"label": "Ours now", "credentials": {"api_key": "ours now"}},
    ("test", "POST"): {},
    ("connect-sessions", "POST"): {"integrations": ["key-and-email"]},
    ("oauth-initiate", "POST"): {"integration_id": "key-and-email"},
    ("oauth-refresh", "POST"): {},
    ("oauth-revoke", "POST"): {},
    ("credentials", "POST"): CREDENTIAL,
    ("credential", "PUT"): {"label": "Ours now", "credentials": KEYED["credentials"]},
    ("api-keys", "POST"): {"label": "New", "permissions": ["read"]},
    ("api-key", "PUT"): {"label": "Ours now", "status": "revoked"},
    ("rotate-api-key", "POST"): {},
}
QUERIES = {"validate": "?integration_id=key-and-email"}
# Part of a path: the sentence for what is not found, whosoever it is.
SENTENCES = {
    "connection_id": "Connection not found",
    "credential_id": "Credential not found",
    "key_id": "API key not found",
    "session_id": "Connect session not found",
    "integration_id": "Integration not found",
}
# The caller's own word, and no id of ours: it finds what the workspace has under it, if anything.
FREE_PARTS = {"user_id"}


class Tenant:
    """A workspace with one of everything."""

    def __init__(self, private_slug):
        self.workspace = make_workspace()
        self.client = api_client(make_key(self.workspace))
        definition = PRIVATE.replace("theirs-alone", private_slug)
        make_integration(definition, workspace=self.workspace)
        body = keyed(user_id="person 1", metadata={"team": "blue"})
        connection = self.client.post_json("/connections", body).json()
        key = self.client.post_json("/api-keys", {"label": "K", "permissions": ["read"]}).json()
        asked = {"integrations": ["key-and-email"]}
        session = self.client.post_json("/connect/sessions", asked).json()
        self.parts = {
            "connection_id": connection["id"],
            "credential_id": connection["credential_id"],
            "key_id": key["id"],
            "session_id": session["id"],
            "integration_id": private_slug,
            "user_id": "person 1",
        }


@pytest.fixture
def tenants():
    make_integration(KEY_AND_EMAIL)
    return Tenant("ours-alone"), Tenant("theirs-alone")


def dump():
    """Every row of ours, as text; only the use of keys is noted by whatever they ask."""
    rows = {}
    ours = ("connections", "integrations")
    for model in (one for label in ours for one in apps.get_app_config(label).get_models()):
        names = [one.attname for one in model._meta.concrete_fields if one.name != "last_used_at"]
        rows[model.__name__] = sorted(map(repr, model.objects.values_list(*names)))
    return rows


CALLS = [(route, method) for route in routes() for method in methods(route.view)]
PATH_CALLS = [
    pytest.param(route, method, part, id=f"{method} {route.name}")
    for route, method in CALLS
    for part in (*SENTENCES, *FREE_PARTS)
    if f"{{{part}}}" in route.template
]


def call(client, route, method, parts):
    query = QUERIES.get(route.name, "")
    return client.call(method, route.path(**parts) + query, BODIES.get((route.name, method)))


@pytest.mark.parametrize(("route", "method", "part"), PATH_CALLS)
def test_id_of_another_workspace_in_the_path_is_not_found(tenants, route, method, part):
    ours, theirs = tenants
    before = dump()
    answer = call(ours.client, route, method, {**ours.parts, part: theirs.parts[part]})
    if part in FREE_PARTS:
        assert {one["id"] for one in answer.json()["connections"]} == {ours.parts["connection_id"]}
    else:
        expected = {"detail": SENTENCES[part], "code": "not_found"}
        assert (answer.status_code, answer.json()) == (404, expected)
    assert dump() == before


@pytest.mark.parametrize(("route", "method", "part"), PATH_CALLS)
def test_own_id_in_the_path_is_found(tenants, route, method, part):
    """Without this the 404 of the others would prove nothing."""
    ours, _theirs = tenants
    assert call(ours.client, route, method, ours.parts).status_code in (200, 204, 409)


def test_every_part_of_a_path_is_swapped():
    swapped = {(one.values[0].name, one.values[1]) for one in PATH_CALLS}
    with_parts = {(route.name, method) for route, method in CALLS if "{" in route.template}
    assert swapped == with_parts


UNKNOWN = {"integration_id": "no-such-slug", "credential_id": "cred_" + "0" * 32}


@pytest.mark.parametrize(
    ("path", "name", "body"),
    [
        ("/connections?credential_id={}", "credential_id", None),
        ("/connections?integration={}", "integration_id", None),
        ("/connections/validate?integration_id={}", "integration_id", {"credentials": {}}),
        ("/integrations?search={}", "integration_id", None),
    ],
)
def test_id_of_another_workspace_in_the_query_is_as_good_as_an_unknown_one(
    tenants, path, name, body
):
    ours, theirs = tenants
    method = "GET" if body is None else "POST"
    answers = [
        ours.client.call(method, path.format(one[name]), body) for one in (theirs.parts, UNKNOWN)
    ]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].json() == answers[1].json()
    assert answers[0].json().get("total", 0) == 0


@pytest.mark.parametrize("slug", ["theirs-alone", "no-such-slug"])
def test_integration_of_another_workspace_is_as_good_as_an_unknown_one(tenants, slug):
    ours, _theirs = tenants
    before = dump()
    answer = ours.client.post_json("/connections", keyed(integration=slug))
    assert answer.status_code == 400
    assert answer.json()["detail"]["fields"] == [
        {
            "field": "integration",
            "code": "unknown_integration",
            "message": "Field 'integration' names no integration that can be connected",
            "hint": "The list of integrations says which there are.",
        }
    ]
    assert dump() == before


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_credential_of_another_workspace_in_the_body_is_not_found(tenants, method):
    ours, theirs = tenants
    before = dump()
    path = "/connections" if method == "POST" else f"/connections/{ours.parts['connection_id']}"
    named = {"credential_id": theirs.parts["credential_id"]}
    body = {**keyed(credentials=None), **named} if method == "POST" else named
    answer = ours.client.call(method, path, body)
    assert (answer.status_code, answer.json()) == (
        404,
        {"detail": "Credential not found", "code": "not_found"},
    )
    assert dump() == before


@pytest.mark.parametrize(
    ("path", "member"),
    [("/connections", "connections"), ("/credentials", "credentials"), ("/api-keys", "api_keys")],
)
def test_lists_show_the_own_workspace_only(tenants, path, member):
    ours, _theirs = tenants
    rows = ours.client.get_json(path).json()[member]
    assert rows
    assert {row["workspace_id"] for row in rows} == {ours.workspace.public_id}


def test_catalogue_shows_everybodys_and_the_own(tenants):
    ours, _theirs = tenants
    listed = ours.client.get_json("/integrations").json()
    assert [one["id"] for one in listed["integrations"]] == ["key-and-email", "ours-alone"]
    assert listed["total"] == 2


def test_own_integration_stands_in_for_everybodys(tenants):
    ours, theirs = tenants
    everybodys = KEY_AND_EMAIL.replace("key-and-email", "ours-alone")
    make_integration(everybodys.replace("name: Key and email", "name: For everybody"))
    path = "/integrations/ours-alone"
    assert ours.client.get_json(path).json()["name"] == "Key and email"
    assert theirs.client.get_json(path).json()["name"] == "For everybody"
    listed = ours.client.get_json("/integrations?search=ours-alone").json()
    assert [one["name"] for one in listed["integrations"]] == ["Key and email"]


@pytest.mark.parametrize("named", ["theirs", "wsp_" + "0" * 32, "", "nonsense", "wsp_"])
def test_other_workspace_in_the_header_is_not_found(tenants, named):
    ours, theirs = tenants
    named = theirs.workspace.public_id if named == "theirs" else named
    before = dump()
    for method, body in (("GET", None), ("POST", KEYED)):
        answer = ours.client.call(method, "/connections", body, HTTP_X_WORKSPACE_ID=named)
        assert (answer.status_code, answer.json()) == (
            404,
            {"detail": "Workspace not found", "code": "not_found"},
        )
    assert dump() == before


def test_own_workspace_in_the_header_changes_nothing(tenants):
    ours, _theirs = tenants
    named = ours.workspace.public_id
    assert ours.client.get_json("/connections", HTTP_X_WORKSPACE_ID=named).status_code == 200


def test_database_refuses_a_connection_with_a_foreign_credential(tenants):
    ours, theirs = tenants
    row = Connection.objects.named(ours.workspace.id, ours.parts["connection_id"])
    foreign = Credential.objects.named(theirs.workspace.id, theirs.parts["credential_id"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Connection.objects.filter(pk=row.pk).update(credential_id=foreign.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Connection.objects.filter(pk=row.pk).update(workspace_id=theirs.workspace.id)
    copy = Connection.objects.get(pk=row.pk)
    copy.pk, copy._state.adding, copy.credential_id = Connection().pk, True, foreign.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)


def test_value_of_another_row_does_not_open(tenants):
    ours, theirs = tenants
    mine = Credential.objects.named(ours.workspace.id, ours.parts["credential_id"])
    foreign = Credential.objects.named(theirs.workspace.id, theirs.parts["credential_id"])
    Credential.objects.filter(pk=mine.pk).update(sealed_values=foreign.sealed_values)
    with pytest.raises(VaultError):
        Credential.objects.get(pk=mine.pk).get_values()
