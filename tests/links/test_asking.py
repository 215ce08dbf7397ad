"""Asking somebody else: the asker never sees the secret, its holder nothing of the rest."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.jobs.housekeeping import tidy_up
from connections.models import AuditEvent, Connection, ConnectSession, SecretRequest
from tests.api.test_tenants import dump
from tests.factories import KEY_AND_EMAIL, make_integration, make_workspace
from tests.links.linking import guest, landed, make_session
from tests.web.browser import PageForm, errors_of, member_of

pytestmark = pytest.mark.django_db

STRICT = KEY_AND_EMAIL.replace("label: API Key}", "label: API Key, min_length: 5}")
PATH = "credentials.api_key"
MINE = {"credentials.email": "ada@example.com", "label": "Quarterly"}


@pytest.fixture
def workspace() -> Any:
    make_integration(STRICT)
    return make_workspace(brand_name="Acme")


@pytest.fixture
def asker(workspace) -> tuple[Client, Any]:
    return member_of(workspace)


def ask_address(workspace: Any) -> str:
    return f"/w/{workspace.slug}/integrations/key-and-email/api_key/ask"


def link_in(page: Any) -> str:
    assert page.status_code == 200, page.content
    return re.search(r"http://testserver(/ask/[\w-]{43})", page.content.decode())[1]


def asked(workspace: Any, browser: Client, **typed: str) -> str:
    return link_in(browser.post(ask_address(workspace), {**MINE, "ask": PATH, **typed}))


def test_form_offers_to_ask_beside_each_secret_and_nothing_else(workspace, asker):
    page = asker[0].get(f"/w/{workspace.slug}/integrations/key-and-email/api_key")
    text = page.content.decode()
    assert text.count("Ask someone else") == 1
    assert f'name="ask" value="{PATH}" formaction="{ask_address(workspace)}"' in text
    # Enter presses the first button.
    assert text.index("visually-hidden") < text.index('name="ask"')


def test_answer_makes_the_connection_of_the_asker(workspace, asker):
    browser, user = asker
    link = asked(workspace, browser)
    assert not Connection.objects.exists()
    holder = guest()
    page = holder.get(link)
    text = page.content.decode()
    assert "API Key of Key and email" in text
    assert user.get_username() in text
    assert "Acme" in text
    assert "ada@example.com" not in text
    assert "Quarterly" not in text
    answer = holder.post(link, {**PageForm(page).sent, PATH: "the secret"})
    assert "Thank you" in answer.content.decode()
    row = Connection.objects.get()
    assert (row.owner, row.label) == (user, "Quarterly")
    assert row.credential.get_values() == {"api_key": "the secret", "email": "ada@example.com"}
    request = SecretRequest.objects.get()
    assert (request.status, request.connected) == ("done", row.public_id)
    assert request.sealed_draft is None
    assert row.created_by == f"user_{user.pk}"
    events = set(AuditEvent.objects.values_list("actor", "action"))
    assert (f"request {request.public_id}", "secret_request.answered") in events
    page = browser.get(f"/w/{workspace.slug}/asked/{request.public_id}").content.decode()
    assert f"/connections/{row.public_id}" in page
    assert "the secret" not in page
    assert holder.cookies == {}


def test_answer_is_judged_by_the_rules_of_the_field(workspace, asker):
    link = asked(workspace, asker[0])
    for typed, message in (
        ("", "Field 'API Key' is required"),
        ("four", "Field 'API Key' must be at least 5 characters"),
    ):
        answer = guest().post(link, {PATH: typed})
        assert errors_of(answer) == {PATH: [message]}
        assert "four" not in answer.content.decode()
    assert not Connection.objects.exists()
    assert "Thank you" in guest().post(link, {PATH: "long enough"}).content.decode()


def test_link_works_once(workspace, asker):
    link = asked(workspace, asker[0])
    guest().post(link, {PATH: "the secret"})
    before = dump()
    for answer in (guest().get(link), guest().post(link, {PATH: "another secret"})):
        assert answer.status_code == 410
    assert dump() == before


def test_rest_of_the_form_must_be_right_first(workspace, asker):
    typed = {"ask": PATH, "credentials.email": "a@b"}
    answer = asker[0].post(ask_address(workspace), typed)
    assert errors_of(answer) == {
        "credentials.email": ["Field 'Email' must be a valid email address"]
    }
    assert not SecretRequest.objects.exists()


@pytest.mark.parametrize("path", ["", "credentials.email", "credentials.none", "config.x", "label"])
def test_only_secrets_are_asked_for(workspace, asker, path):
    answer = asker[0].post(ask_address(workspace), {**MINE, "ask": path})
    assert answer.status_code == 404
    assert not SecretRequest.objects.exists()


def test_what_the_asker_typed_into_the_secret_is_dropped(workspace, asker):
    asked(workspace, asker[0], **{PATH: "typed by the asker"})
    assert "api_key" not in SecretRequest.objects.get().get_draft()["credentials"]


def test_withdrawn_link_takes_nothing(workspace, asker):
    browser, _user = asker
    link = asked(workspace, browser)
    request = SecretRequest.objects.get()
    state = f"/w/{workspace.slug}/asked/{request.public_id}"
    assert "Take it back" in browser.get(state).content.decode()
    assert browser.post(f"{state}/withdraw").status_code == 302
    answer = guest().post(link, {PATH: "the secret"})
    assert answer.status_code == 410
    assert "was taken back" in answer.content.decode()
    assert not Connection.objects.exists()
    request.refresh_from_db()
    assert (request.status, request.sealed_draft) == ("withdrawn", None)


def test_expired_link_takes_nothing(workspace, asker):
    link = asked(workspace, asker[0])
    SecretRequest.objects.update(expires_at=timezone.now())
    assert guest().post(link, {PATH: "the secret"}).status_code == 410
    request = SecretRequest.objects.get()
    state = asker[0].get(f"/w/{workspace.slug}/asked/{request.public_id}").content.decode()
    assert "Nobody answered in time" in state


def test_what_the_asker_filled_in_is_to_blame(workspace, asker):
    """The holder learns that it cannot be completed; the asker learns why."""
    link = asked(workspace, asker[0])
    make_integration(STRICT.replace("label: Email,", "label: Email, max_length: 5,"))
    answer = guest().post(link, {PATH: "the secret"})
    assert answer.status_code == 410
    assert "Email" not in answer.content.decode()
    request = SecretRequest.objects.get()
    assert request.status == "refused"
    state = asker[0].get(f"/w/{workspace.slug}/asked/{request.public_id}").content.decode()
    assert "Field &#x27;Email&#x27; must be at most 5 characters" in state


def test_asker_who_left_gets_nothing(workspace, asker):
    browser, user = asker
    link = asked(workspace, browser)
    user.memberships.all().delete()
    assert guest().get(link).status_code == 410
    assert guest().post(link, {PATH: "the secret"}).status_code == 410
    assert not Connection.objects.exists()


def test_tries_are_counted(workspace, asker):
    link = asked(workspace, asker[0])
    SecretRequest.objects.update(attempts=SecretRequest.MOST_TRIES)
    assert guest().post(link, {PATH: "the secret"}).status_code == 410
    assert SecretRequest.objects.get().status == "refused"


def test_state_is_for_the_asker_alone(workspace, asker):
    asked(workspace, asker[0])
    state = f"/w/{workspace.slug}/asked/{SecretRequest.objects.get().public_id}"
    other, _user = member_of(workspace)
    assert other.get(state).status_code == 404
    assert other.post(f"{state}/withdraw").status_code == 404
    assert "API Key" not in other.get(f"/w/{workspace.slug}/asked").content.decode()
    assert "API Key" in asker[0].get(f"/w/{workspace.slug}/asked").content.decode()
    viewer, _user = member_of(workspace, role="viewer")
    assert viewer.post(ask_address(workspace), {**MINE, "ask": PATH}).status_code == 403


def test_change_of_a_stored_connection(workspace, asker):
    browser, _user = asker
    address = f"/w/{workspace.slug}/integrations/key-and-email/api_key"
    browser.post(address, {**MINE, PATH: "old secret"})
    row = Connection.objects.get()
    page = browser.get(f"/w/{workspace.slug}/connections/{row.public_id}/edit")
    sent = {**PageForm(page).sent, "credentials.email": "new@example.com", "ask": PATH}
    link = link_in(browser.post(f"/w/{workspace.slug}/connections/{row.public_id}/ask", sent))
    assert "Thank you" in guest().post(link, {PATH: "new secret"}).content.decode()
    row = Connection.objects.get()
    assert row.credential.get_values() == {"api_key": "new secret", "email": "new@example.com"}


@pytest.mark.parametrize("headers", [{"HTTP_ORIGIN": "https://evil.example"}])
def test_form_of_another_site_is_refused(workspace, asker, headers):
    link = asked(workspace, asker[0])
    assert guest().post(link, {PATH: "the secret"}, **headers).status_code == 403
    assert not Connection.objects.exists()


def test_page_is_kept_and_told_on_by_nobody(workspace, asker):
    for link in (asked(workspace, asker[0]), "/ask/" + "A" * 43):
        answer = guest().get(link)
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Frame-Options"] == "DENY"


# From a connect session


def test_whoever_holds_a_connect_link_may_ask_too(workspace):
    link, session = make_session(workspace, user_id="user-42", label="Set")
    client = guest()
    form = landed(client, link)
    typed = {**PageForm(form).sent, "credentials.email": "ada@example.com", "ask": PATH}
    ask = link_in(client.post(f"{form.url}/ask", typed))
    waiting = landed(client, link)
    assert "Asked for API Key" in waiting.content.decode()
    page = guest().get(ask).content.decode()
    assert "Somebody who connects Key and email to Acme" in page
    ConnectSession.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert "Thank you" in guest().post(ask, {PATH: "the secret"}).content.decode()
    row = Connection.objects.get()
    assert (row.user_id, row.label, row.owner) == ("user-42", "Set", None)
    session.refresh_from_db()
    assert (session.status, session.connected) == ("completed", row.public_id)
    assert client.get(f"{link}/asked")["Location"] == f"{link}/done"


def test_session_that_is_used_otherwise_leaves_nothing_to_answer(workspace):
    link, _session = make_session(workspace)
    client = guest()
    form = landed(client, link)
    typed = {"credentials.email": "ada@example.com", "ask": PATH}
    ask = link_in(client.post(f"{form.url}/ask", typed))
    assert client.post(form.url, {**typed, PATH: "found it"}).status_code == 303
    assert guest().post(ask, {PATH: "the secret"}).status_code == 410
    assert Connection.objects.get().credential.get_values()["api_key"] == "found it"


def test_question_that_is_taken_back_opens_the_form_again(workspace):
    link, session = make_session(workspace)
    client = guest()
    form = landed(client, link)
    typed = {"credentials.email": "ada@example.com", "ask": PATH}
    link_in(client.post(f"{form.url}/ask", typed))
    session.refresh_from_db()
    assert session.expires_at > timezone.now() + timedelta(days=2)
    assert client.post(f"{link}/asked/withdraw").status_code == 302
    session.refresh_from_db()
    assert session.expires_at < timezone.now() + timedelta(hours=1)
    assert landed(client, link).url == form.url


def test_tries_of_a_session_count_its_questions_too(workspace):
    link, _session = make_session(workspace)
    form = landed(guest(), link).url
    ConnectSession.objects.update(attempts=ConnectSession.MOST_TRIES)
    typed = {"credentials.email": "ada@example.com", "ask": PATH}
    assert guest().post(f"{form}/ask", typed).status_code == 429
    assert not SecretRequest.objects.exists()


def test_old_requests_are_tidied_up(workspace, asker):
    asked(workspace, asker[0])
    now = timezone.now()
    SecretRequest.objects.update(expires_at=now - timedelta(days=6))
    tidy_up()
    assert SecretRequest.objects.exists()
    SecretRequest.objects.update(expires_at=now - timedelta(days=8))
    tidy_up()
    assert not SecretRequest.objects.exists()
