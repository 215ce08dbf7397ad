"""Each route declares, by method, the permission that a key needs; nothing else lets it in."""

import pytest

from connections.access.permissions import DeclaredPermission
from connections.api.base import ApiView
from connections.models.api_keys import INCLUDES, Permission
from tests.api.routes import methods, routes
from tests.factories import KEY_AND_EMAIL, api_client, make_integration, make_key, make_workspace

# Written down once more, from the contract: a change of a route's permission is a change here.
NEEDED = {
    ("connections", "GET"): "read",
    ("connections", "POST"): "write",
    ("validate", "POST"): "read",
    ("user-connections", "GET"): "read",
    ("requirements", "GET"): "read",
    ("connection", "GET"): "read",
    ("connection", "PUT"): "write",
    ("connection", "PATCH"): "write",
    ("connection", "DELETE"): "write",
    ("test", "POST"): "write",
    ("reveal", "GET"): "reveal",
    ("connect-sessions", "POST"): "write",
    ("connect-session", "GET"): "read",
    ("connect-session", "DELETE"): "write",
    ("oauth-initiate", "POST"): "write",
    ("oauth-refresh", "POST"): "write",
    ("oauth-revoke", "POST"): "write",
    ("integrations", "GET"): "read",
    ("integration", "GET"): "read",
    ("integration-schema", "GET"): "read",
    ("credentials", "GET"): "read",
    ("credentials", "POST"): "write",
    ("credential", "GET"): "read",
    ("credential", "PUT"): "write",
    ("credential", "DELETE"): "write",
    ("api-keys", "GET"): "manage",
    ("api-keys", "POST"): "manage",
    ("api-key", "GET"): "manage",
    ("api-key", "PUT"): "manage",
    ("api-key", "DELETE"): "manage",
    ("rotate-api-key", "POST"): "manage",
}
ROUTED = [(route, method) for route in routes() for method in methods(route.view)]
# Long enough to be found nowhere, short enough to be a name.
PARTS = {
    "connection_id": "conn_" + "0" * 32,
    "credential_id": "cred_" + "0" * 32,
    "key_id": "key_" + "0" * 32,
    "session_id": "cns_" + "0" * 32,
    "integration_id": "nothing",
    "user_id": "nobody",
}


def undeclared(view):
    return [method for method in methods(view) if method not in view.permissions]


@pytest.mark.parametrize("route", routes(), ids=lambda route: route.name)
def test_every_route_declares_its_permissions(route):
    assert issubclass(route.view, ApiView)
    assert route.view.permission_classes == [DeclaredPermission]
    assert undeclared(route.view) == []
    assert set(route.view.permissions.values()) <= set(Permission.values)
    declared = {(route.name, method): needed for method, needed in route.view.permissions.items()}
    assert declared == {one: needed for one, needed in NEEDED.items() if one[0] == route.name}


def test_nothing_is_declared_that_is_not_routed():
    assert {(route.name, method) for route, method in ROUTED} == set(NEEDED)


def test_route_without_a_declaration_is_noticed():
    class Forgetful(ApiView):
        permissions = {"GET": Permission.READ}  # noqa: RUF012 - as the views write it

        def get(self, request): ...

        def post(self, request): ...

    assert undeclared(Forgetful) == ["POST"]


@pytest.mark.django_db
def test_method_without_a_declaration_is_refused(rf):
    class Forgetful(ApiView):
        permissions = {}  # noqa: RUF012 - as the views write it

        def get(self, request):
            raise AssertionError("let in")

    secret = make_key(make_workspace())
    answer = Forgetful.as_view()(rf.get("/", HTTP_AUTHORIZATION=f"Bearer {secret}"))
    assert answer.status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("permission", Permission.values)
@pytest.mark.parametrize(
    ("route", "method"), ROUTED, ids=lambda one: one if isinstance(one, str) else one.name
)
def test_key_is_let_in_by_the_declared_permission_only(route, method, permission):
    make_integration(KEY_AND_EMAIL)
    client = api_client(make_key(make_workspace(), permission))
    answer = client.call(method, route.path(**PARTS), {})
    needed = NEEDED[route.name, method]
    if needed in INCLUDES[permission]:
        assert answer.status_code in (200, 400, 404)
    else:
        sentence = f"This key lacks the permission '{needed}'."
        assert (answer.status_code, answer.json()) == (
            403,
            {"detail": sentence, "code": "missing_permission"},
        )


@pytest.mark.parametrize(
    ("permission", "brings"),
    [
        ("read", {"read"}),
        ("write", {"read", "write"}),
        ("reveal", {"reveal"}),
        ("manage", {"read", "write", "manage"}),
    ],
)
def test_what_a_permission_brings(permission, brings):
    assert INCLUDES[permission] == brings


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("route", "method"), ROUTED, ids=lambda one: one if isinstance(one, str) else one.name
)
def test_no_route_answers_without_a_key(route, method):
    answer = api_client().call(method, route.path(**PARTS), {})
    assert (answer.status_code, answer.json()) == (
        401,
        {
            "detail": "Send a valid API key as 'Authorization: Bearer …' or 'X-API-Key'.",
            "code": "invalid_key",
        },
    )
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer["Cache-Control"] == "no-store"
