"""Every page of the admin, as test_pages.py looks at those of everybody else."""

import pytest

from tests.e2e.inspection import problems_of
from tests.e2e.pages import all_rows, by_name
from tests.test_databases import on_sqlite

pytestmark = on_sqlite


@pytest.mark.parametrize("row", by_name(row for row in all_rows() if row.is_admin))
def test_page_is_accessible_whole_and_keeps_its_policy(walk, house, row):
    assert not (problems := problems_of(walk, house, row)), problems
