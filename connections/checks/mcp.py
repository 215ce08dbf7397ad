"""A server of the Model Context Protocol: initialize over streamable HTTP, then count its tools.

modelcontextprotocol.io/specification/2025-06-18: basic/lifecycle, basic/transports, server/tools.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from connections.checks.attempts import Attempt
from connections.checks.http import CAUSE_BY_STATUS, found_at, statuses
from connections.checks.outcomes import Cause, Outcome, because, passed
from connections.egress.messages import Answer, EgressError

LATEST_VERSION = "2025-06-18"
KNOWN_VERSIONS = {"2024-11-05", "2025-03-26", LATEST_VERSION, "2025-11-25"}
# Of `tools/list`: a server may go on for ever.
MOST_PAGES = 20
SESSION_ID = re.compile(r"[\x21-\x7e]{1,1024}")
METHOD_NOT_FOUND = -32601
JSON_BODY = {"Content-Type": "application/json"}


class Refused(Exception):
    """An answer that ends the test."""

    def __init__(self, cause: Cause, **details: Any) -> None:
        super().__init__(cause)
        self.outcome = because(cause, details=details)


def check(attempt: Attempt) -> Outcome:
    session = Session(attempt)
    try:
        server = session.initialize()
        tools = session.count_tools() if "tools" in _object(server.get("capabilities")) else 0
    except Refused as refused:
        return refused.outcome
    finally:
        session.close()
    return passed(details={"tools": tools, "server": found_at(server, "serverInfo.name")})


class Session:
    """One conversation: numbered requests, and the headers that hold them together."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.headers: dict[str, str] = {}
        self.number = 0

    def initialize(self) -> dict[str, Any]:
        """What the server says of itself. Raises Refused."""
        about = {
            "protocolVersion": LATEST_VERSION,
            "capabilities": {},
            "clientInfo": {"name": "mielto-connections", "version": "1"},
        }
        result = self.ask("initialize", about)
        version = result.get("protocolVersion")
        if not isinstance(version, str) or version not in KNOWN_VERSIONS:
            raise Refused("service_error")
        self.headers["MCP-Protocol-Version"] = version
        self._post({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return result

    def count_tools(self) -> int:
        """Over the pages of the list, up to a number of them. Raises Refused."""
        count, cursor = 0, None
        for _page in range(MOST_PAGES):
            result = self.ask("tools/list", {"cursor": cursor} if cursor else {})
            tools = result.get("tools")
            count += len(tools) if isinstance(tools, list) else 0
            cursor = result.get("nextCursor")
            if not cursor or not isinstance(cursor, str):
                break
        return count

    def ask(self, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The result of a request; empty for a method that the server does not have."""
        self.number += 1
        answer = self._post(
            {"jsonrpc": "2.0", "id": self.number, "method": name, "params": parameters}
        )
        reply: dict[str, Any] = next((one for one in messages(answer) if self._is_reply(one)), {})
        if isinstance(reply.get("result"), dict):
            return dict(reply["result"])
        if found_at(reply, "error.code") == str(METHOD_NOT_FOUND) and name != "initialize":
            return {}
        raise Refused("service_error")

    def _is_reply(self, message: Any) -> bool:
        return isinstance(message, dict) and message.get("id") == self.number

    def _post(self, message: dict[str, Any]) -> Answer:
        answer = self._call("POST", message)
        if not 200 <= answer.status <= 299:
            raise Refused(_cause(self.attempt, answer.status), status=answer.status)
        session_id = answer.headers.get("mcp-session-id", "")
        if SESSION_ID.fullmatch(session_id):
            self.headers.setdefault("Mcp-Session-Id", session_id)
        return answer

    def _call(self, verb: str, message: dict[str, Any] | None = None) -> Answer:
        made = self.attempt.build(
            verb=verb,
            path=self.attempt.method.test.get("path") or "",
            headers={"Accept": "application/json, text/event-stream"},
        )
        # Added as they are: what a server says is never a template for values.
        own = self.headers if message is None else {**self.headers, **JSON_BODY}
        body = b"" if message is None else json.dumps(message).encode()
        return self.attempt.call(made.with_headers(own.items()).with_body(body))

    def close(self) -> None:
        """Tell the server that the session is over; it may refuse, and nothing follows from it."""
        if "Mcp-Session-Id" in self.headers:
            try:
                self._call("DELETE")
            except EgressError:
                return


def _cause(attempt: Attempt, status: int) -> Cause:
    if status in statuses(attempt.method.test.get("unauthorized")):
        return "unauthorized"
    # 405: a page, or a server of the older transport, which takes no POST here.
    if status in (404, 405) and attempt.has_own_address:
        return "not_found_base_url"
    return CAUSE_BY_STATUS.get(status, "service_error")


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def messages(answer: Answer) -> Iterator[Any]:
    """The JSON-RPC messages of an answer: one JSON text, or a stream of events."""
    texts = _events(answer) if answer.media_type == "text/event-stream" else [answer.body]
    for text in texts:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            continue
        yield from found if isinstance(found, list) else [found]


def _events(answer: Answer) -> Iterator[str]:
    """The data of each event (html.spec.whatwg.org, section 9.2.6)."""
    text = answer.body.decode("utf-8", errors="replace").removeprefix("\ufeff")
    data: list[str] = []
    for line in [*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""]:
        name, _colon, value = line.partition(":")
        if name == "data":
            data.append(value.removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
