"""A server of the Model Context Protocol: what each of its answers says of a connection."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connections.checks import Outcome
from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from tests.checks.trying import said, tried, values_of

METHODS = {method.id: method for method in read_file(BUILT_IN / "mcp-server.yaml").methods}


class FakeServer:
    """Answers as the protocol says; each test spoils one thing."""

    def __init__(self, **settings: Any) -> None:
        self.seen: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.settings: dict[str, Any] = {
            "version": "2025-06-18",
            "capabilities": {"tools": {}},
            "pages": [["a", "b"], ["c"]],
            "write": as_json,
            "session": "session-1",
            "token": "good",
            "statuses": {},
            **settings,
        }

    def __call__(self, request: Request) -> Response:
        message = json.loads(request.data or b"{}")
        name = message.get("method") or request.method
        self.seen.append((name, message, dict(request.headers)))
        if name in self.settings["statuses"]:
            return Response("no", self.settings["statuses"][name])
        if request.headers.get("Authorization") != f"Bearer {self.settings['token']}":
            return Response("no", 401, {"WWW-Authenticate": 'Bearer realm="mcp"'})
        if "id" not in message:
            return Response("", 202)
        response = self.settings["write"](
            {"jsonrpc": "2.0", "id": message["id"], **self.reply(name, message.get("params", {}))}
        )
        if name == "initialize" and self.settings["session"]:
            response.headers["Mcp-Session-Id"] = self.settings["session"]
        return response

    def reply(self, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if name == "initialize":
            result = {
                "protocolVersion": self.settings["version"],
                "capabilities": self.settings["capabilities"],
                "serverInfo": {"name": "Fake\nserver", "version": "9"},
            }
            return self.settings.get("initialize", {"result": result})
        pages, at = self.settings["pages"], int(parameters.get("cursor") or 0)
        if pages is None:
            return {"error": {"code": -32601, "message": "no such method"}}
        tools = [{"name": tool} for tool in pages[at % len(pages)]]
        is_last = at + 1 >= len(pages) and not self.settings.get("endless")
        return {"result": {"tools": tools, **({} if is_last else {"nextCursor": str(at + 1)})}}


def as_json(message: dict[str, Any]) -> Response:
    return Response(json.dumps(message), content_type="application/json")


def as_events(message: dict[str, Any]) -> Response:
    """With another message before it, and the answer over two lines of data."""
    lines = json.dumps(message, indent=1).split("\n")
    data = "".join(f"data: {line}\r\n" for line in lines)
    other = 'data: {"jsonrpc": "2.0", "method": "notifications/message"}'
    text = f": hello\r\nevent: message\r\nid: 1\r\n{other}\r\n\r\nevent: message\r\n{data}\r\n"
    return Response(text, content_type="text/event-stream; charset=utf-8")


def as_batch(message: dict[str, Any]) -> Response:
    return Response(json.dumps([{"id": 99}, message]), content_type="application/json")


def as_unfinished_events(message: dict[str, Any]) -> Response:
    return Response(f"data:{json.dumps(message)}", content_type="text/event-stream")


def try_server(httpserver: HTTPServer, fake: FakeServer, token: str = "good") -> Outcome:
    httpserver.expect_request("/mcp").respond_with_handler(fake)
    values = values_of({"url": httpserver.url_for("/mcp")}, token=token)
    return tried(METHODS["bearer"], values)


@pytest.mark.parametrize("write", [as_json, as_events, as_batch, as_unfinished_events])
def test_tools_are_counted_over_the_pages(
    httpserver: HTTPServer, write: Callable[[dict[str, Any]], Response]
) -> None:
    fake = FakeServer(write=write)
    outcome = try_server(httpserver, fake)
    assert outcome == Outcome(status="passed", details={"tools": 3, "server": "Fakeserver"})
    assert [name for name, _message, _headers in fake.seen] == [
        "initialize",
        "notifications/initialized",
        "tools/list",
        "tools/list",
        "DELETE",
    ]


def test_session_and_version_are_sent_after_the_first_call(httpserver: HTTPServer) -> None:
    fake = FakeServer()
    try_server(httpserver, fake)
    first, *others = [headers for _name, _message, headers in fake.seen]
    assert "Mcp-Session-Id" not in first
    assert first["Accept"] == "application/json, text/event-stream"
    for headers in others:
        assert headers["Mcp-Session-Id"] == "session-1"
        assert headers["Mcp-Protocol-Version"] == "2025-06-18"


def test_server_without_sessions_is_not_told_that_one_ends(httpserver: HTTPServer) -> None:
    fake = FakeServer(session="")
    assert said(try_server(httpserver, fake)) == ("passed", "")
    assert fake.seen[-1][0] == "tools/list"


@pytest.mark.parametrize(
    ("spoiled", "tools"),
    [
        ({"version": "2025-03-26"}, 3),
        ({"version": "2024-11-05"}, 3),
        ({"capabilities": {}}, 0),
        ({"capabilities": None}, 0),
        ({"pages": None}, 0),
        ({"pages": [[]]}, 0),
        ({"endless": True, "pages": [["a"]]}, 20),
        ({"statuses": {"DELETE": 405}}, 3),
    ],
    ids=str,
)
def test_server_of_another_shape_passes(
    httpserver: HTTPServer, spoiled: dict[str, Any], tools: int
) -> None:
    outcome = try_server(httpserver, FakeServer(**spoiled))
    assert (outcome.status, outcome.details.get("tools")) == ("passed", tools)


def spelled(value):
    """As pytest-xdist needs them: the same in every process, which a function's address is not."""
    return re.sub(" at 0x[0-9a-f]+", "", str(value))


@pytest.mark.parametrize(
    ("spoiled", "expected"),
    [
        ({"token": "other"}, ("failed", "unauthorized")),
        ({"statuses": {"initialize": 403}}, ("failed", "forbidden_scope")),
        ({"statuses": {"initialize": 404}}, ("failed", "not_found_base_url")),
        ({"statuses": {"initialize": 405}}, ("failed", "not_found_base_url")),
        ({"statuses": {"initialize": 429}}, ("unverifiable", "rate_limited")),
        ({"statuses": {"initialize": 302}}, ("unverifiable", "service_error")),
        ({"statuses": {"initialize": 503}}, ("unverifiable", "service_error")),
        ({"statuses": {"tools/list": 401}}, ("failed", "unauthorized")),
        ({"statuses": {"notifications/initialized": 500}}, ("unverifiable", "service_error")),
        ({"version": "1999-01-01"}, ("unverifiable", "service_error")),
        ({"version": ["2025-06-18"]}, ("unverifiable", "service_error")),
        ({"initialize": {"error": {"code": -32601}}}, ("unverifiable", "service_error")),
        ({"initialize": {"result": []}}, ("unverifiable", "service_error")),
        ({"initialize": {}}, ("unverifiable", "service_error")),
        ({"write": lambda _message: Response("<html>")}, ("unverifiable", "service_error")),
        ({"write": lambda _message: Response(b"[" * 90_000)}, ("unverifiable", "service_error")),
        ({"write": lambda _message: Response(b"\xff\xfe")}, ("unverifiable", "service_error")),
    ],
    ids=spelled,
)
def test_refusals_and_nonsense_have_their_causes(
    httpserver: HTTPServer, spoiled: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert said(try_server(httpserver, FakeServer(**spoiled))) == expected


def test_what_a_server_says_is_never_filled_with_secrets(httpserver: HTTPServer) -> None:
    fake = FakeServer(session="{token}")
    fake.reply = lambda name, parameters: (  # type: ignore[method-assign]
        FakeServer.reply(fake, name, {})
        if name == "initialize"
        else {"result": {"tools": [], "nextCursor": "{token}"}}
    )
    try_server(httpserver, fake)
    later = [message for name, message, _headers in fake.seen if name == "tools/list"][1]
    assert later["params"] == {"cursor": "{token}"}
    assert fake.seen[-1][2]["Mcp-Session-Id"] == "{token}"


def test_custom_headers_reach_the_server(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/mcp", headers={"X-API-Key": "k"}).respond_with_data("", 503)
    values = values_of({"url": httpserver.url_for("/mcp")}, headers={"X-API-Key": "k"})
    outcome = tried(METHODS["headers"], values)
    assert (outcome.cause, outcome.details) == ("service_error", {"status": 503})
