"""The whole way with a real provider: django-oauth-toolkit in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client

from connections.models import Connection, Credential
from tests.factories import (
    api_client,
    make_integration,
    make_key,
    make_oauth_client,
    make_workspace,
)
from tests.oauth_flow.service import came_back, opened
from tests.oauth_flow.toolkit import CLIENT_ID, CLIENT_SECRET, PASSWORD, USER
from tests.oauth_flow.web import WebBrowser

pytestmark = pytest.mark.django_db

CALLBACK = f"{django_settings.PUBLIC_URL}/oauth/callback"
DEFINITION = """
slug: toolkit
name: Toolkit
type: connectors
auth_methods:
  - id: oauth2
    name: Sign in
    kind: oauth2
    default: true
    request: {{base_url: '{base}'}}
    oauth:
      authorization_url: '{base}/o/authorize/'
      token_url: '{base}/o/token/'
      revoke_url: '{base}/o/revoke_token/'
      client_auth: basic
      scopes: {{read: Read, write: Write}}
      default_scopes: [read, write]
    test: {{path: /me, account_id: id, account_label: name}}
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: Any) -> Iterator[str]:
    """The address of the provider, which lives as long as this module's tests."""
    folder = tmp_path_factory.mktemp("toolkit")
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "tests.oauth_flow.toolkit", str(folder), CALLBACK]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
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
    workspace = make_workspace()
    make_oauth_client(workspace, "toolkit", client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    return api_client(make_key(workspace))


def consent(api: Any, **more: Any) -> Any:
    """Through our start page, the provider's pages and our callback."""
    begun = api.post_json("/oauth/initiate", {"integration_id": "toolkit", **more})
    assert begun.status_code == 200, begun.content
    browser = Client()
    url = opened(browser, begun.json()["auth_url"])
    typed = {"username": USER, "password": PASSWORD, "allow": "Authorize"}
    led_to = WebBrowser().go(url, until=CALLBACK, typed=typed)
    return came_back(browser, dict(parse_qsl(urlsplit(led_to).query)))


def revealed(api: Any, name: str) -> dict[str, Any]:
    return api.get_json(f"/connections/{name}/credentials").json()["credentials"]


def test_whole_life_of_a_grant(api: Any) -> None:
    assert consent(api)["Location"] == "/oauth/result/connected"
    (shown,) = api.get_json("/connections").json()["connections"]
    assert (shown["status"], shown["account"]["label"]) == ("active", USER)
    first = revealed(api, shown["id"])
    assert sorted(first["scope"]) == ["read", "write"]
    assert api.post_json(f"/oauth/refresh/{shown['id']}", {}).status_code == 200
    second = revealed(api, shown["id"])
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    tested = api.post_json(f"/connections/{shown['id']}/test", {}).json()
    assert (tested["valid"], tested["live"]["status"]) == (True, "passed")
    assert api.post_json(f"/oauth/revoke/{shown['id']}", {}).status_code == 200
    row = Connection.objects.get()
    assert (row.status, row.status_reason["code"]) == ("expired", "revoked")
    # Repaired in place by the same account.
    assert consent(api, connection_id=shown["id"])["Location"] == "/oauth/result/connected"
    assert Connection.objects.get().status == "active"
    assert Connection.objects.get().pk == row.pk


def test_provider_notices_a_token_that_is_used_again(api: Any) -> None:
    """Its answer to reuse is to end the family: the connection says what to do."""
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


def test_person_who_says_no_changes_nothing(api: Any) -> None:
    begun = api.post_json("/oauth/initiate", {"integration_id": "toolkit"}).json()
    browser = Client()
    url = opened(browser, begun["auth_url"])
    # Its form has the button "Cancel" first; without `allow` it is a no.
    person = WebBrowser()
    typed = {"username": USER, "password": PASSWORD, "allow": ""}
    led_to = person.go(url, until=CALLBACK, typed=typed)
    said = dict(parse_qsl(urlsplit(led_to).query))
    assert said["error"] == "access_denied"
    assert came_back(browser, said)["Location"] == "/oauth/result/access_denied"
    assert Connection.objects.count() == 0
