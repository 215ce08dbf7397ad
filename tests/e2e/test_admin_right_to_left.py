"""Every page of the admin in a language that is written from right to left.

A module of its own, so that another core can take it.
"""

import pytest

from tests.e2e.inspection import problems_right_to_left
from tests.e2e.pages import all_rows, by_name
from tests.test_databases import on_sqlite

pytestmark = on_sqlite


@pytest.mark.parametrize("row", by_name(row for row in all_rows() if row.is_admin))
def test_page_right_to_left(visits, house, row):
    assert not (problems := problems_right_to_left(visits, house, row)), problems
