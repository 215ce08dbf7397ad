"""Consents at a service that a link leads to: there, back, and in a frame by another tab."""

from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest

from connections.models import Connection, ConnectSession, OAuthFlow
from tests.api.test_tenants import dump
from tests.canary import stored_rows
from tests.factories import make_workspace
from tests.links.linking import ORIGIN, fill_in, guest, landed, make_session
from tests.oauth_flow.service import came_back, make_client, make_service, opened

pytestmark = pytest.mark.django_db

IN_FRAME = {"HTTP_SEC_FETCH_DEST": "iframe"}


@pytest.fixture
def workspace() -> Any:
    return make_workspace(embed_origins=[ORIGIN])


@pytest.fixture
def service(httpserver: Any, settings: Any, workspace: Any) -> Any:
    service = make_service(httpserver, settings)
    make_client(workspace)
    return service


def session_of(workspace: Any, **body: Any) -> tuple[str, ConnectSession]:
    if "connection_id" not in body:
        body.setdefault("integrations", ["local-grant"])
    return make_session(workspace, **body)


def consented(browser: Any, service: Any, link: str, **said: str) -> Any:
    """The last answer of the whole way: choose, send the form, consent, come back."""
    form = f"{link}/i/local-grant/oauth2/consent"
    leaving = browser.post(form, {})
    assert leaving.status_code == 200, leaving.content
    return came_back(browser, service.consent(opened(browser, leaving.context["url"]), **said))


def test_consent_becomes_the_connection_of_the_session(workspace, service):
    link, session = session_of(
        workspace,
        user_id="user-42",
        label="Ada's",
        metadata={"team": "blue"},
        config={"tenant": "acme"},
    )
    browser = guest()
    page = landed(browser, f"{link}/i/local-grant/oauth2")
    assert page.url == f"{link}/i/local-grant/oauth2/consent"
    assert 'name="config.tenant"' not in page.content.decode()
    answer = consented(browser, service, link)
    assert (answer.status_code, answer["Location"]) == (303, f"{link}/done")
    assert answer["Cross-Origin-Opener-Policy"] == "unsafe-none"
    row = Connection.objects.get()
    assert (row.user_id, row.label, row.metadata) == ("user-42", "Ada's", {"team": "blue"})
    assert row.config == {"tenant": "acme", "realm": "12345"}
    assert (row.status, row.created_by) == ("active", f"session {session.public_id}")
    session.refresh_from_db()
    assert (session.status, session.connected) == ("completed", row.public_id)
    assert "Connected" in browser.get(answer["Location"]).content.decode()
    assert browser.get(link).status_code == 410


def test_refusal_at_the_service_leads_back_to_the_link(workspace, service):
    link, session = session_of(workspace, origin=ORIGIN)
    browser = guest()
    answer = consented(browser, service, link, error="access_denied")
    assert answer["Location"] == f"{link}?failed"
    session.refresh_from_db()
    assert (session.status, session.failure) == ("open", "access_denied")
    page = landed(browser, answer["Location"])
    text = page.content.decode()
    assert "Cancelled: nothing was changed" in text
    assert '"type": "mielto:failed", "error": "access_denied"' in page.context["told"]["message"]
    assert not Connection.objects.exists()
    assert consented(browser, service, link)["Location"] == f"{link}/done"
    session.refresh_from_db()
    assert session.failure == ""


def test_what_the_rules_refuse_of_it_is_explained_at_the_link(workspace, service):
    link, session = session_of(workspace, origin=ORIGIN)
    browser = guest()
    service.extra = {"realm": "no number"}
    answer = consented(browser, service, link)
    assert answer["Location"] == f"{link}?failed"
    page = landed(browser, answer["Location"])
    text = unescape(page.content.decode())
    assert "What the service gave cannot be used: nothing was stored" in text
    assert "Field 'Realm'" in text
    assert "Start again" in text
    assert "no number" not in text + str(dump())
    # Whoever embeds it is told a code, as of every other failure.
    assert '"error": "not_accepted"' in page.context["told"]["message"]
    assert not Connection.objects.exists()
    service.extra = {}
    assert consented(browser, service, link)["Location"] == f"{link}/done"
    session.refresh_from_db()
    assert (session.failure, session.failure_reasons) == ("", [])


def test_what_the_rules_refuse_is_explained_in_the_language_of_the_link(workspace, service):
    link, _session = session_of(workspace, locale="de")
    browser = guest()
    service.extra = {"realm": "no number"}
    page = landed(browser, consented(browser, service, link)["Location"])
    assert "Feld „Realm“" in unescape(page.content.decode())


def test_frame_leads_there_by_a_tab_and_waits(workspace, service):
    link, session = session_of(workspace, origin=ORIGIN)
    frame, tab = guest(), guest()
    leaving = frame.post(f"{link}/i/local-grant/oauth2/consent", {}, **IN_FRAME)
    text = leaving.content.decode()
    assert 'target="_blank"' in text
    assert 'http-equiv="refresh"' not in text
    assert f'data-wait="{link}/wait"' in text
    waiting = frame.get(f"{link}/wait", **IN_FRAME)
    assert waiting.status_code == 200
    assert 'content="4"' in waiting.content.decode()
    assert frame.cookies == {}
    back = came_back(tab, service.consent(opened(tab, leaving.context["url"])))
    assert back["Location"] == f"{link}/done?tab"
    in_tab = tab.get(back["Location"])
    assert "Close this tab" in in_tab.content.decode()
    assert "data-message" not in in_tab.content.decode()
    onward = frame.get(f"{link}/wait", **IN_FRAME)
    assert onward["Location"] == f"{link}/done"
    told = frame.get(onward["Location"], **IN_FRAME)
    assert told.context["told"]["origin"] == ORIGIN
    assert Connection.objects.get().public_id in told.context["told"]["message"]


def test_frame_learns_of_a_failure_in_the_tab(workspace, service):
    link, _session = session_of(workspace, origin=ORIGIN)
    frame, tab = guest(), guest()
    leaving = frame.post(f"{link}/i/local-grant/oauth2/consent", {}, **IN_FRAME)
    came_back(tab, service.consent(opened(tab, leaving.context["url"]), error="access_denied"))
    page = landed(frame, f"{link}/wait", **IN_FRAME)
    assert "Cancelled: nothing was changed" in page.content.decode()


def test_session_that_was_used_meanwhile_takes_no_second_connection(workspace, service):
    link, _session = session_of(workspace)
    first, second = guest(), guest()
    form = f"{link}/i/local-grant/oauth2/consent"
    urls = [browser.post(form, {}).context["url"] for browser in (first, second)]
    said = [
        service.consent(opened(browser, url))
        for browser, url in zip((first, second), urls, strict=True)
    ]
    assert came_back(first, said[0])["Location"] == f"{link}/done"
    before = dump()["Connection"]
    answer = came_back(second, said[1])
    assert answer["Location"] == f"{link}?failed"
    assert second.get(answer["Location"]).status_code == 410
    assert dump()["Connection"] == before
    assert service.calls == ["token", "me"]


def test_cancelled_meanwhile(workspace, service):
    link, _session = session_of(workspace)
    browser = guest()
    url = browser.post(f"{link}/i/local-grant/oauth2/consent", {}).context["url"]
    said = service.consent(opened(browser, url))
    browser.post(f"{link}/cancel")
    assert landed(browser, came_back(browser, said)["Location"]).status_code == 410
    assert not Connection.objects.exists()


def test_repair_is_a_button_and_refuses_another_account(workspace, service):
    link, _session = session_of(workspace, config={"tenant": "acme"})
    consented(guest(), service, link)
    row = Connection.objects.get()
    link, session = session_of(workspace, connection_id=row.public_id, label="Again")
    browser = guest()
    page = landed(browser, link)
    assert page.url == f"{link}/i/local-grant/oauth2/consent"
    assert 'name="config.' not in page.content.decode()
    service.account = "acct-2"
    answer = consented(browser, service, link)
    assert answer["Location"] == f"{link}?failed"
    assert "That is another account" in landed(browser, answer["Location"]).content.decode()
    service.account = "acct-1"
    assert consented(browser, service, link)["Location"] == f"{link}/done"
    again = Connection.objects.get()
    assert (again.pk, again.config) == (row.pk, {"tenant": "acme", "realm": "12345"})
    assert again.label == "Again"
    session.refresh_from_db()
    assert session.connected == row.public_id


def test_repair_knows_one_method(workspace, service):
    consented(guest(), service, session_of(workspace)[0])
    link, _session = session_of(workspace, connection_id=Connection.objects.get().public_id)
    assert guest().get(f"{link}/i/local-grant/token").status_code == 404


def test_token_may_be_pasted_instead(workspace, service):
    link, _session = session_of(workspace)
    page = guest().get(f"{link}/i/local-grant/oauth2?token=1")
    assert 'name="credentials.access_token"' in page.content.decode()
    text = landed(guest(), link).content.decode()
    assert "How do you want to connect?" in text
    answer = fill_in(guest(), f"{link}/i/local-grant/token", {"credentials.token": ""})
    assert answer.status_code == 200


def test_flow_keeps_the_token_of_the_link_encrypted(workspace, service):
    link, _session = session_of(workspace)
    guest().post(f"{link}/i/local-grant/oauth2/consent", {})
    token = link.rpartition("/")[2]
    assert OAuthFlow.objects.get().get_context()["link"]["token"] == token
    assert [place for place, value in stored_rows() if token in str(value)] == []


def test_service_that_cannot_be_asked_is_said_on_the_form(workspace, service):
    link, _session = session_of(workspace)
    OAuthFlow.objects.all().delete()
    make = workspace.oauth_clients.get()
    page = landed(guest(), f"{link}/i/local-grant/oauth2")
    make.delete()
    assert guest().post(page.url, {}).status_code == 404
    assert urlsplit(page.url).path.endswith("/consent")
