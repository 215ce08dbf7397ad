"""From the gallery to an active connection with nothing but Tab, Shift+Tab, Enter and Space."""

import re

import pytest
from playwright.sync_api import expect

from connections.models import Connection
from tests.e2e import words
from tests.e2e.focus import stop, tab_to
from tests.e2e.people import Member, Way
from tests.e2e.visit import DESK
from tests.live_service import GOOD
from tests.test_databases import on_postgres

# Once is enough; the pages themselves are looked at on SQLite.
pytestmark = on_postgres

PAGES = ("integrations", "integrations/local-api/api_key", "connections")


@pytest.fixture(params=[Way(DESK, True), Way(DESK, False)], ids=str)
def way(request):
    """The window makes no difference to a keyboard."""
    return request.param


def test_connection_is_made_with_the_keyboard_alone(member, service):
    page = member.page
    member.go("integrations")
    tab_to(page, "search")
    page.keyboard.type("local")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("search=local"))
    tab_to(page, "Local")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/local-api/api_key$"))
    tab_to(page, "credentials.api_key")
    page.keyboard.type(GOOD)
    tab_to(page, "config.base_url")
    page.keyboard.type("nowhere")
    tab_to(page, words.CONNECT)
    page.keyboard.press("Space")
    expect(member.refusal()).to_be_visible()
    mend(member, service.address)
    member.is_told(words.CONNECTED)
    assert Connection.objects.get(owner=member.user).status == Connection.Status.ACTIVE


def mend(member: Member, address: str) -> None:
    """From the list of what is wrong to the field, over the list's link, and back to the secret."""
    page, message = member.page, "Field 'Base URL' must be a valid URL"
    tab_to(page, message)
    page.keyboard.press("Enter")
    expect(page.locator("[name='config.base_url']")).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(address)
    tab_to(page, "credentials.api_key", backwards=True)
    page.keyboard.type(GOOD)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("path", PAGES)
def test_first_stop_skips_to_the_content(member, service, path):
    member.go(path)
    stops = tab_to(member.page, words.SKIP)
    assert len(stops) == 1
    member.page.keyboard.press("Enter")
    member.page.keyboard.press("Tab")
    found = stop(member.page)
    assert found is not None
    assert found.is_in_main
