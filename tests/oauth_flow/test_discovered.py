"""A server that is known by its address alone says itself who signs people in there."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from werkzeug import Request, Response

from connections.models import Connection, Credential, OAuthClient, OAuthFlow
from tests.api.test_tenants import dump
from tests.factories import (
    api_client,
    load_builtin,
    make_integration,
    make_key,
    make_workspace,
)
from tests.oauth_flow.service import CALLBACK, came_back, challenge, opened

pytestmark = pytest.mark.django_db

DEFINITION = """
slug: by-address
name: By address
type: mcp
auth_methods:
  - id: oauth2
    name: Sign in
    kind: oauth2
    default: true
    fields:
      - {key: url, target: config, type: url, schemes: [http, https], label: Server address}
    request: {base_url: '{url}'}
"""


class McpService:
    """An MCP server and its authorization server; `documents` are what they publish."""

    def __init__(self, httpserver: Any) -> None:
        self.server, self.base = httpserver, httpserver.url_for("").rstrip("/")
        self.url = f"{self.base}/mcp"
        self.registered: list[dict[str, Any]] = []
        self.tokens: list[dict[str, str]] = []
        where = f"{self.base}/.well-known/oauth-protected-resource/mcp"
        refusal = {"WWW-Authenticate": f'Bearer resource_metadata="{where}", scope="tools"'}
        self.documents = {
            "/.well-known/oauth-protected-resource/mcp": {
                "resource": self.url,
                "authorization_servers": [self.base],
            },
            "/.well-known/oauth-authorization-server": {
                "issuer": self.base,
                "authorization_endpoint": f"{self.base}/authorize",
                "token_endpoint": f"{self.base}/token",
                "registration_endpoint": f"{self.base}/register",
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "authorization_response_iss_parameter_supported": True,
            },
        }
        httpserver.expect_request("/mcp").respond_with_data("", 401, refusal)
        httpserver.expect_request("/register").respond_with_handler(self.register)
        httpserver.expect_request("/token").respond_with_handler(self.token)
        for path in self.documents:
            httpserver.expect_request(path).respond_with_handler(self.document)

    def document(self, request: Request) -> Response:
        return as_json(self.documents[request.path])

    def register(self, request: Request) -> Response:
        self.registered.append(json.loads(request.data))
        made = {"client_id": "made-here", "token_endpoint_auth_method": "none"}
        return as_json({**self.registered[-1], **made}, 201)

    def token(self, request: Request) -> Response:
        self.tokens.append(request.form.to_dict())
        return as_json({"access_token": "tools-token", "token_type": "Bearer"})


def as_json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


@pytest.fixture
def service(httpserver: Any, settings: Any) -> McpService:
    settings.EGRESS_ALLOW_CIDRS = ["127.0.0.0/8"]
    settings.EGRESS_ALLOW_HTTP_HOSTS = ["127.0.0.1", "localhost"]
    make_integration(DEFINITION)
    return McpService(httpserver)


def initiate(api: Any, url: str) -> Any:
    return api.post_json(
        "/oauth/initiate", {"integration_id": "by-address", "config": {"url": url}}
    )


def test_address_is_enough(service):
    api, browser = api_client(make_key(make_workspace())), Client()
    begun = initiate(api, service.url)
    assert begun.status_code == 200, begun.content
    asked = dict(parse_qsl(urlsplit(opened(browser, begun.json()["auth_url"])).query))
    assert (asked["client_id"], asked["scope"]) == ("made-here", "tools")
    assert asked["resource"] == service.url
    (registered,) = service.registered
    assert registered["redirect_uris"] == [CALLBACK]
    said = {"code": "the-code", "state": asked["state"], "iss": service.base}
    assert came_back(browser, said)["Location"] == "/oauth/result/connected"
    (sent,) = service.tokens
    assert (sent["resource"], sent["code"]) == (service.url, "the-code")
    assert challenge(sent["code_verifier"]) == asked["code_challenge"]
    row = OAuthClient.objects.get()
    assert (row.origin, row.issuer, row.client_id) == ("registered", service.base, "made-here")
    credential = Credential.objects.get()
    assert credential.oauth_client == row
    assert credential.endpoints["token_url"] == f"{service.base}/token"
    assert credential.endpoints["resource"] == service.url
    assert Connection.objects.get().config == {"url": service.url}


def test_second_person_uses_the_client_of_the_first(service):
    workspace = make_workspace()
    for _person in range(2):
        assert initiate(api_client(make_key(workspace)), service.url).status_code == 200
    assert len(service.registered) == OAuthClient.objects.count() == 1
    assert initiate(api_client(make_key(make_workspace())), service.url).status_code == 200
    assert len(service.registered) == OAuthClient.objects.count() == 2


@pytest.mark.parametrize("iss", [None, "https://evil.example.com"], ids=["missing", "another"])
def test_answer_of_another_issuer_is_not_exchanged(service, iss):
    browser = Client()
    begun = initiate(api_client(make_key(make_workspace())), service.url).json()
    opened(browser, begun["auth_url"])
    said = {"code": "x", "state": begun["state"], **({"iss": iss} if iss else {})}
    assert came_back(browser, said)["Location"] == "/oauth/result/rejected"
    assert service.tokens == []


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/.well-known/oauth-authorization-server", {"issuer": "https://evil.example.com"}),
        ("/.well-known/oauth-authorization-server", {"token_endpoint": "http://10.0.0.1/token"}),
        ("/.well-known/oauth-authorization-server", {"authorization_endpoint": "javascript:x"}),
        ("/.well-known/oauth-authorization-server", {"code_challenge_methods_supported": []}),
        ("/.well-known/oauth-protected-resource/mcp", {"resource": "https://evil.example.com"}),
        ("/.well-known/oauth-protected-resource/mcp", {"authorization_servers": []}),
    ],
    ids=["issuer", "private token address", "no web address", "no PKCE", "resource", "nobody"],
)
def test_description_that_will_not_do_stores_nothing(service, path, change):
    service.documents[path] |= change
    api = api_client(make_key(make_workspace()))
    before = dump()
    answer = initiate(api, service.url)
    assert (answer.status_code, answer.json()["code"]) == (400, "cannot_sign_in")
    assert dump() == before
    assert service.registered == []


def test_server_that_is_down_is_tried_again_later(service, settings):
    service.server.clear()
    service.server.expect_request("/mcp").respond_with_data("", 503)
    answer = initiate(api_client(make_key(make_workspace())), service.url)
    assert (answer.status_code, answer.json()["code"]) == (503, "service_down")
    assert OAuthFlow.objects.count() == 0


def test_address_that_may_not_be_called_is_refused(service, settings):
    settings.EGRESS_ALLOW_CIDRS = []
    answer = initiate(api_client(make_key(make_workspace())), service.url)
    assert (answer.status_code, answer.json()["code"]) == (400, "cannot_sign_in")


def test_built_in_integration_for_any_mcp_server_is_connected_by_address(service):
    load_builtin("mcp-server")
    body = {"integration_id": "mcp-server", "config": {"url": service.url}}
    service.url = service.url.replace("http://", "https://")
    refused = api_client(make_key(make_workspace())).post_json("/oauth/initiate", body)
    (problem,) = refused.json()["detail"]["fields"]
    # https only: what is wrong is found before anything is called.
    assert (problem["field"], problem["code"]) == ("config.url", "invalid_url")
    assert service.registered == []
    secure = {**body, "config": {"url": service.url}}
    answer = api_client(make_key(make_workspace())).post_json("/oauth/initiate", secure)
    assert answer.json()["code"] in ("service_down", "cannot_sign_in")
