"""Light or dark, as somebody chose on the pages or in the admin, whatever the system says."""

import pytest

from tests.e2e.axe import violations
from tests.e2e.pages import PAGES
from tests.test_databases import on_sqlite

pytestmark = on_sqlite

BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"
SCHEMES = {"light": "dark", "dark": "light"}
# The page with the most on it.
[FORM] = [row for row in PAGES if row.name == "form-refused"]
LIST = "/admin/connections/connection/"


def opened_page(visits, house, *, system: str, chosen: str = ""):
    page = visits.open(house.member, color_scheme=system, theme=chosen)
    page.goto(FORM.address(house))
    FORM.act(page)
    return page


def opened_admin(visits, house, *, system: str, chosen: str = ""):
    page = visits.open(house.staff, color_scheme=system)
    if chosen:
        page.add_init_script(f"localStorage.setItem('theme', '{chosen}')")
    page.goto(LIST)
    return page


OPENED = [pytest.param(opened_page, id="pages"), pytest.param(opened_admin, id="admin")]


@pytest.mark.parametrize("opened", OPENED)
@pytest.mark.parametrize("chosen", SCHEMES)
def test_choice_comes_before_the_system(visits, house, opened, chosen):
    as_system = opened(visits, house, system=chosen).evaluate(BACKGROUND)
    page = opened(visits, house, system=SCHEMES[chosen], chosen=chosen)
    assert page.evaluate(BACKGROUND) == as_system
    assert violations(page) == []


@pytest.mark.parametrize("opened", OPENED)
def test_themes_differ(visits, house, opened):
    backgrounds = [opened(visits, house, system=one).evaluate(BACKGROUND) for one in SCHEMES]
    assert len(set(backgrounds)) == len(SCHEMES)
