"""Secrets shown to staff: once, to those who may, after they confirmed who they are."""

import time
from urllib.parse import quote

import pytest
from django.contrib.admin.models import LogEntry

from connections.models import AuditEvent, Connection
from tests.admin_site.pages import page_of, staff
from tests.canary import SECRETIVE, WORD, heard_in, heard_in_storage, secrets
from tests.factories import _hashed, api_client, make_integration, make_key, make_workspace
from tests.web.browser import send

pytestmark = pytest.mark.django_db
MAY = ("connections.view_connection", "connections.reveal_connection")


@pytest.fixture
def row():
    make_integration(SECRETIVE)
    body = {"integration": "secretive", "integration_type": "custom", "label": "Secretive"}
    client = api_client(make_key(make_workspace()))
    assert client.post_json("/connections", {**body, **secrets()}).status_code == 201
    AuditEvent.objects.all().delete()
    return Connection.objects.get()


def revealing(*permissions):
    client, user = staff(*permissions)
    user.password = _hashed("a password")
    user.save(update_fields=["password"])
    # A new password ends the session.
    client.force_login(user)
    return client, user


def confirm(client, row):
    asked = client.get(page_of(row, "reveal"))
    assert asked["Location"] == f"/account/confirm?next={quote(page_of(row, 'reveal'), safe='')}"
    answer = send(client, asked["Location"], {"password": "a password"})
    assert answer["Location"] == page_of(row, "reveal")


def test_secrets_are_shown_after_a_confirmation(row):
    client, user = revealing(*MAY)
    confirm(client, row)
    before = client.get(page_of(row, "reveal"))
    assert before.status_code == 200
    assert heard_in(before.content) == []
    assert not AuditEvent.objects.exists()
    page = client.post(page_of(row, "reveal"))
    assert page.status_code == 200
    assert heard_in(page.content)
    assert "credentials.word" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.subject) == (
        "connection.revealed",
        f"user_{user.pk}",
        row.public_id,
    )
    assert "credentials.word" in event.fields


def test_page_lets_its_form_say_where_it_comes_from(row):
    """A page with `no-referrer` sends `Origin: null`, which the check of forms refuses."""
    client, _user = revealing(*MAY)
    confirm(client, row)
    assert client.get(page_of(row, "reveal"))["Referrer-Policy"] == "same-origin"


def test_nothing_is_kept_of_what_was_shown(row):
    client, _user = revealing(*MAY)
    confirm(client, row)
    client.post(page_of(row, "reveal"))
    assert heard_in_storage() == []
    assert heard_in(str(dict(client.session.items()))) == []
    assert not LogEntry.objects.exists()
    later = [client.get(page_of(row, "reveal")), client.get(page_of(row)), client.get("/admin/")]
    assert [page.status_code for page in later] == [200] * 3
    assert [page for page in later if heard_in(page.content)] == []


def test_a_sign_in_alone_is_no_confirmation(row):
    client, _user = revealing(*MAY)
    for answer in (client.get(page_of(row, "reveal")), client.post(page_of(row, "reveal"))):
        assert answer["Location"].startswith("/account/confirm?next=")
        assert heard_in(answer.content) == []
    assert not AuditEvent.objects.exists()


def test_a_wrong_password_is_no_confirmation(row):
    client, _user = revealing(*MAY)
    asked = client.get(page_of(row, "reveal"))["Location"]
    assert send(client, asked, {"password": "wrong"}).status_code == 200
    assert client.post(page_of(row, "reveal"))["Location"] == asked


def test_a_confirmation_lasts_five_minutes(row, monkeypatch):
    client, _user = revealing(*MAY)
    confirm(client, row)
    now = time.time()
    for seconds, status in ((299, 200), (301, 302)):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: now + seconds)
        assert client.get(page_of(row, "reveal")).status_code == status


def test_a_confirmation_is_the_persons_own(row):
    client, _user = revealing(*MAY)
    confirm(client, row)
    _other, user = revealing(*MAY)
    client.force_login(user)
    assert client.post(page_of(row, "reveal")).status_code == 302


@pytest.mark.parametrize(
    "permissions",
    [
        pytest.param(("connections.view_connection",), id="viewer"),
        pytest.param(
            ("connections.view_connection", "connections.change_connection"), id="operator"
        ),
        pytest.param(("connections.reveal_connection",), id="who-cannot-even-look"),
    ],
)
def test_others_are_refused(row, permissions):
    client, _user = revealing(*permissions)
    send(client, "/account/confirm", {"password": "a password"})
    for answer in (client.get(page_of(row, "reveal")), client.post(page_of(row, "reveal"))):
        assert answer.status_code == 403
        assert heard_in(answer.content) == []
    if permissions[0] == MAY[0]:
        assert "reveal/" not in client.get(page_of(row)).content.decode()


def test_button_is_there_for_who_may(row):
    client, _user = revealing(*MAY)
    assert "reveal/" in client.get(page_of(row)).content.decode()


def test_who_cannot_confirm_is_refused(row):
    client, _user = staff(*MAY)
    for answer in (client.get(page_of(row, "reveal")), client.post(page_of(row, "reveal"))):
        assert answer.status_code == 403
        assert heard_in(answer.content) == []


def test_connection_that_is_none_is_not_found():
    client, _user = revealing(*MAY)
    path = "/admin/connections/connection/01900000-0000-7000-8000-000000000000/reveal/"
    assert client.post(path).status_code == 404


def test_the_word_is_the_one_that_was_stored(row):
    client, _user = revealing(*MAY)
    confirm(client, row)
    shown = dict(client.post(page_of(row, "reveal")).context["values"])
    assert shown["credentials.word"] == WORD
    assert shown["config.config_secret"] == WORD
