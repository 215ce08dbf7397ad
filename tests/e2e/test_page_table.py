"""Every address is looked at, or it says why not. No browser is needed to know that."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver, resolve, reverse

from tests.e2e.pages import NOT_PAGES, PAGES, all_rows, model_names
from tests.factories import make_user
from tests.test_databases import on_sqlite
from tests.web.browser import signed_in

# Programs are answered there; tests/api/test_openapi.py holds that table.
API = "api/v1/"
EXAMPLES = {
    "slug": "acme",
    "connection": "conn_" + "0" * 32,
    "object_id": "00000000-0000-0000-0000-000000000000",
    "token": "x" * 43,
    "key": "key_" + "0" * 32,
    "member": 1,
    "integration": "zendesk",
    "method": "oauth2",
    "name": "ask_" + "0" * 32,
    "invitation": "inv_" + "0" * 32,
    "workspace": "wsp_" + "0" * 32,
    "content_type_id": "1",
}


def named(resolver: Any, prefix: str = "", space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """`(name, pattern)` of every route that has a name."""
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if route.startswith(API):
            continue
        if isinstance(entry, URLPattern):
            if entry.name:
                yield space + entry.name, entry
        else:
            below = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from named(entry, route, below)


ROUTES = dict(named(get_resolver()))
LOOKED_AT = {row.url for row in PAGES} | model_names()


def test_every_address_is_looked_at_or_says_why_not():
    assert set(ROUTES) - LOOKED_AT - set(NOT_PAGES) == set()


def test_tables_name_nothing_that_is_not_there():
    assert (LOOKED_AT | set(NOT_PAGES)) - set(ROUTES) == set()
    assert LOOKED_AT & set(NOT_PAGES) == set()


def test_pages_have_names_of_their_own():
    names = [row.name for row in all_rows()]
    assert len(names) == len(set(names)) > len(PAGES)


@on_sqlite
@pytest.mark.django_db
@pytest.mark.parametrize("name", NOT_PAGES)
def test_what_is_called_no_page_is_none(name):
    parts = set(ROUTES[name].pattern.converters)
    if name.startswith("link-"):
        # Its token stands in the address that includes it.
        parts.add("token")
    arguments = {part: EXAMPLES[part] for part in parts}
    address = reverse(name, kwargs=arguments)
    assert resolve(address)
    client = signed_in(make_user(is_staff=True, is_superuser=True))
    answer = client.get(address)
    assert answer.status_code in NOT_PAGES[name].status
    if answer.status_code == 200:
        assert not answer["Content-Type"].startswith("text/html")
