"""The admin in a language that is written from right to left: each page of our own, and each kind
of page that Django makes, of two models.

A module of its own, so that another core can take it.
"""

import pytest

from connections.models import Connection
from integrations.models import Integration
from tests.e2e.inspection import problems_right_to_left
from tests.e2e.pages import PAGES, by_name, model_pages
from tests.test_databases import on_sqlite

pytestmark = on_sqlite


MODELS = (Connection, Integration)
ROWS = [
    *(row for row in PAGES if row.is_admin),
    *(page.row() for page in model_pages() if page.model in MODELS),
]


@pytest.mark.parametrize("row", by_name(ROWS))
def test_page_right_to_left(walk, house, row):
    assert not (problems := problems_right_to_left(walk, house, row)), problems
