"""The whole way with a second, independent provider: the certified `oidc-provider` of npm.

`.ci/run` installs it and names its folder in OIDC_PROVIDER_FOLDER; where that is set, nothing here
is skipped. By hand: `cp -r tests/oauth_flow/oidc /tmp/oidc && npm ci --prefix /tmp/oidc`.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client

from connections.models import ApiKey, AuditEvent, Connection, Credential, OAuthClient
from tests.factories import (
    api_client,
    make_integration,
    make_key,
    make_oauth_client,
    make_workspace,
)
from tests.oauth_flow.service import came_back, opened
from tests.oauth_flow.web import WebBrowser

FOLDER = os.environ.get("OIDC_PROVIDER_FOLDER", "")
SERVER = Path(__file__).parent / "oidc" / "server.mjs"
CALLBACK = f"{django_settings.PUBLIC_URL}/oauth/callback"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER, reason="OIDC_PROVIDER_FOLDER names no npm folder"),
]

# It names its issuer and nothing else: the addresses are the provider's to tell.
DEFINITION = """
slug: certified
name: Certified
type: connectors
auth_methods:
  - id: oauth2
    name: Sign in
    kind: oauth2
    default: true
    request: {{base_url: '{base}'}}
    oauth:
      issuer: '{base}'
      client_auth: basic_form_encoded
      scopes: {{openid: Who you are, offline_access: Keep the access}}
      default_scopes: [openid, offline_access]
      authorize_params: {{prompt: consent}}
    test: {{path: /me, account_id: sub, account_label: sub}}
"""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    node = shutil.which("node")
    assert node, "OIDC_PROVIDER_FOLDER is set and there is no node"
    shutil.copy(SERVER, FOLDER)
    command = [node, "server.mjs", CALLBACK]
    with subprocess.Popen(  # noqa: S603
        command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
        finally:
            process.kill()


@pytest.fixture
def api(base: str, settings: Any) -> Any:
    settings.LIVE_TESTS = True
    settings.EGRESS_ALLOW_CIDRS = ["127.0.0.0/8"]
    settings.EGRESS_ALLOW_HTTP_HOSTS = ["127.0.0.1"]
    make_integration(DEFINITION.format(base=base))
    return api_client(make_key(make_workspace()))


def set_up_client() -> None:
    (workspace,) = {key.workspace for key in ApiKey.objects.select_related("workspace")}
    make_oauth_client(
        workspace,
        "certified",
        client_id="certified client",
        client_secret="certified secret: + & %",
    )


def consent(api: Any, login: str = "ada", **more: Any) -> Any:
    begun = api.post_json("/oauth/initiate", {"integration_id": "certified", **more})
    assert begun.status_code == 200, begun.content
    browser = Client()
    url = opened(browser, begun.json()["auth_url"])
    typed = {"login": login, "password": "anything"}
    led_to = WebBrowser().go(url, until=CALLBACK, typed=typed)
    return came_back(browser, dict(parse_qsl(urlsplit(led_to).query)))


@pytest.mark.parametrize("client", ["set up by staff", "registered by itself"])
def test_whole_life_of_a_grant(api: Any, base: str, client: str) -> None:
    if client == "set up by staff":
        set_up_client()
    assert consent(api)["Location"] == "/oauth/result/connected"
    row = OAuthClient.objects.get()
    is_registered = client == "registered by itself"
    assert (row.origin == "registered", row.issuer == base) == (is_registered, is_registered)
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert ("oauth_client.registered" in actions) == is_registered
    (shown,) = api.get_json("/connections").json()["connections"]
    assert (shown["status"], shown["account"]["id"]) == ("active", "ada")
    first = Credential.objects.get().get_values()
    assert api.post_json(f"/oauth/refresh/{shown['id']}", {}).status_code == 200
    second = Credential.objects.get().get_values()
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert api.post_json(f"/oauth/revoke/{shown['id']}", {}).status_code == 200
    assert Connection.objects.get().status == "expired"
    answer = consent(api, login="bob", connection_id=shown["id"])
    assert answer["Location"] == "/oauth/result/wrong_account"
    assert Connection.objects.get().status == "expired"
    assert consent(api, connection_id=shown["id"])["Location"] == "/oauth/result/connected"
    assert Connection.objects.get().status == "active"
    assert OAuthClient.objects.count() == 1


def test_provider_notices_a_token_that_is_used_again(api: Any) -> None:
    set_up_client()
    consent(api)
    row = Connection.objects.get()
    old = Credential.objects.get().get_values()
    assert api.post_json(f"/oauth/refresh/{row.public_id}", {}).status_code == 200
    credential = Credential.objects.get()
    credential.set_values(old)
    credential.save()
    answer = api.post_json(f"/oauth/refresh/{row.public_id}", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_refreshable")
    row.refresh_from_db()
    assert (row.status, row.status_reason["code"]) == ("expired", "invalid_grant")
