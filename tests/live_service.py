"""A service on this machine that knows one key, and an integration that tries keys there."""

import json
import socket
from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from tests.factories import make_integration

GOOD, BAD = "key-that-works", "key-that-does-not"
DEFINITION = """
slug: local-{type}
name: Local
type: {type}
auth_methods:
  - id: api_key
    name: API key
    kind: api_key
    default: true
    fields:
      - {{key: api_key, type: password, label: API key}}
      - {{key: base_url, type: url, target: config, label: Base URL, secure: false,
          schemes: [http, https]}}
    request: {{base_url: '{{base_url}}', headers: {{X-Key: '{{api_key}}'}}}}
    test: {{path: /me, account_id: id, account_label: name}}
"""


def allow_loopback(settings: Any) -> None:
    """Live tests on, and this machine may be called."""
    settings.LIVE_TESTS = True
    settings.EGRESS_ALLOW_CIDRS = ["127.0.0.0/8"]
    settings.EGRESS_ALLOW_HTTP_HOSTS = ["127.0.0.1", "localhost"]


class KeyService:
    """Answers `/me`; a test changes its mind by `status` and `account`, and reads `keys`."""

    def __init__(self, httpserver: Any) -> None:
        self.status: int | None = None
        self.account = "acct-1"
        self.keys: list[str | None] = []
        # Called while the caller waits for the answer.
        self.meanwhile: Callable[[], None] = lambda: None
        self.address = httpserver.url_for("").rstrip("/")
        httpserver.expect_request("/me").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        self.keys.append(request.headers.get("X-Key"))
        self.meanwhile()
        if self.status:
            return Response("{}", self.status, {"Retry-After": "7"})
        if request.headers.get("X-Key") != GOOD:
            return Response('{"error": "no"}', 401)
        account = {"id": self.account, "name": "Ada"}
        return Response(json.dumps(account), content_type="application/json")


def body(address: str, *, type_: str = "api", key: str = GOOD, **more: Any) -> dict[str, Any]:
    """What creates a connection to the service at that address; the integration is made."""
    make_integration(DEFINITION.format(type=type_))
    return {
        "integration": f"local-{type_}",
        "integration_type": type_,
        "credentials": {"api_key": key},
        "config": {"base_url": address},
        **more,
    }


def nobody_listens() -> str:
    """An address that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"
