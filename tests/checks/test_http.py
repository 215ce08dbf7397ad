"""The declared request: what each answer of a service says of a credential."""

import json
import socket
import time
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connections.checks import Outcome
from integrations.specs import MethodDefinition, Spec
from tests.checks.trying import method_of, said, tried, values_of

TOKEN = Spec(key="token", type="password")
URL = Spec(key="url", type="url", target="config", secure=False, schemes=("http",))


def method_at(server: HTTPServer, *, own: bool = False, **test: Any) -> MethodDefinition:
    """A bearer method with its base URL in the definition, or in a field of its own."""
    base = "{url}" if own else server.url_for("").rstrip("/")
    return method_of(TOKEN, URL, request={"base_url": base}, test={"path": "/me", **test})


def try_answer(server: HTTPServer, answer: Response, *, own: bool = False, **test: Any) -> Outcome:
    server.expect_request("/me").respond_with_response(answer)
    values = values_of({"url": server.url_for("").rstrip("/")}, token="good")
    return tried(method_at(server, own=own, **test), values)


def json_answer(document: Any, status: int = 200, **headers: str) -> Response:
    return Response(
        json.dumps(document), status, headers, content_type="application/json; charset=utf-8"
    )


ACCOUNT = {"account_id": "user.id", "account_label": "user.email"}


def test_accepted_credential_passes_with_its_account(httpserver: HTTPServer) -> None:
    answer = json_answer({"user": {"id": 42, "email": "ada@example.com"}})
    outcome = try_answer(httpserver, answer, **ACCOUNT)
    assert outcome == Outcome(
        status="passed",
        account_id="42",
        account_label="ada@example.com",
        details={"status": 200},
    )
    request, _answer = httpserver.log[0]
    assert request.method == "GET"
    assert request.headers["Authorization"] == "Bearer good"
    assert request.headers["Accept"] == "application/json"


@pytest.mark.parametrize(
    ("status", "own", "expected"),
    [
        pytest.param(200, False, ("passed", ""), id="200"),
        pytest.param(204, False, ("passed", ""), id="204"),
        pytest.param(401, False, ("failed", "unauthorized"), id="401"),
        pytest.param(403, False, ("failed", "forbidden_scope"), id="403"),
        pytest.param(404, False, ("unverifiable", "service_error"), id="404-of-the-definition"),
        pytest.param(404, True, ("failed", "not_found_base_url"), id="404-of-the-person"),
        pytest.param(429, False, ("unverifiable", "rate_limited"), id="429"),
        pytest.param(301, False, ("unverifiable", "service_error"), id="301"),
        pytest.param(302, True, ("unverifiable", "service_error"), id="302"),
        pytest.param(400, False, ("unverifiable", "service_error"), id="400"),
        pytest.param(500, False, ("unverifiable", "service_error"), id="500"),
        pytest.param(503, True, ("unverifiable", "service_error"), id="503"),
    ],
)
def test_status_decides(
    httpserver: HTTPServer, status: int, own: bool, expected: tuple[str, str]
) -> None:
    location = {"Location": "http://127.0.0.1:1/"} if 300 <= status < 400 else {}
    outcome = try_answer(httpserver, Response("{}", status, location), own=own)
    assert said(outcome) == expected
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("status", "test", "expected"),
    [
        pytest.param(403, {"expect": [200, 403]}, ("passed", ""), id="expected"),
        pytest.param(403, {"expect": [200, 403], **ACCOUNT}, ("passed", ""), id="without-account"),
        pytest.param(
            200, {"expect": [200, 403], **ACCOUNT}, ("failed", "unauthorized"), id="200-wants-one"
        ),
        pytest.param(201, {"expect": 200}, ("unverifiable", "service_error"), id="other-2xx"),
        pytest.param(400, {"unauthorized": [400]}, ("failed", "unauthorized"), id="said-to-be"),
        pytest.param(403, {"unauthorized": 403}, ("failed", "unauthorized"), id="one-said"),
    ],
)
def test_definition_says_what_a_status_means(
    httpserver: HTTPServer, status: int, test: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert said(try_answer(httpserver, json_answer({}, status), **test)) == expected


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{"ok": false, "error": "invalid_auth"}', id="slack"),
        pytest.param('{"errors": [{"message": "Not Authenticated"}], "data": null}', id="graphql"),
        pytest.param('{"user": {"id": null}}', id="null"),
        pytest.param('{"user": {"id": true}}', id="truth-value"),
        pytest.param('{"user": {"id": {"a": 1}}}', id="object"),
        pytest.param('{"user": {"id": "  "}}', id="blank"),
        pytest.param('{"user": "text"}', id="text-on-the-way"),
        pytest.param("[]", id="list"),
        pytest.param("null", id="null-alone"),
        pytest.param('"user"', id="text-alone"),
    ],
)
def test_200_without_the_declared_account_is_a_refusal(httpserver: HTTPServer, body: str) -> None:
    assert said(try_answer(httpserver, Response(body), **ACCOUNT)) == ("failed", "unauthorized")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"ok": false, "error": "internal_error"}', ("unverifiable", "service_error")),
        ('{"ok": false, "error": "ratelimited"}', ("unverifiable", "rate_limited")),
        ('{"errors": [{"message": "upstream timeout"}]}', ("unverifiable", "service_error")),
        ('{"ok": false, "error": "missing_scope"}', ("failed", "forbidden_scope")),
        ('{"ok": false, "error": "token_revoked"}', ("failed", "unauthorized")),
        ('{"errors": [{"extensions": {"code": "UNAUTHENTICATED"}}]}', ("failed", "unauthorized")),
    ],
)
def test_trouble_that_a_200_tells_of_is_no_verdict(
    httpserver: HTTPServer, body: str, expected: tuple[str, str]
) -> None:
    assert said(try_answer(httpserver, Response(body), **ACCOUNT)) == expected


@pytest.mark.parametrize(
    ("own", "expected"),
    [(False, ("unverifiable", "service_error")), (True, ("failed", "not_found_base_url"))],
    ids=["of-the-definition", "of-the-person"],
)
@pytest.mark.parametrize(
    "body", [b"<html>Sign in</html>", b"", b'{"user"', b"\xff", b"[" * 200_000], ids=repr
)
def test_answer_that_is_no_json_is_no_verdict_on_the_credential(
    httpserver: HTTPServer, body: bytes, own: bool, expected: tuple[str, str]
) -> None:
    assert said(try_answer(httpserver, Response(body), own=own, **ACCOUNT)) == expected


def test_long_and_odd_account_is_cut_and_cleaned(httpserver: HTTPServer) -> None:
    document = {"user": {"id": "a\u0000b\n" + "c" * 500, "email": "x\u202ey"}}
    outcome = try_answer(httpserver, json_answer(document), **ACCOUNT)
    assert outcome.account_id == "ab" + "c" * 253
    assert outcome.account_label == "xy"


def test_account_may_lie_in_a_list(httpserver: HTTPServer) -> None:
    answer = json_answer({"data": [{"id": "first"}, {"id": "second"}]})
    assert try_answer(httpserver, answer, account_id="data.1.id").account_id == "second"


@pytest.mark.parametrize(
    ("header", "required", "expected", "missing"),
    [
        pytest.param("repo, user", ["repo"], ("passed", ""), None, id="covered"),
        pytest.param("repo, user", ["read:user"], ("passed", ""), None, id="by-the-whole"),
        pytest.param("admin:org", ["read:org"], ("passed", ""), None, id="by-a-wider-verb"),
        pytest.param("repo", ["gist"], ("failed", "forbidden_scope"), ("gist",), id="missing"),
        pytest.param("", ["repo"], ("failed", "forbidden_scope"), ("repo",), id="none-granted"),
        pytest.param("read:org", ["write:org"], ("failed", "forbidden_scope"), ("write:org",),
                     id="by-a-narrower-verb"),
        pytest.param(None, ["repo"], ("passed", ""), None, id="not-told"),
    ],
)  # fmt: skip
def test_granted_scopes_are_compared_where_the_service_tells(
    httpserver: HTTPServer,
    header: str | None,
    required: list[str],
    expected: tuple[str, str],
    missing: tuple[str, ...] | None,
) -> None:
    headers = {} if header is None else {"X-OAuth-Scopes": header}
    httpserver.expect_request("/me").respond_with_data("{}", headers=headers)
    method = method_of(
        kind="oauth2",
        request={"base_url": httpserver.url_for("").rstrip("/")},
        oauth={"required_scopes": required},
        test={"path": "/me"},
    )
    outcome = tried(method, values_of(access_token="t"))
    assert said(outcome) == expected
    assert outcome.details.get("missing") == missing
    assert (outcome.scopes is None) is (header is None)


def test_graphql_body_with_braces_is_sent_as_it_is(httpserver: HTTPServer) -> None:
    body = {"query": "query { viewer { id email } }", "variables": {"of": "{token}"}}
    answer = json_answer({"data": {"viewer": {"id": "v"}}})
    outcome = try_answer(httpserver, answer, method="POST", body=body, account_id="data.viewer.id")
    assert outcome.account_id == "v"
    request, _answer = httpserver.log[0]
    assert request.get_json() == {
        "query": "query { viewer { id email } }",
        "variables": {"of": "good"},
    }


def test_obtained_token_stands_for_the_values(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/me", headers={"Authorization": "Bearer fresh"}).respond_with_data(
        "{}"
    )
    method = method_of(
        kind="oauth2_client_credentials",
        request={"base_url": httpserver.url_for("").rstrip("/")},
        test={"path": "/me"},
    )
    values = values_of(client_id="c", client_secret="s")
    assert said(tried(method, values, token="fresh")) == ("passed", "")
    assert said(tried(method, values, token="stale")) == ("unverifiable", "service_error")


def slow(_request: Request) -> Response:
    time.sleep(0.6)
    return Response("{}")


def test_slow_service_is_no_verdict(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/me").respond_with_handler(slow)
    outcome = tried(method_at(httpserver), values_of(token="good"), seconds=0.2)
    assert said(outcome) == ("unverifiable", "timeout")


def test_service_that_is_down_is_no_verdict() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    method = method_of(
        TOKEN, request={"base_url": f"http://127.0.0.1:{port}"}, test={"path": "/me"}
    )
    assert said(tried(method, values_of(token="good"))) == ("unverifiable", "refused")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.2:8443/",
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "http://127.0.0.2/",
        "https://[::1]/",
    ],
)
def test_address_that_may_not_be_called_is_a_refusal(settings: Any, url: str) -> None:
    settings.EGRESS_ALLOW_CIDRS = []
    method = method_of(TOKEN, URL, request={"base_url": "{url}"}, test={"path": "/me"})
    outcome = tried(method, values_of({"url": url}, token="good"))
    assert said(outcome) == ("failed", "blocked")


@pytest.mark.parametrize(
    ("token", "config", "expected"),
    [
        pytest.param("a\r\nX-Evil: 1", {"url": "http://127.0.0.1"}, ("failed", "unauthorized"),
                     id="line-break-in-a-header"),
        pytest.param("käse", {"url": "http://127.0.0.1"}, ("failed", "unauthorized"),
                     id="not-ascii"),
        pytest.param("good", {"url": "http://a@127.0.0.1"}, ("failed", "not_found_base_url"),
                     id="user-info"),
        pytest.param("good", {}, ("skipped", ""), id="no-address-yet"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_not_sent(
    token: str, config: dict[str, str], expected: tuple[str, str]
) -> None:
    method = method_of(TOKEN, URL, request={"base_url": "{url}"}, test={"path": "/me"})
    assert said(tried(method, values_of(config, token=token))) == expected


def test_method_without_a_test_is_skipped() -> None:
    method = method_of(TOKEN, request={"base_url": "http://127.0.0.1:1"})
    assert said(tried(method, values_of(token="good"))) == ("skipped", "")


def test_no_value_is_in_what_an_outcome_says(httpserver: HTTPServer) -> None:
    answer = json_answer({"message": "your token canary-secret is bad"}, 401)
    httpserver.expect_request("/me").respond_with_response(answer)
    outcome = tried(method_at(httpserver), values_of(token="canary-secret"))
    assert "canary" not in repr(outcome)
    assert "canary" not in outcome.message + outcome.hint
