"""A consent by OAuth 1.0a, at a small service whose signatures another library checks."""

import json
import secrets
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from oauthlib.oauth1.rfc5849 import signature
from werkzeug import Request, Response

from connections.models import Connection, Credential
from tests.factories import api_client, make_integration, make_key, make_workspace
from tests.live_service import allow_loopback
from tests.oauth_flow.service import came_back, opened
from tests.web.browser import PageForm, member_of

pytestmark = pytest.mark.django_db

DEFINITION = """
slug: local-one
name: Local One
type: connectors
auth_methods:
  - id: oauth1
    name: OAuth 1.0a
    kind: oauth1
    default: true
    request: {{base_url: '{base}'}}
    oauth:
      temporary_url: '{base}/temporary'
      authorization_url: '{base}/authorize'
      token_url: '{base}/token'
    test: {{path: /me, account_id: id, account_label: name}}
"""
APP = {"consumer_key": "app-key", "consumer_secret": "app-secret-of-the-person"}


class OneService:
    """Knows one application; each test spoils one thing."""

    def __init__(self, httpserver: Any) -> None:
        self.base = httpserver.url_for("").rstrip("/")
        self.account, self.is_confirmed, self.status = "acct-1", "true", 0
        self.calls: list[str] = []
        self.secrets: dict[str, str] = {"": ""}
        self.callbacks: dict[str, str] = {}
        self.verifiers: dict[str, str] = {}
        for path in ("temporary", "token", "me"):
            handler = getattr(self, path)
            httpserver.expect_request(f"/{path}").respond_with_handler(handler)

    def signed(self, request: Request) -> dict[str, str] | None:
        """The protocol's parameters, if oauthlib agrees with the signature."""
        self.calls.append(request.path)
        header = request.headers["Authorization"]
        given = dict(signature.collect_parameters(headers={"Authorization": header}))
        text = signature.signature_base_string(
            request.method,
            signature.base_string_uri(request.url),
            signature.normalize_parameters([*given.items(), *parse_qsl(request.query_string)]),
        )
        proof = dict(
            signature.collect_parameters(
                headers={"Authorization": header}, exclude_oauth_signature=False
            )
        )["oauth_signature"]
        token_secret = self.secrets.get(given.get("oauth_token", ""), "?")
        made = signature.sign_hmac_sha1_with_client(text, _Signer(token_secret))
        return given if made == proof else None

    def answer(self, **members: str) -> Response:
        return Response(urlencode(members), content_type="application/x-www-form-urlencoded")

    def new_token(self) -> dict[str, str]:
        token, secret = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
        self.secrets[token] = secret
        return {"oauth_token": token, "oauth_token_secret": secret}

    def temporary(self, request: Request) -> Response:
        given = self.signed(request)
        if given is None or self.status:
            return Response("no", self.status or 401)
        made = self.new_token()
        self.callbacks[made["oauth_token"]] = given["oauth_callback"]
        return self.answer(**made, oauth_callback_confirmed=self.is_confirmed)

    def consent(self, address: str) -> dict[str, str]:
        """What the service adds to the callback when a person says yes."""
        token = dict(parse_qsl(urlsplit(address).query))["oauth_token"]
        self.verifiers[token] = secrets.token_urlsafe(12)
        state = dict(parse_qsl(urlsplit(self.callbacks[token]).query))["state"]
        return {"state": state, "oauth_token": token, "oauth_verifier": self.verifiers[token]}

    def token(self, request: Request) -> Response:
        given = self.signed(request)
        known = given and self.verifiers.get(given["oauth_token"])
        if not given or given.get("oauth_verifier") != known:
            return Response("no", 401)
        return self.answer(**self.new_token())

    def me(self, request: Request) -> Response:
        if self.signed(request) is None:
            return Response("no", 401)
        text = json.dumps({"id": self.account, "name": "Ada"})
        return Response(text, content_type="application/json")


class _Signer:
    client_secret = APP["consumer_secret"]

    def __init__(self, token_secret: str) -> None:
        self.resource_owner_secret = token_secret


@pytest.fixture
def service(httpserver: Any, settings: Any) -> OneService:
    allow_loopback(settings)
    service = OneService(httpserver)
    make_integration(DEFINITION.format(base=service.base))
    return service


@pytest.fixture
def workspace(service: OneService) -> Any:
    return make_workspace()


@pytest.fixture
def api(workspace: Any) -> Any:
    return api_client(make_key(workspace))


def begin(api: Any, **more: Any) -> Any:
    body = {"integration_id": "local-one", "auth_method_id": "oauth1", "credentials": APP}
    return api.post_json("/oauth/initiate", {**body, **more})


def connect(api: Any, service: OneService, **more: Any) -> Any:
    browser = Client()
    return came_back(
        browser, service.consent(opened(browser, begin(api, **more).json()["auth_url"]))
    )


def test_consent_becomes_a_connection_that_works(api, service):
    assert connect(api, service)["Location"] == "/oauth/result/connected"
    (shown,) = api.get_json("/connections").json()["connections"]
    assert (shown["status"], shown["account"]) == ("active", {"id": "acct-1", "label": "Ada"})
    values = Credential.objects.get().get_values()
    assert {name: values[name] for name in APP} == APP
    assert service.secrets[values["oauth_token"]] == values["oauth_token_secret"]
    assert service.calls == ["/temporary", "/token", "/me"]


def test_page_asks_for_the_application_and_leads_on(service, workspace):
    browser, user = member_of(workspace)
    page = browser.get(f"/w/{workspace.slug}/integrations/local-one/oauth1", follow=True)
    form = PageForm(page).sent
    assert [name for name in form if name.startswith("credentials.")] == [
        "credentials.consumer_key",
        "credentials.consumer_secret",
    ]
    form |= {f"credentials.{name}": [value] for name, value in APP.items()}
    leaving = browser.post(page.request["PATH_INFO"], form)
    (start,) = {
        part
        for part in leaving.content.decode().split('"')
        if part.startswith("http://testserver") and "/oauth/start" in part
    } or {leaving["Location"]}
    came = came_back(browser, service.consent(opened(browser, start)))
    assert came.status_code == 303
    assert Connection.objects.get().owner == user


def test_repair_keeps_the_connection(api, service):
    connect(api, service)
    row = Connection.objects.get()
    before = row.credential.get_values()
    came = connect(api, service, connection_id=row.public_id)
    assert came["Location"] == "/oauth/result/connected"
    after = Connection.objects.get().credential.get_values()
    assert after["oauth_token"] != before["oauth_token"]
    assert after["consumer_secret"] == APP["consumer_secret"]


def test_repair_with_another_account_changes_nothing(api, service):
    connect(api, service)
    row = Connection.objects.get()
    before = row.credential.get_values()
    service.account = "acct-2"
    came = connect(api, service, connection_id=row.public_id)
    assert came["Location"] != "/oauth/result/connected"
    assert Connection.objects.get().credential.get_values() == before


SPOILED = {
    "denied": lambda said: {"state": said["state"], "denied": said["oauth_token"]},
    "denied for another": lambda said: {"state": said["state"], "denied": "other"},
    "another token": lambda said: {**said, "oauth_token": "other"},
    "another verifier": lambda said: {**said, "oauth_verifier": "other"},
    "no verifier": lambda said: {**said, "oauth_verifier": ""},
    "no token": lambda said: {"state": said["state"], "oauth_verifier": said["oauth_verifier"]},
    "a code": lambda said: {"state": said["state"], "code": "code-1"},
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
def test_what_does_not_fit_stores_nothing(api, service, spoil):
    browser = Client()
    said = service.consent(opened(browser, begin(api).json()["auth_url"]))
    came = came_back(browser, spoil(said))
    assert came["Location"].startswith("/oauth/result/")
    assert came["Location"] != "/oauth/result/connected"
    assert (Connection.objects.count(), Credential.objects.count()) == (0, 0)
    # Its one use is taken: what fits comes too late.
    assert came_back(browser, said)["Location"] == "/oauth/result/used"


def test_another_browser_is_refused(api, service):
    said = service.consent(opened(Client(), begin(api).json()["auth_url"]))
    assert came_back(Client(), said)["Location"] == "/oauth/result/other_browser"
    assert service.calls == ["/temporary"]


@pytest.mark.parametrize(
    ("spoiled", "status", "code"),
    [
        ({"is_confirmed": "false"}, 400, "cannot_sign_in"),
        ({"status": 503}, 503, "service_down"),
    ],
)
def test_service_that_cannot_be_asked_begins_nothing(api, service, spoiled, status, code):
    for name, value in spoiled.items():
        setattr(service, name, value)
    answer = begin(api)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_wrong_secret_of_the_application_begins_nothing(api, service):
    answer = begin(api, credentials={**APP, "consumer_secret": "another-secret"})
    assert (answer.status_code, answer.json()["code"]) == (400, "cannot_sign_in")
    assert "another-secret" not in answer.content.decode()


def test_application_is_asked_for_first(api, service):
    answer = begin(api, credentials={})
    found = [row["field"] for row in answer.json()["detail"]["fields"]]
    assert found == ["credentials.consumer_key", "credentials.consumer_secret"]
    assert service.calls == []
