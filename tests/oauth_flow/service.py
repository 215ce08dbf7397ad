"""A small service on this machine that people consent at, and a browser that goes there and back.

It holds a code to its PKCE challenge and its client, and counts what it is asked.
"""

import base64
import hashlib
import json
import secrets
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.test import Client
from werkzeug import Request, Response

from connections.models import OAuthClient, Workspace
from tests.factories import make_integration, make_oauth_client

DEFINITION = """
slug: local-grant
name: Local Grant
type: connectors
auth_methods:
  - id: oauth2
    name: Sign in
    kind: oauth2
    default: true
    fields:
      - {{key: tenant, target: config, label: Tenant, pattern: '[a-z]+', required: false}}
      - {{key: realm, target: config, label: Realm, stage: automatic, pattern: '[0-9]+'}}
      - {{key: developer_token, type: password, label: Developer token, required: false}}
    request: {{base_url: '{base}'}}
    oauth:
      authorization_url: '{base}/authorize'
      token_url: '{base}/token'
      revoke_url: '{base}/revoke'
      client_auth: post
      scopes: {{read: Read, write: Write}}
      default_scopes: [read]
    test: {{path: /me, account_id: id, account_label: name}}
  - id: token
    name: Token
    kind: bearer
    request: {{base_url: '{base}'}}
"""
CLIENT_ID, CLIENT_SECRET = "client-1", "secret-of-the-client"
CALLBACK = f"{settings.PUBLIC_URL}/oauth/callback"


class GrantService:
    """`account` is who consents; `answer` replaces the next token answers; `calls` are counted."""

    def __init__(self, httpserver: Any) -> None:
        self.base = httpserver.url_for("").rstrip("/")
        self.account = "acct-1"
        self.answer: Response | None = None
        self.extra: dict[str, Any] = {}
        self.calls: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        for path, handler in (("/token", self.token), ("/me", self.me), ("/revoke", self.revoke)):
            httpserver.expect_request(path).respond_with_handler(handler)

    def consent(self, url: str, **more: str) -> dict[str, str]:
        """What the service sends back with the browser after a yes to this address."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert asked["response_type"] == "code"
        assert asked["redirect_uri"] == CALLBACK
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], **more}

    def token(self, request: Request) -> Response:
        self.calls.append("token")
        if self.answer is not None:
            return self.answer
        form = request.form
        if (form["client_id"], form["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
            return Response('{"error": "invalid_client"}', 401)
        if form["grant_type"] == "authorization_code":
            asked = self.codes.pop(form["code"], None)
            if asked is None or challenge(form["code_verifier"]) != asked["code_challenge"]:
                return Response('{"error": "invalid_grant"}', 400)
        answer = {
            "access_token": f"access-{secrets.token_urlsafe(12)}",
            "refresh_token": f"refresh-{secrets.token_urlsafe(12)}",
            "token_type": "bearer",
            "expires_in": 3600,
            "realm": "12345",
            **self.extra,
        }
        return Response(json.dumps(answer), content_type="application/json")

    def me(self, request: Request) -> Response:
        self.calls.append("me")
        account = {"id": self.account, "name": "Ada"}
        return Response(json.dumps(account), content_type="application/json")

    def revoke(self, request: Request) -> Response:
        self.calls.append("revoke")
        return Response(status=200)


def challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def make_service(httpserver: Any, options: Any) -> GrantService:
    """The service, its definition in the catalogue, and live tests on."""
    options.LIVE_TESTS = True
    options.EGRESS_ALLOW_CIDRS = ["127.0.0.0/8"]
    options.EGRESS_ALLOW_HTTP_HOSTS = ["127.0.0.1", "localhost"]
    service = GrantService(httpserver)
    make_integration(DEFINITION.format(base=service.base))
    return service


def make_client(workspace: Workspace, **columns: Any) -> OAuthClient:
    secrets = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    return make_oauth_client(workspace, "local-grant", **secrets, **columns)


def opened(browser: Client, auth_url: str) -> str:
    """Open our start page; the address of the service that it leads to."""
    answer = browser.get(path_of(auth_url))
    assert answer.status_code == 303, answer.headers
    return str(answer["Location"])


def came_back(browser: Client, said: dict[str, str]) -> Any:
    """The callback with what the service said."""
    return browser.get("/oauth/callback?" + urlencode(said))


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
