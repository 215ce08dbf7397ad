"""Every page of people without staff rights: see inspection.py for what is looked for."""

import pytest

from tests.e2e.inspection import problems_of, problems_right_to_left
from tests.e2e.pages import PAGES, by_name
from tests.test_databases import on_sqlite

# Templates do not know which database is behind them: once is enough.
pytestmark = on_sqlite


@pytest.mark.parametrize("row", by_name(row for row in PAGES if not row.is_admin))
def test_page_is_accessible_whole_and_keeps_its_policy(walk, house, row):
    assert not (problems := problems_of(walk, house, row)), problems


@pytest.mark.parametrize("row", by_name(row for row in PAGES if not row.is_admin))
def test_page_right_to_left(walk, house, row):
    assert not (problems := problems_right_to_left(walk, house, row)), problems
