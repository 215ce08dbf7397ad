"""Whatever a service answers to a code or to a refresh: a page that says so, no row changed."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from connections.models import Connection, Credential
from connections.models.api_keys import Permission
from tests.factories import (
    api_client,
    make_integration,
    make_key,
    make_oauth_client,
    make_workspace,
)
from tests.oauth.scripted import Scripted, answer, scripted_server
from tests.oauth.test_hostile_provider import TOKEN_ANSWERS
from tests.oauth_flow.service import CLIENT_ID, CLIENT_SECRET, DEFINITION, came_back, opened
from tests.test_databases import on_postgres

# What comes in is refused before it is stored: once, on the database that refuses more.
pytestmark = [pytest.mark.django_db, on_postgres]

CASES = pytest.mark.parametrize(
    "raw", [raw for raw, _cause in TOKEN_ANSWERS.values()], ids=TOKEN_ANSWERS.keys()
)
GRANT = {
    "access_token": "access-token-of-a-grant",
    "refresh_token": "refresh-token-of-a-grant",
    "expires_in": 3600,
    "realm": "12345",
}


@pytest.fixture
def script(settings: Any) -> Any:
    settings.EGRESS_ALLOW_CIDRS = ["127.0.0.0/8"]
    settings.EGRESS_ALLOW_HTTP_HOSTS = ["127.0.0.1"]
    with scripted_server() as script:
        make_integration(DEFINITION.format(base=script.url))
        yield script


@pytest.fixture
def api(script: Scripted) -> Any:
    workspace = make_workspace()
    secrets = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    make_oauth_client(workspace, "local-grant", **secrets)
    return api_client(make_key(workspace, *Permission.values))


def connect(api: Any) -> Any:
    """The last answer of a flow whose code is exchanged at the script."""
    begun = api.post_json("/oauth/initiate", {"integration_id": "local-grant"}).json()
    browser = Client()
    asked = parse_qs(urlsplit(opened(browser, begun["auth_url"])).query)
    return came_back(browser, {"state": asked["state"][0], "code": "code-1"})


@CASES
def test_answer_to_a_code_stores_nothing(api: Any, script: Scripted, raw: bytes) -> None:
    script.default = raw
    came = connect(api)
    assert came.status_code == 303
    assert came["Location"].startswith("/oauth/result/")
    assert came["Location"] != "/oauth/result/connected"
    page = Client().get(came["Location"])
    assert page.status_code < 500
    assert (Connection.objects.count(), Credential.objects.count()) == (0, 0)


@CASES
def test_answer_to_a_refresh_keeps_the_grant(api: Any, script: Scripted, raw: bytes) -> None:
    script.default = answer(GRANT)
    assert connect(api)["Location"] == "/oauth/result/connected"
    row = Connection.objects.get()
    script.default = raw
    refused = api.post_json(f"/oauth/refresh/{row.public_id}", {})
    assert refused.status_code in (409, 503), refused.content
    stored = Credential.objects.get().get_values()
    assert stored["access_token"] == GRANT["access_token"]
    assert stored["refresh_token"] == GRANT["refresh_token"]
