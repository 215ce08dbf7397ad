from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from connections.models import AuditEvent, Connection, Credential, Membership
from connections.web import connecting
from tests.factories import (
    KEY_AND_EMAIL,
    load_builtin,
    make_integration,
    make_member,
    make_user,
    make_workspace,
)
from tests.web.browser import PageForm, errors_of, member_of, send, signed_in
from tests.web.test_connecting import TOKEN, ZENDESK, form_url

pytestmark = pytest.mark.django_db

# Every address of a workspace, and whether it takes a POST.
PAGES = {
    "integrations": False,
    "integrations/zendesk": False,
    "integrations/zendesk/api_token": True,
    "connections": False,
    "connections/{id}": False,
    "connections/{id}/edit": True,
    "connections/{id}/delete": True,
    "connections/{id}/switch": True,
    "connections/{id}/rename": True,
    "connections/{id}/check": True,
    "integrations/zendesk/api_token/check": True,
}
OF_ONE_ROW = [path for path in PAGES if "{id}" in path]
WRITING = [path for path, is_posted in PAGES.items() if is_posted]


def connected(workspace=None, role="member"):
    """A browser, its person's connection, and the address of that."""
    load_builtin("zendesk")
    workspace = workspace or make_workspace()
    client, user = member_of(workspace)
    url = send(client, form_url(workspace), ZENDESK)["Location"]
    Membership.objects.filter(user=user).update(role=role)
    return client, Connection.objects.get(owner=user), url


def address(row, path):
    return f"/w/{row.workspace.slug}/{path.format(id=row.public_id)}"


def state():
    """All that a refused request may not have changed."""
    return (
        list(Connection.objects.order_by("pk").values()),
        list(Credential.objects.order_by("pk").values()),
        AuditEvent.objects.count(),
    )


def visit(client, path, url):
    return client.post(url, ZENDESK) if PAGES[path] else client.get(url)


# Who may


@pytest.mark.parametrize("path", PAGES)
def test_signing_in_comes_first(path):
    _client, row, _url = connected()
    url, before = address(row, path), state()
    answer = visit(Client(), path, url)
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?next={url}")
    assert state() == before


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", ["outsider", "member-of-another", "staff"])
def test_workspace_of_strangers_looks_like_one_that_is_not_there(path, who):
    _client, row, _url = connected()
    user = make_user(is_staff=who == "staff", is_superuser=who == "staff")
    if who == "member-of-another":
        make_member(make_workspace(), user)
    client, before = signed_in(user), state()
    answer = visit(client, path, address(row, path))
    unknown = visit(client, path, address(row, path).replace(row.workspace.slug, "no-such-place"))
    assert (answer.status_code, unknown.status_code) == (404, 404)
    assert answer.content == unknown.content
    assert state() == before


@pytest.mark.parametrize("path", OF_ONE_ROW)
@pytest.mark.parametrize("who", ["colleague", "owner-of-the-workspace", "own-workspace"])
def test_connection_of_somebody_else_looks_like_one_that_is_not_there(path, who):
    _client, row, _url = connected()
    role = "owner" if who == "owner-of-the-workspace" else "member"
    user = make_member(row.workspace, role=role).user
    url = address(row, path)
    if who == "own-workspace":
        other = make_member(make_workspace(), user).workspace
        url = url.replace(row.workspace.slug, other.slug)
    client, before = signed_in(user), state()
    answer = visit(client, path, url)
    unknown = visit(client, path, url.replace(row.public_id, "conn_" + "0" * 32))
    assert (answer.status_code, unknown.status_code) == (404, 404)
    assert answer.content == unknown.content
    assert state() == before


def test_closed_workspace_is_not_found():
    client, row, url = connected()
    row.workspace.is_active = False
    row.workspace.save()
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_viewer_looks_and_changes_nothing(path):
    client, row, _url = connected(role="viewer")
    before = state()
    answer = visit(client, path, address(row, path))
    may_look = path in ("integrations", "connections", "connections/{id}")
    assert answer.status_code == (200 if may_look else 403)
    if not may_look:
        assert "You may not do this." in answer.content.decode()
    assert state() == before


def test_viewer_is_offered_nothing_that_is_refused():
    client, row, url = connected(role="viewer")
    for page in (url, f"/w/{row.workspace.slug}/connections"):
        text = client.get(page).content.decode()
        assert not any(word in text for word in ("/edit", "/delete", "/switch", "Add a connection"))
    gallery = client.get(f"/w/{row.workspace.slug}/integrations").content.decode()
    assert "integrations/zendesk" not in gallery


@pytest.mark.parametrize("path", WRITING)
def test_post_without_its_token_is_refused(path):
    _client, row, _url = connected()
    client = signed_in(row.owner, enforce_csrf_checks=True)
    before = state()
    answer = client.post(address(row, path), ZENDESK)
    assert answer.status_code == 403
    assert "Nothing was changed." in answer.content.decode()
    assert state() == before


def test_post_with_its_token_is_accepted():
    _client, row, url = connected()
    client = signed_in(row.owner, enforce_csrf_checks=True)
    assert send(client, f"{url}/edit", {"label": "Renamed"})["Location"] == url


@pytest.mark.parametrize("path", [*PAGES, "connections/conn_x"])
def test_no_cache_keeps_a_page(path):
    client, row, _url = connected()
    answer = client.get(address(row, path))
    assert answer["Cache-Control"] == "no-store"
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    text = answer.content.decode()
    assert "<style" not in text
    assert " style=" not in text
    assert "<script>" not in text


# The list and one of them


def test_list_shows_own_connections_newest_first_and_finds_them():
    client, row, url = connected()
    connected(row.workspace)
    send(client, form_url(row.workspace), {**ZENDESK, "label": "100% second"})
    base = f"/w/{row.workspace.slug}/connections"

    def labels(query=""):
        return [one.label for one in client.get(base + query).context["page"]]

    assert labels() == ["100% second", "Support"]
    assert labels("?search=SUPP") == ["Support"]
    assert labels("?search=%25") == ["100% second"]
    assert labels("?search=zendesk") == ["100% second", "Support"]
    assert labels("?search=nothing") == []
    assert labels("?search=%00") == ["100% second", "Support"]
    assert url in client.get(base).content.decode()


def test_list_tells_state_reason_account_and_age():
    client, row, _url = connected()
    row.mark_expired(code="gone", message="Its token ended.", hint="Enter it.", now=timezone.now())
    row.account_id, row.account_label = "7", "Acme Inc."
    row.save()
    text = client.get(f"/w/{row.workspace.slug}/connections").content.decode()
    reason = "Its token ended. Enter it."
    for words in ("Expired", reason, "Acme Inc.", "Zendesk", "not tested yet"):
        assert words in text


def test_list_costs_the_same_however_long_it_is(django_assert_max_num_queries):
    client, row, _url = connected()
    for _each in range(3):
        send(client, form_url(row.workspace), ZENDESK)
    with django_assert_max_num_queries(9):
        client.get(f"/w/{row.workspace.slug}/connections")


def test_detail_shows_values_names_of_secrets_and_what_happened(django_assert_max_num_queries):
    client, _row, url = connected()
    send(client, f"{url}/edit", {"label": "Renamed"})
    # The first look takes the result of the change along.
    client.get(url)
    with django_assert_max_num_queries(9):
        answer = client.get(url)
    text = answer.content.decode()
    assert answer.context["config"] == [("Subdomain", "acme")]
    assert answer.context["secrets"] == ["API token"]
    events = [(str(one["what"]), one["who"], one["fields"]) for one in answer.context["events"]]
    assert events == [
        ("Changed", "You", ["Label"]),
        ("Created", "You", ["Subdomain", "API token", "Email"]),
    ]
    assert TOKEN not in text
    assert "agent@example.com" not in text


# Changing


def test_change_names_what_was_changed_and_nothing_else():
    client, row, url = connected()
    send(client, f"{url}/edit", {"credentials.email": "other@example.com"})
    changed = AuditEvent.objects.filter(action="connection.changed").get()
    assert changed.fields == ["credentials.email"]
    row = Connection.objects.get()
    values = {"email": "other@example.com", "api_token": TOKEN}
    assert (row.label, row.credential.get_values()) == ("Support", values)


def test_another_host_asks_for_the_secret_again():
    client, _row, url = connected()
    before = state()
    answer = send(client, f"{url}/edit", {"config.subdomain": "evil"})
    [message] = errors_of(answer)["config.subdomain"]
    assert message.startswith("Field 'Subdomain' decides where the secret is sent")
    assert state() == before
    typed = {"config.subdomain": "other", "credentials.api_token": "b" * 40}
    assert send(client, f"{url}/edit", typed)["Location"] == url
    assert Connection.objects.get().config == {"subdomain": "other"}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        pytest.param({"config.subdomain": ""}, "config.subdomain", id="blank"),
        pytest.param({"credentials.email": "a@b"}, "credentials.email", id="wrong"),
        pytest.param({"credentials.api_token": "short"}, "credentials.api_token", id="short"),
        pytest.param({"credentials.zzz": "1"}, "__all__", id="unknown"),
        pytest.param(
            {"clear.credentials.api_token": "on"}, "credentials.api_token", id="cleared-by-hand"
        ),
    ],
)
def test_refused_change_changes_nothing(typed, field):
    client, _row, url = connected()
    before = state()
    assert field in errors_of(send(client, f"{url}/edit", typed))
    assert state() == before


def test_change_of_what_somebody_else_changed_meanwhile_is_shown_again():
    client, row, url = connected()
    sent = PageForm(client.get(f"{url}/edit")).sent
    send(client, f"{url}/edit", {"label": "Theirs"})
    typed = {**sent, "label": "Mine", "credentials.api_token": "c" * 40}
    answer = client.post(f"{url}/edit", typed)
    text = answer.content.decode()
    assert "This connection was changed while you were editing it." in text
    assert "c" * 40 not in text
    assert PageForm(answer).sent["label"] == ["Mine"]
    assert Connection.objects.get().label == "Theirs"
    again = {**PageForm(answer).sent, "credentials.api_token": "c" * 40}
    assert client.post(f"{url}/edit", again).status_code == 302
    assert Connection.objects.get().label == "Mine"


def test_race_that_is_lost_while_saving_is_shown_again(monkeypatch):
    client, row, url = connected()
    accept = connecting.FormPage.is_accepted

    def overtake(page):
        is_accepted = accept(page)
        later = F("updated_at") + timedelta(seconds=1)
        Connection.objects.filter(pk=row.pk).update(label="Theirs", updated_at=later)
        return is_accepted

    monkeypatch.setattr(connecting.FormPage, "is_accepted", overtake)
    answer = send(client, f"{url}/edit", {"label": "Mine", "credentials.api_token": "c" * 40})
    text = answer.content.decode()
    assert "This connection was changed while you were editing it." in text
    assert "c" * 40 not in text
    assert PageForm(answer).sent["label"] == ["Mine"]
    assert Connection.objects.get().label == "Theirs"
    assert Connection.objects.get().credential.get_values()["api_token"] == TOKEN


# On, off, gone


def test_connection_is_switched_off_and_on_again():
    client, _row, url = connected()
    for status, word in (("inactive", "Switched off."), ("active", "Switched on.")):
        answer = client.post(f"{url}/switch", {"status": status}, follow=True)
        assert word in answer.content.decode()
        assert Connection.objects.get().status == status
    assert Connection.objects.get().credential.get_values()["api_token"] == TOKEN


@pytest.mark.parametrize("status", ["", "expired", "ACTIVE", "\0", None])
def test_other_states_cannot_be_set(status):
    client, _row, url = connected()
    before = state()
    answer = client.post(f"{url}/switch", {} if status is None else {"status": status})
    assert answer.status_code == 302
    assert state() == before


def test_connection_that_fits_no_more_is_not_switched_on():
    make_integration(KEY_AND_EMAIL)
    workspace = make_workspace()
    client, _user = member_of(workspace)
    typed = {"credentials.api_key": "top-secret", "credentials.email": "a@example.com"}
    url = send(client, form_url(workspace, "key-and-email", "api_key"), typed)["Location"]
    client.post(f"{url}/switch", {"status": "inactive"})
    make_integration(KEY_AND_EMAIL.replace("label: API Key", "label: API Key, min_length: 20"))
    text = client.post(f"{url}/switch", {"status": "active"}, follow=True).content.decode()
    assert "It cannot be used as it is. Edit it first." in text
    assert "must be at least 20 characters" in text
    assert "top-secret" not in text
    assert Connection.objects.get().status == "inactive"


def test_looking_switches_nothing():
    client, _row, url = connected()
    assert client.get(f"{url}/switch").status_code == 405


def test_deleting_asks_first_and_takes_the_secret_along():
    client, row, url = connected()
    before = state()
    asked = client.get(f"{url}/delete")
    assert "Delete Support?" in asked.content.decode()
    assert state() == before
    answer = client.post(f"{url}/delete", follow=True)
    assert "Deleted. You can undo that" in answer.content.decode()
    assert not Connection.objects.exists()
    assert not Credential.objects.exists()
    assert AuditEvent.objects.filter(subject=row.public_id, action="connection.deleted").exists()
    assert client.post(f"{url}/delete").status_code == 404
    assert client.get(url).status_code == 404
