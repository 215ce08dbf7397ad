"""What no request can do, whatever its headers, its body and its path say: end in a 5xx."""

import pytest
from django.db import InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from connections.models import Connection
from tests.factories import (
    KEY_AND_EMAIL,
    api_client,
    load_builtin,
    make_integration,
    make_key,
    make_workspace,
)

pytestmark = pytest.mark.django_db

FOREIGN_TYPE = {
    "detail": "Send the body as application/json in UTF-8, without Content-Encoding.",
    "code": "unsupported_media_type",
}
BODY = {
    "integration": "key-and-email",
    "integration_type": "api",
    "credentials": {"api_key": "k", "email": "a@example.com"},
}


@pytest.fixture
def client():
    make_integration(KEY_AND_EMAIL)
    return api_client(make_key(make_workspace()))


CONTENT_TYPES = [
    pytest.param(f"application/json; charset={charset}", id=f"charset {charset[:20]}")
    for charset in (
        "rot13",
        "hex",
        "undefined",
        "idna",
        "utf-7",
        "utf-16",
        "unicode_escape",
        "latin-1",
        "no-such-charset",
        "x" * 5000,
        "utf-8; charset=utf-7",
    )
] + [
    pytest.param("application/json; a*=nonsense'en'b", id="parameter in an unknown charset"),
    pytest.param("application/json; a*=undefined'en'b", id="parameter in a charset that raises"),
    pytest.param("application/x-www-form-urlencoded", id="form"),
    pytest.param("multipart/form-data; boundary=x", id="multipart"),
    pytest.param("text/html<script>", id="made up"),
    pytest.param("application/jsonp", id="nearly"),
    pytest.param("", id="none"),
]


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_foreign_content_type_is_refused_with_a_fixed_sentence(client, content_type):
    answer = client.post_json("/connections", BODY, content_type=content_type)
    assert (answer.status_code, answer.json()) == (415, FOREIGN_TYPE)
    assert not Connection.objects.exists()


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_content_type_of_a_request_without_body_is_ignored(client, content_type):
    answer = client.get_json("/connections?search=é", content_type=content_type)
    assert (answer.status_code, answer.json()["total"]) == (200, 0)


@pytest.mark.parametrize("content_type", ["application/json", 'Application/JSON; charset="UTF-8"'])
def test_json_in_utf8_is_read(client, content_type):
    assert client.post_json("/connections", BODY, content_type=content_type).status_code == 201


def test_compressed_body_is_refused(client):
    answer = client.post_json("/connections", BODY, HTTP_CONTENT_ENCODING="gzip")
    assert (answer.status_code, answer.json()) == (415, FOREIGN_TYPE)


EMPTY_BODY = {
    "detail": "The body is empty: send a JSON object, and its length in Content-Length.",
    "code": "malformed_body",
}
SOME_ID = "0" * 32


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/connections"),
        ("POST", "/connections/validate?integration_id=key-and-email"),
        ("PUT", f"/connections/conn_{SOME_ID}"),
        ("PATCH", f"/connections/conn_{SOME_ID}"),
        ("POST", "/credentials"),
        ("PUT", f"/credentials/cred_{SOME_ID}"),
        ("POST", "/api-keys"),
        ("PUT", f"/api-keys/key_{SOME_ID}"),
    ],
)
@pytest.mark.parametrize("length", [None, "0", "", "abc", "-1"])
def test_body_that_is_needed_may_not_be_empty(client, method, path, length):
    announced = {} if length is None else {"CONTENT_LENGTH": length}
    answer = client.call(method, path, **announced)
    assert (answer.status_code, answer.json()) == (400, EMPTY_BODY)


def test_body_of_a_live_test_may_be_empty(client):
    created = client.post_json("/connections", BODY).json()
    path = f"/connections/{created['id']}/test"
    assert client.call("POST", path).status_code == 200
    assert client.post_json(path, {}).status_code == 200


def test_body_of_a_rotation_may_be_empty(client):
    key = client.post_json("/api-keys", {"label": "Other", "permissions": ["read"]}).json()
    assert client.call("POST", f"/api-keys/{key['id']}/rotate").status_code == 200


def test_member_that_nobody_declared_is_refused_where_the_body_may_be_empty(client):
    created = client.post_json("/connections", BODY).json()
    answer = client.post_json(f"/connections/{created['id']}/test", {"live": True})
    assert answer.status_code == 400
    assert answer.json()["detail"]["fields"] == [
        {"field": "live", "code": "unknown", "message": "Unknown field 'live'", "hint": None}
    ]


REFUSED_METHOD = {"detail": "This method is not allowed here.", "code": "method_not_allowed"}


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "DELETE", "PUT", "HEAD", "<b>"])
def test_method_that_a_route_does_not_know_names_those_it_does(client, method):
    answer = client.call(method, "/connections")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST")
    assert method == "HEAD" or answer.json() == REFUSED_METHOD


def test_options_without_a_key_tells_nothing():
    answer = api_client().call("OPTIONS", "/connections")
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_key"


def test_method_override_is_ignored(client):
    created = client.post_json("/connections", BODY).json()
    path = f"/connections/{created['id']}"
    answer = client.get_json(path, HTTP_X_HTTP_METHOD_OVERRIDE="DELETE")
    assert (answer.status_code, answer.json()) == (200, created)
    assert Connection.objects.count() == 1


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*;q=0", "nonsense", ""])
def test_answer_is_json_whatever_the_caller_accepts(client, accept):
    answer = client.get_json("/connections", HTTP_ACCEPT=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param("&".join(f"a{n}=1" for n in range(101)), "too_many_parameters", id="101"),
        pytest.param("&".join(f"a{n}=1" for n in range(1200)), "bad_request", id="1200"),
        pytest.param("limit=1&limit=2", "repeated_parameter", id="repeated"),
    ],
)
def test_query_out_of_bounds_is_refused(client, query, code):
    answer = client.get_json(f"/connections?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


IDS = ["abc", "-1", "9" * 24, "%00", "a%00b", "%FF", "..%2f", "..%2f..%2fetc", "%252e", "a" * 3000]
IDS += ["conn_", f"CONN_{SOME_ID}", f"conn_{SOME_ID}0", "conn_" + "٠" * 32, f"key_{SOME_ID}"]


@pytest.mark.parametrize("path_id", IDS, ids=lambda one: one[:24])
@pytest.mark.parametrize(
    "path",
    [
        "/connections/{}",
        "/connections/{}/credentials",
        "/connections/integrations/{}/requirements",
        "/integrations/{}",
        "/integrations/{}/schema",
        "/credentials/{}",
        "/api-keys/{}",
    ],
)
def test_impossible_id_does_not_exist(client, path, path_id):
    answer = client.get_json(path.format(path_id))
    assert answer.status_code == 404
    assert answer.json().keys() == {"detail", "code"}
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("user_id", ["%00", "a%00", "a" * 256])
def test_impossible_user_does_not_exist(client, user_id):
    answer = client.get_json(f"/connections/users/{user_id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


BAD_HOST = {"detail": "The request is not valid.", "code": "bad_request"}


@pytest.mark.parametrize(
    "host", ["evil.com", "testserver, evil.com", "testserver:0a", "a b", "testserver/x", "@", ""]
)
@pytest.mark.parametrize("path", ["/connections", "/no-such-path"])
def test_host_that_is_not_ours_is_refused(client, host, path):
    answer = client.get_json(path, HTTP_HOST=host, SERVER_NAME=host or "evil.com")
    assert (answer.status_code, answer.json()) == (400, BAD_HOST)


def test_location_names_no_host(client):
    assert client.post_json("/connections", BODY)["Location"].startswith(
        "/api/v1/connections/conn_"
    )


@pytest.mark.parametrize("origin", ["null", "https://evil.com"])
def test_no_other_origin_is_let_in(client, origin):
    answer = client.get_json("/connections", HTTP_ORIGIN=origin)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_session_is_no_key(client, admin_user):
    browser = api_client()
    browser.force_login(admin_user)
    for headers in ({}, {"HTTP_ORIGIN": "null"}):
        answer = browser.get_json("/connections", **headers)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
        assert "Access-Control-Allow-Origin" not in answer


def test_unknown_path_is_json(client):
    answer = client.get_json("/nothing")
    assert (answer.status_code, answer.json()) == (
        404,
        {"detail": "Not found", "code": "not_found"},
    )


DOWN = {
    "detail": "The database cannot be reached right now: try again.",
    "code": "unavailable",
}


@pytest.fixture(params=[OperationalError, InterfaceError])
def break_database(request, monkeypatch):
    def refuse(*_arguments, **_options):
        raise request.param("connection refused: the password of mielto is hunter2")

    return lambda: monkeypatch.setattr(BaseDatabaseWrapper, "_cursor", refuse)


@pytest.fixture
def broken_database(break_database):
    break_database()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_database_that_is_down_is_a_503(client, broken_database, method):
    answer = client.call(method, "/connections", BODY)
    assert (answer.status_code, answer.json(), answer["Retry-After"]) == (503, DOWN, "5")


def test_database_that_breaks_in_the_middle_is_a_503(client, monkeypatch):
    def refuse(*_arguments, **_options):
        raise OperationalError

    load_builtin("gmail")
    monkeypatch.setattr("connections.services.connections.insert_together", refuse)
    answer = client.post_json("/connections", BODY, HTTP_IDEMPOTENCY_KEY="one")
    assert (answer.status_code, answer.json()) == (503, DOWN)
    monkeypatch.undo()
    assert client.post_json("/connections", BODY, HTTP_IDEMPOTENCY_KEY="one").status_code == 201


def test_readiness_tells_of_the_database(client, broken_database):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})
    assert answer["Retry-After"] == "5"
    assert client.get("/healthz").status_code == 200


def test_readiness(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_answer_says_how_long_it_is(client):
    for answer in (client.get_json("/connections"), client.get_json("/nothing")):
        assert answer["Content-Length"] == str(len(answer.content))
    created = client.post_json("/connections", BODY).json()
    assert "Content-Length" not in client.call("DELETE", f"/connections/{created['id']}")


def test_answers_are_not_kept_by_caches(client):
    for answer in (client.get_json("/connections"), api_client().get_json("/connections")):
        assert answer["Cache-Control"] == "no-store"


def test_page_tells_of_a_database_that_is_down(admin_client, break_database):
    admin_client.raise_request_exception = False
    assert admin_client.get("/admin/").status_code == 200
    break_database()
    answer = admin_client.get("/admin/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"The database cannot be reached right now: try again." in answer.content
    assert b"hunter2" not in answer.content
