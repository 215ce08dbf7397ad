"""Light or dark, as somebody chose on the pages, whatever the system says."""

import pytest

from tests.e2e.axe import violations
from tests.e2e.pages import PAGES
from tests.e2e.test_admin_theme import BACKGROUND, SCHEMES
from tests.test_databases import on_sqlite

pytestmark = on_sqlite

# The page with the most on it.
[FORM] = [row for row in PAGES if row.name == "form-refused"]


def opened(visits, house, *, system: str, chosen: str = ""):
    page = visits.open(house.member, color_scheme=system, theme=chosen)
    page.goto(FORM.address(house))
    FORM.do(page)
    return page


@pytest.mark.parametrize("chosen", SCHEMES)
def test_choice_comes_before_the_system(visits, house, chosen):
    as_system = opened(visits, house, system=chosen).evaluate(BACKGROUND)
    page = opened(visits, house, system=SCHEMES[chosen], chosen=chosen)
    assert page.evaluate(BACKGROUND) == as_system
    assert violations(page) == []


def test_themes_differ(visits, house):
    backgrounds = [opened(visits, house, system=one).evaluate(BACKGROUND) for one in SCHEMES]
    assert len(set(backgrounds)) == len(SCHEMES)
