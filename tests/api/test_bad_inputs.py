"""Bodies that no route takes, over every route that takes one: a 400, and nothing has changed."""

import json

import pytest

from connections.models import ApiKey, AuditEvent, Connection, Credential, IdempotencyRecord
from tests.api.bodies import KEYED
from tests.api.routes import methods, routes
from tests.factories import KEY_AND_EMAIL, api_client, make_integration, make_key, make_workspace

pytestmark = pytest.mark.django_db

GOOD = json.dumps(KEYED).encode()


def nested(levels):
    return b'{"credentials":' * levels + b"1" + b"}" * levels


BODIES = [
    pytest.param(b"[1]", id="list"),
    pytest.param(b'"x"', id="text"),
    pytest.param(b"5", id="number"),
    pytest.param(b"null", id="null"),
    pytest.param(b"", id="empty"),
    pytest.param(b" ", id="space"),
    pytest.param(b"{", id="cut"),
    pytest.param(b'{"label":"a","label":"b"}', id="member twice"),
    pytest.param(b'{"credentials":{"a":"1","a":"2"}}', id="inner member twice"),
    pytest.param(b'{"label":NaN}', id="NaN"),
    pytest.param(b'{"label":-Infinity}', id="Infinity"),
    pytest.param(b'{"label":1e999}', id="1e999"),
    pytest.param(b'{"label":' + b"9" * 5000 + b"}", id="5,000 digits"),
    pytest.param(b'{"label":"\xff"}', id="no UTF-8"),
    pytest.param('{"label":"é"}'.encode("utf-16"), id="UTF-16"),
    pytest.param(b"\xef\xbb\xbf" + GOOD, id="byte order mark"),
    pytest.param(rb'{"label":"\u0000"}', id="NUL"),
    pytest.param(rb'{"\u0000":"label"}', id="NUL in a name"),
    pytest.param(rb'{"metadata":{"a":"\ud800"}}', id="half a surrogate pair"),
    pytest.param(nested(33), id="33 levels"),
    pytest.param(nested(60_000), id="60,000 levels"),
    pytest.param(b"[" * 500_000, id="500,000 brackets"),
    pytest.param(GOOD + GOOD, id="two bodies"),
    pytest.param(b"label=x", id="form"),
    pytest.param(b"<a/>", id="XML"),
]
WITH_BODY = [
    pytest.param(route, method, id=f"{method} {route.name}")
    for route in routes()
    for method in methods(route.view)
    if method in ("POST", "PUT", "PATCH") and not route.view.takes_empty_body
]


class World:
    def __init__(self):
        make_integration(KEY_AND_EMAIL)
        self.client = api_client(make_key(make_workspace()))
        made = self.client.post_json("/connections", KEYED).json()
        self.parts = {
            "connection_id": made["id"],
            "credential_id": made["credential_id"],
            "key_id": ApiKey.objects.get().public_id,
        }

    def send(self, route, method, body):
        query = "?integration_id=key-and-email" if route.name == "validate" else ""
        return self.client.call(method, route.path(**self.parts) + query, body)


@pytest.fixture
def world():
    return World()


def rows():
    models = (Connection, Credential, ApiKey, AuditEvent, IdempotencyRecord)
    shown = [list(model.objects.order_by("id").values()) for model in models]
    for key in shown[2]:
        del key["last_used_at"]
    return shown


@pytest.mark.parametrize(("route", "method"), WITH_BODY)
def test_malformed_body_is_refused_everywhere(world, route, method):
    for body in (one.values[0] for one in BODIES):
        before = rows()
        answer = world.send(route, method, body)
        assert answer.status_code == 400, body[:40]
        assert answer.json().keys() == {"detail", "code"}
        assert answer.json()["code"] == "malformed_body"
        assert rows() == before


@pytest.mark.parametrize("body", BODIES)
def test_malformed_body_is_refused_whatever_it_is(world, body):
    answer = world.client.post_json("/connections", body, HTTP_IDEMPOTENCY_KEY="one")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")
    assert Connection.objects.count() == 1


@pytest.mark.parametrize(("route", "method"), WITH_BODY)
def test_body_of_more_than_a_mebibyte_is_refused_everywhere(world, route, method):
    before = rows()
    body = b'{"label":"' + b"x" * (1024 * 1024) + b'"}'
    answer = world.send(route, method, body)
    assert (answer.status_code, answer.json()) == (
        413,
        {"detail": "The body is larger than 1 MiB.", "code": "body_too_large"},
    )
    assert rows() == before


@pytest.mark.parametrize(("route", "method"), WITH_BODY)
@pytest.mark.parametrize(
    "value",
    [5, -0.0, 1e308, True, [], {}, "", [[]], {"": ""}, "x" * 300, "a\tb", "\u202e", "😀" * 300],
    ids=repr,
)
def test_no_value_of_a_member_ends_in_a_5xx(world, route, method, value):
    names = ("label", "integration", "integration_type", "auth_method_id", "credentials", "config")
    names += ("user_id", "metadata", "status", "auth_type", "credential_type", "permissions")
    names += ("expires_at", "ip_whitelist", "description", "provider", "credential_scope")
    for body in (dict.fromkeys(names, value), *({name: value} for name in names)):
        answer = world.send(route, method, body)
        assert answer.status_code < 500
        if route.name != "validate" and answer.status_code >= 400:
            assert set(answer.json()) in ({"detail"}, {"detail", "code"})
