"""A state is good once, for ten minutes, in the browser that opened it: else nothing happens."""

import hashlib
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections as databases
from django.test import Client
from django.utils import timezone

from connections.models import Connection, Credential, OAuthFlow
from connections.services.oauth_flows.browser import FlowRefused, take_flow
from tests.api.test_tenants import dump
from tests.factories import api_client, make_key, make_member, make_workspace
from tests.oauth_flow.service import came_back, make_client, make_service, opened
from tests.web.browser import signed_in

pytestmark = pytest.mark.django_db

BODY = {"integration_id": "local-grant"}


@pytest.fixture
def service(httpserver: Any, settings: Any) -> Any:
    return make_service(httpserver, settings)


@pytest.fixture
def workspace(service: Any) -> Any:
    workspace = make_workspace()
    make_client(workspace)
    return workspace


def begin(workspace: Any) -> dict[str, Any]:
    return api_client(make_key(workspace)).post_json("/oauth/initiate", BODY).json()


def refused(service: Any, act: Any, outcome: str) -> None:
    """The act ends on that page, with 0 calls and 0 rows changed."""
    before, calls = dump(), list(service.calls)
    answer = act()
    assert (answer.status_code, answer["Location"]) == (303, f"/oauth/result/{outcome}")
    assert service.calls == calls
    assert dump() == before
    assert Client().get(answer["Location"]).status_code == 400


def test_state_is_good_once(service, workspace):
    browser, url = Client(), begin(workspace)["auth_url"]
    said = service.consent(opened(browser, url))
    # The browser keeps the cookie, whatever we ask of it.
    cookies = dict(browser.cookies)
    assert came_back(browser, said)["Location"] == "/oauth/result/connected"
    browser.cookies.update(cookies)
    refused(service, lambda: came_back(browser, said), "used")
    refused(service, lambda: browser.get("/oauth/start?state=" + said["state"]), "used")


def test_cancelling_uses_it_up(service, workspace):
    browser, url = Client(), begin(workspace)["auth_url"]
    said = service.consent(opened(browser, url))
    cookies = dict(browser.cookies)
    answer = came_back(browser, {"error": "access_denied", "state": said["state"]})
    assert answer["Location"] == "/oauth/result/access_denied"
    assert browser.get(answer["Location"]).status_code == 200
    browser.cookies.update(cookies)
    refused(service, lambda: came_back(browser, said), "used")
    assert service.calls == []


@pytest.mark.parametrize("bound", ["never opened", "opened elsewhere", "opened elsewhere later"])
def test_state_of_another_browser(service, workspace, bound):
    browser, other = Client(), Client()
    begun = begin(workspace)
    url = opened(other if bound == "opened elsewhere" else browser, begun["auth_url"])
    said = service.consent(url)
    if bound == "never opened":
        browser = Client()
    elif bound == "opened elsewhere later":
        opened(other, begun["auth_url"])
    refused(service, lambda: came_back(browser, said), "other_browser")


def test_flow_that_nobody_opened_cannot_come_back(service, workspace):
    state = begin(workspace)["state"]
    refused(service, lambda: came_back(Client(), {"code": "x", "state": state}), "other_browser")


def test_cookie_of_another_flow_does_not_fit(service, workspace):
    browser, first, second = Client(), begin(workspace), begin(workspace)
    opened(browser, first["auth_url"])
    said = service.consent(opened(Client(), second["auth_url"]))
    (held,) = browser.cookies.values()
    rows = OAuthFlow.objects.filter(
        state_digest=hashlib.sha256(second["state"].encode()).hexdigest()
    )
    browser.cookies[f"oauth-{rows.get().id.hex}"] = held.value
    refused(service, lambda: came_back(browser, said), "other_browser")


def test_two_tabs_of_one_browser_connect_once(service, workspace):
    browser, url = Client(), begin(workspace)["auth_url"]
    first, second = opened(browser, url), opened(browser, url)
    assert came_back(browser, service.consent(first))["Location"].endswith("/connected")
    refused(service, lambda: came_back(browser, service.consent(second)), "used")
    assert Connection.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_connect_once(service, workspace):
    browser, url = Client(), begin(workspace)["auth_url"]
    said = service.consent(opened(browser, url))
    cookies, answers = browser.cookies, []
    start = threading.Barrier(4)

    def come_back() -> None:
        tab = Client()
        tab.cookies = cookies.copy()
        start.wait()
        answers.append(came_back(tab, said)["Location"].rpartition("/")[2])
        databases.close_all()

    threads = [threading.Thread(target=come_back) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["connected", "used", "used", "used"]
    assert service.calls.count("token") == 1
    assert Connection.objects.count() == Credential.objects.count() == 1


def test_tab_that_is_overtaken_between_its_look_and_its_use_is_refused(service, workspace):
    """The one use is a single conditional update: that the flow was unused a moment ago is not."""
    browser, begun = Client(), begin(workspace)
    opened(browser, begun["auth_url"])
    held = {name: one.value for name, one in browser.cookies.items()}
    taken = []

    class OtherTab(dict[str, str]):
        def get(self, *wanted: Any) -> Any:
            taken.append(take(held))
            return super().get(*wanted)

    def take(cookies: dict[str, str]) -> OAuthFlow:
        return take_flow(begun["state"], cookies=cookies, user=None, now=timezone.now())

    with pytest.raises(FlowRefused, match="used"):
        take(OtherTab(held))
    assert len(taken) == 1


def test_state_that_comes_late(service, workspace):
    browser, begun = Client(), begin(workspace)
    said = service.consent(opened(browser, begun["auth_url"]))
    OAuthFlow.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(service, lambda: came_back(browser, said), "late")
    refused(service, lambda: browser.get("/oauth/start?state=" + begun["state"]), "late")


def test_flow_ends_after_ten_minutes(service, workspace):
    begin(workspace)
    flow = OAuthFlow.objects.get()
    assert flow.expires_at - flow.created_at == timedelta(minutes=10)


def test_state_of_a_workspace_that_was_switched_off(service, workspace):
    browser = Client()
    said = service.consent(opened(browser, begin(workspace)["auth_url"]))
    workspace.is_active = False
    workspace.save()
    refused(service, lambda: came_back(browser, said), "unknown")


def test_flow_of_another_workspace_stores_there_and_nowhere_else(service, workspace):
    """A state says by itself whose it is; nothing that a browser sends moves it elsewhere."""
    other, browser = make_workspace(), Client()
    said = service.consent(opened(browser, begin(workspace)["auth_url"]))
    came_back(browser, {**said, "workspace": other.slug, "workspace_id": other.public_id})
    assert Connection.objects.get().workspace_id == workspace.id


def test_own_flow_is_nobody_elses(service, workspace):
    """Begun on a page: bound to the person who is signed in, beside the browser."""
    user = make_member(workspace).user
    browser = signed_in(user)
    page = browser.post(f"/w/{workspace.slug}/integrations/local-grant/oauth2/consent", {})
    said = service.consent(opened(browser, page.context["url"]))
    for person in (None, make_member(workspace).user):
        cookies = {name: one for name, one in browser.cookies.items() if "oauth" in name}
        other = signed_in(person) if person else Client()
        other.cookies.update(cookies)
        refused(service, lambda: came_back(other, said), "other_person")  # noqa: B023
    assert came_back(browser, said).status_code == 303
    assert Connection.objects.get().owner == user


MADE_UP = "A" * 43


@pytest.mark.parametrize(
    "state",
    ["", "x", "A" * 42, "A" * 44, MADE_UP, "A" * 10_240, "A" * 42 + "\0", "ä" * 43, "A" * 42 + "="],
    ids=["none", "one", "truncated", "longer", "made up", "10 KB", "NUL", "non-ASCII", "padded"],
)
@pytest.mark.parametrize("page", ["start", "callback"])
def test_state_that_is_none(service, workspace, page, state, django_assert_max_num_queries):
    begin(workspace)
    browser = Client()

    def ask() -> Any:
        with django_assert_max_num_queries(1 if state == MADE_UP else 0):
            return browser.get(f"/oauth/{page}", {"state": state, "code": "x"})

    refused(service, ask, "unknown")


def test_state_given_twice(service, workspace):
    browser, begun = Client(), begin(workspace)
    said = service.consent(opened(browser, begun["auth_url"]))
    path = f"/oauth/callback?code={said['code']}&state={said['state']}&state={said['state']}"
    refused(service, lambda: browser.get(path), "unknown")


@pytest.mark.parametrize("method", ["post", "put", "head", "delete"])
@pytest.mark.parametrize("page", ["start", "callback"])
def test_other_methods_are_not_answered(service, workspace, page, method):
    browser, begun = Client(), begin(workspace)
    opened(browser, begun["auth_url"])
    before = dump()
    path = f"/oauth/{page}?code=x&state={begun['state']}"
    assert getattr(browser, method)(path).status_code == 405
    assert dump() == before


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"error": "<script>alert(1)</script>"}, "rejected"),
        ({"error": "x\r\nSet-Cookie: a=b"}, "rejected"),
        ({"error": "temporarily_unavailable"}, "unavailable"),
        ({"error": "invalid_scope", "error_description": "y" * 4000}, "invalid_scope"),
        ({"code": ""}, "bad_answer"),
        ({"code": "a\0b"}, "bad_answer"),
        ({"code": "ä"}, "bad_answer"),
        ({}, "bad_answer"),
    ],
    ids=["markup", "line break", "later", "long words", "blank", "NUL", "non-ASCII", "nothing"],
)
def test_words_of_the_service_are_not_repeated(service, workspace, said, outcome):
    browser, begun = Client(), begin(workspace)
    opened(browser, begun["auth_url"])
    answer = came_back(browser, {**said, "state": begun["state"]})
    assert answer["Location"] == f"/oauth/result/{outcome}"
    page = browser.get(answer["Location"]).content.decode()
    assert "<script>alert" not in page
    assert "yyyy" not in page
    assert service.calls == []
    assert Connection.objects.count() == 0


def test_unknown_outcome_is_no_page():
    assert Client().get("/oauth/result/anything").status_code == 404
