"""Light or dark, as somebody chose in the admin, whatever the system says."""

import pytest

from tests.e2e.axe import violations
from tests.test_databases import on_sqlite

pytestmark = on_sqlite

LIST = "/admin/connections/connection/"
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"
SCHEMES = {"light": "dark", "dark": "light"}


def opened(visits, house, *, system: str, chosen: str = ""):
    page = visits.open(house.staff, color_scheme=system)
    if chosen:
        page.add_init_script(f"localStorage.setItem('theme', '{chosen}')")
    page.goto(LIST)
    return page


@pytest.mark.parametrize("chosen", SCHEMES)
def test_choice_comes_before_the_system(visits, house, chosen):
    as_system = opened(visits, house, system=chosen).evaluate(BACKGROUND)
    page = opened(visits, house, system=SCHEMES[chosen], chosen=chosen)
    assert page.evaluate(BACKGROUND) == as_system
    assert violations(page) == []
