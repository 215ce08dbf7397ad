"""The canary on what staff see of all connections at once, and in the files that they take away."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from connections.models import Connection, OAuthClient
from tests.admin_site.pages import AdminForm, staff
from tests.canary import SECRETIVE, WORD, heard_in, heard_in_storage, secrets
from tests.factories import api_client, load_builtin, make_integration, make_key, make_workspace
from tests.factories import make_oauth_client as make_client

pytestmark = pytest.mark.django_db

EVENTS = "/admin/connections/auditevent/"
CONNECTIONS = "/admin/connections/connection/"


@pytest.fixture
def row() -> Connection:
    """A connection full of canaries, which fails, ends soon and was slow."""
    make_integration(SECRETIVE)
    workspace = make_workspace("here")
    key = api_client(make_key(workspace))
    body = {"integration": "secretive", "integration_type": "custom", **secrets()}
    made = key.post_json("/connections?verify=never", body)
    assert made.status_code == 201, made.content
    key.get_json(f"/connections/{json.loads(made.content)['id']}/credentials")
    soon = datetime.now(UTC) + timedelta(days=2)
    Connection.objects.update(expires_at=soon, last_test_ms=900, last_tested_at=datetime.now(UTC))
    return Connection.objects.get()


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_nothing_that_staff_see_sings(row, monkeypatch):
    load_builtin("gmail")
    client_row: OAuthClient = make_client(row.workspace, "gmail", client_secret=WORD)
    monkeypatch.setattr("connections.admin.deleting.FEW", 0)
    browser, _user = staff()
    chosen = {"action": "delete_selected", "_selected_action": [row.pk]}
    asked = browser.post(CONNECTIONS, chosen)
    pages = [
        browser.get("/admin/"),
        browser.get("/admin/work/"),
        browser.get(f"{CONNECTIONS}?ends=14"),
        browser.get(f"{CONNECTIONS}{row.pk}/change/"),
        browser.post(CONNECTIONS, {"action": "test_soon", "_selected_action": [row.pk]}),
        asked,
        browser.get(f"{EVENTS}?subject={row.public_id}"),
        browser.post(f"{EVENTS}export/", {"format": "csv"}),
        browser.post(f"{EVENTS}export/", {"format": "jsonl"}),
        browser.get(reverse("admin:connections_oauthclient_add")),
        browser.get(reverse("admin:connections_oauthclient_change", args=[client_row.pk])),
        browser.post(CONNECTIONS, AdminForm(asked).sent),
        browser.get("/admin/work/"),
    ]
    for page in pages:
        assert page.status_code in (200, 302), page
        assert heard_in(content_of(page)) == []
        assert heard_in(str(page.headers)) == []
    assert b"connection.revealed" in browser.get(EVENTS).content
    assert heard_in_storage() == []


def test_search_that_holds_a_secret_is_not_written_down(row):
    browser, _user = staff()
    query = {"q": WORD, "workspace": "here"}
    answer = browser.post(f"{EVENTS}export/", {"format": "csv"}, query_params=query)
    assert answer.status_code == 200
    assert heard_in(content_of(answer)) == []
    assert heard_in_storage() == []
