"""The integration that pages of the catalogue are tried with; a module may have rows of its own."""

import pytest

from integrations.models import AuthMethod, Integration
from tests.admin_site.pages import THREE_WAYS
from tests.factories import make_integration


@pytest.fixture
def row() -> Integration:
    return make_integration(THREE_WAYS)


@pytest.fixture
def method(row) -> AuthMethod:
    return row.auth_methods.get(slug="api_key")
