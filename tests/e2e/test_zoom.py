"""The way to a connection on a screen that shows everything twice and four times as large."""

import pytest
from playwright.sync_api import expect

from tests.e2e import words
from tests.e2e.layout import lost
from tests.e2e.people import Way
from tests.e2e.visit import DOUBLE, FOURFOLD
from tests.live_service import GOOD
from tests.test_databases import on_postgres

# Once is enough; the pages themselves are looked at on SQLite.
pytestmark = on_postgres


@pytest.fixture(params=[Way(DOUBLE, True), Way(FOURFOLD, True)], ids=str)
def way(request):
    return request.param


def test_connection_is_made_on_a_zoomed_page(member, service, way):
    member.search_gallery("local")
    assert lost(member.page, way.window) == []
    member.follow("Local")
    member.press(words.CONNECT)
    expect(member.refusal()).to_be_visible()
    assert lost(member.page, way.window) == []
    member.fill("API key", GOOD)
    member.fill("Base URL", service.address)
    member.press(words.CONNECT)
    member.is_told(words.CONNECTED)
    assert lost(member.page, way.window) == []
