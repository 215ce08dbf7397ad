"""The whole way of a consent, with a provider that others wrote: django-oauth-toolkit."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connections.models import Connection
from tests.e2e import words
from tests.e2e.server import PagesServer
from tests.factories import make_integration, make_oauth_client
from tests.live_service import allow_loopback
from tests.oauth_flow.test_django_oauth_toolkit import DEFINITION
from tests.oauth_flow.toolkit import CLIENT_ID, CLIENT_SECRET, PASSWORD, USER
from tests.test_databases import on_postgres

# Once is enough; the pages themselves are looked at on SQLite.
pytestmark = on_postgres

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def provider(server: PagesServer, tmp_path_factory: Any) -> Iterator[str]:
    """Its address; it sends people back to the server of these tests.

    By another name than that server's: browsers keep cookies by host, whatever the port.
    """
    callback = f"{server.url}/oauth/callback"
    folder = tmp_path_factory.mktemp("toolkit")
    command = [sys.executable, "-m", "tests.oauth_flow.toolkit", str(folder), callback]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
        finally:
            process.kill()


def test_person_consents_and_comes_back_connected(member, provider, settings):
    allow_loopback(settings)
    make_integration(DEFINITION.format(base=provider))
    make_oauth_client(member.workspace, "toolkit", client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    member.visits.watch.others = (provider,)
    member.search_gallery("toolkit")
    member.follow("Toolkit")
    member.press(words.connect_with("Toolkit"))
    page = member.page
    # What leads on does so by itself, without scripts too.
    page.get_by_label("Username").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Authorize").click()
    member.is_told(words.CONNECTED)
    member.has_status(words.ACTIVE)
    row = Connection.objects.get(owner=member.user)
    assert row.account_label == USER
    # Gallery, form, what leads on, the connection: the provider's own pages are not ours.
    ours = [path for path in member.seen if path.startswith("/w/")]
    assert len(ours) <= 4
