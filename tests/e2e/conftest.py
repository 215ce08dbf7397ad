"""A real browser before a real server.

Everything lives as long as a module: Playwright's event loop runs in the thread of the tests while
it is open, which Django and other tests take for theirs; and the rows of the module's house are
committed, so that the server's threads see them. Tests of a module share them and make what they
change for themselves: a workspace, its people, its connections.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from playwright.sync_api import Browser, Playwright, sync_playwright

from connections.models import Connection
from tests.e2e.browsers import ARGUMENTS, chromium
from tests.e2e.house import House, build_house
from tests.e2e.people import Member, Way
from tests.e2e.server import PagesServer
from tests.e2e.visit import DESK, PHONE, Visits, Walk
from tests.factories import make_integration
from tests.live_service import DEFINITION, KeyService, allow_loopback


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """In place of the plugin's, which lives for the session."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as started:
        # The loop is Playwright's own and waits while a test runs: nothing is concurrent.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield started
        # While the loop runs, Django keeps other connections than before and afterwards.
        connections.close_all()


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database, open to the module and to the server's threads, and empty afterwards."""
    with django_db_blocker.unblock():
        yield
        # Triggers refuse to lose a credential before its connections.
        Connection.objects.all().delete()
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=False)


@pytest.fixture
def db(committed: None) -> None:
    """In place of a transaction: by this name pytest-django knows that a database is needed."""


@pytest.fixture(scope="module")
def server(committed: None) -> Iterator[PagesServer]:
    server = PagesServer()
    with pytest.MonkeyPatch.context() as patch, override_settings(PUBLIC_URL=server.url):
        # A thread lives as long as its browser's connection; the database must outlive no thread.
        patch.setitem(connections.databases["default"], "CONN_MAX_AGE", 0)
        yield server
    server.terminate()


@pytest.fixture(scope="module")
def house(server: PagesServer) -> House:
    return build_house()


@pytest.fixture
def visits(db: None, browser: Browser, server: PagesServer, new_context: Any) -> Iterator[Visits]:
    """Opens browsers of people; whatever any of them complained about fails the test."""
    visits = Visits(server, new_context)
    yield visits
    assert visits.watch.complaints() == []


@pytest.fixture(scope="module")
def whole_walk(server: PagesServer, browser: Browser) -> Iterator[Walk]:
    walk = Walk(server, browser, CONTEXT)
    yield walk
    walk.context.close()
    # What is said after the last page counts too.
    assert walk.watch.complaints() == []


@pytest.fixture
def walk(db: None, whole_walk: Walk) -> Walk:
    """Looks at one page after the other, of all that a module looks at."""
    return whole_walk


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    return CONTEXT


CONTEXT = {
    "service_workers": "block",
    "locale": "en-GB",
    "timezone_id": "UTC",
    "reduced_motion": "reduce",
}

# Each window and each kind of browser has both colours once.
WAYS = [
    Way(DESK, True, "light"),
    Way(DESK, False, "dark"),
    Way(PHONE, True, "dark"),
    Way(PHONE, False, "light"),
]


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    """Each journey is made at a desk and on a phone, with scripts and without, light and dark."""
    return request.param


@pytest.fixture
def member(visits: Visits, way: Way) -> Member:
    return Member(visits, way)


@pytest.fixture
def service(httpserver: Any, settings: Any, committed: None) -> KeyService:
    """Connections are tried, at a service on this machine that knows one key."""
    allow_loopback(settings)
    make_integration(DEFINITION.format(type="api"))
    return KeyService(httpserver)
