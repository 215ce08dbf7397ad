"""The canary behind links: presets, forms without a sign-in, and secrets that others hand over."""

import logging
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import RequestFactory

from connections.links.forms import Preset
from connections.models import Connection, ConnectSession, SecretRequest
from connections.services.connect_sessions import link_actor
from connections.services.oauth_flows.wanted import Link
from connections.web.links.guests import Guest
from mielto.logs import formatter
from mielto.reports import QuietFilter, QuietReporter
from tests.canary import PLAIN, SECRETIVE, WORD, heard_in, heard_in_storage, stored_rows
from tests.factories import api_client, make_integration, make_key, make_workspace
from tests.links.linking import ORIGIN, guest, landed, make_session
from tests.links.test_asking import link_in
from tests.links.test_consents import consented
from tests.oauth_flow.service import make_client, make_service
from tests.test_canary import Listener
from tests.test_canary_pages import typed
from tests.web.browser import member_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def log() -> Iterator[Listener]:
    """Nothing that is written to the log sings, at any level."""
    listener, root = Listener(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    yield listener
    root.removeHandler(listener)
    root.setLevel(level)
    assert [line for line in listener.lines if heard_in(line)] == []


@pytest.fixture
def workspace() -> Any:
    make_integration(SECRETIVE)
    return make_workspace(embed_origins=[ORIGIN])


def assert_silent(*answers: Any) -> None:
    for answer in answers:
        assert answer.status_code < 500
        assert heard_in(answer.content) == [], answer.content
        assert heard_in(str(answer.headers)) == []
    assert heard_in_storage() == []


def test_no_page_behind_a_link_sings(workspace: Any) -> None:
    config = {"config_secret": WORD}
    api = api_client(make_key(workspace))
    made = api.post_json("/connect/sessions", {"integrations": ["secretive"], "config": config})
    link, session = make_session(workspace, integrations=["secretive"], config=config)
    client = guest()
    form = landed(client, link)
    sent = {**typed(), "label": "Mine"}
    del sent["config.config_secret"]
    refused = client.post(form.url, {**sent, "config.region": ""})
    overridden = client.post(form.url, {**sent, "config.config_secret": f"other {WORD}"})
    stale = client.post(form.url, {**sent, "revision": "0"})
    accepted = client.post(form.url, sent)
    assert accepted.status_code == 303, accepted.content
    assert Connection.objects.get().get_secret_config() == config
    assert_silent(
        made,
        form,
        refused,
        overridden,
        stale,
        accepted,
        client.get(accepted["Location"]),
        client.post(form.url, sent),
        api.get_json(f"/connect/sessions/{session.public_id}"),
        api.post_json(
            "/connect/sessions",
            {"integrations": ["secretive"], "config": {"config_secret": [WORD]}},
        ),
    )


def test_what_is_kept_of_a_refused_grant_does_not_sing(httpserver: Any, settings: Any) -> None:
    service = make_service(httpserver, settings)
    workspace = make_workspace(embed_origins=[ORIGIN])
    make_client(workspace)
    # Its tokens, and the value that the rules refuse.
    service.extra = dict.fromkeys(("access_token", "refresh_token", "realm"), PLAIN)
    link, session = make_session(workspace, integrations=["local-grant"], origin=ORIGIN)
    browser = guest()
    back = consented(browser, service, link)
    page = landed(browser, back["Location"])
    session.refresh_from_db()
    assert session.failure_reasons
    assert session.failure_reasons[0] in unescape(page.content.decode())
    assert_silent(back, page)


def test_neither_side_of_a_question_hears_the_other(workspace: Any) -> None:
    browser, _user = member_of(workspace)
    address = f"/w/{workspace.slug}/integrations/secretive/all/ask"
    sent = {**typed(), "credentials.word": "", "ask": "credentials.word"}
    wrong = browser.post(address, {**sent, "config.region": ""})
    asked = browser.post(address, sent)
    ask = link_in(asked)
    request = SecretRequest.objects.get()
    state = f"/w/{workspace.slug}/asked/{request.public_id}"
    holder = guest()
    page = holder.get(ask)
    assert_silent(wrong, asked, page, browser.get(state), browser.get(f"/w/{workspace.slug}/asked"))
    bad = holder.post(ask, {"credentials.word": f"{WORD}\0"})
    answered = holder.post(ask, {"credentials.word": WORD})
    assert "Thank you" in answered.content.decode()
    row = Connection.objects.get()
    assert row.credential.get_values()["word"] == WORD
    detail = browser.get(f"/w/{workspace.slug}/connections/{row.public_id}")
    edit = browser.get(f"/w/{workspace.slug}/connections/{row.public_id}/edit")
    assert_silent(bad, answered, browser.get(state), detail, edit, holder.get(ask))


def test_tokens_are_kept_nowhere(workspace: Any, log: Listener) -> None:
    link, _session = make_session(workspace, integrations=["secretive"])
    client = guest()
    form = landed(client, link)
    asked = {**typed(), "credentials.word": "", "ask": "credentials.word"}
    ask = link_in(client.post(f"{form.url}/ask", asked))
    guest().post(ask, {"credentials.word": WORD})
    guest().get(link)
    guest().get(f"{link}/nowhere")
    stored = [str(value) for _place, value in stored_rows()] + log.lines
    for address in (link, ask):
        token = address.rpartition("/")[2]
        assert [one for one in stored if token in one] == []
        assert token not in str(client.cookies)


def test_log_of_a_failure_names_no_token(workspace: Any) -> None:
    link, _session = make_session(workspace, integrations=["secretive"])
    token = link.rpartition("/")[2]
    record = logging.LogRecord("django.request", 40, "", 0, "Error: %s", (link,), None)
    line = formatter().format(record)
    assert token not in line
    assert "/connect/[removed]" in line
    request = RequestFactory().get(f"{link}/i/secretive")
    reporter = QuietReporter(request, ValueError, ValueError(), None)
    reporter.filter = QuietFilter()
    assert token not in reporter.get_traceback_html()
    assert token not in reporter.get_traceback_text()


def test_no_object_of_a_link_sings_when_it_is_printed(workspace: Any) -> None:
    link, session = make_session(
        workspace, integrations=["secretive"], config={"config_secret": WORD}
    )
    token = link.rpartition("/")[2]
    printed = [
        session,
        ConnectSession.objects.get(),
        Preset.of(session),
        Guest(link_actor(session), True, session=session, token=token),
        Link(session=session.public_id, token=token),
    ]
    for one in printed:
        assert heard_in(repr(one) + str(one)) == []
        assert token not in repr(one) + str(one)
