"""Deleting from the pages: told what uses it, undone for a while, then gone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.models import AuditEvent, Connection, Credential, DeletedConnection
from integrations.models import Integration
from tests.factories import api_client, make_key_row, make_member
from tests.web.browser import member_of, send, signed_in
from tests.web.test_connecting import TOKEN, ZENDESK, form_url
from tests.web.test_own_connections import connected

pytestmark = pytest.mark.django_db


def list_of(client, row):
    return client.get(reverse("connections", args=[row.workspace.slug]))


def undo(client, row, **options):
    return client.post(reverse("undo-delete", args=[row.workspace.slug, row.public_id]), **options)


def test_page_before_deleting_says_what_uses_it():
    client, row, url = connected()
    row.user_id, row.metadata = "person 7", {"team": "blue"}
    row.save()
    text = client.get(f"{url}/delete").content.decode()
    for words in (
        "Nobody has asked for its secrets yet",
        "No other connection uses it: it is deleted too.",
        "person 7",
        "team",
        "blue",
        "You can undo this until",
    ):
        assert words in text
    key, secret = make_key_row(row.workspace, label="Nightly sync")
    api_client(secret).get_json(f"/connections/{row.public_id}/credentials")
    text = client.get(f"{url}/delete").content.decode()
    assert "The program with the key &#x27;Nightly sync&#x27;" in text
    assert TOKEN not in text


def test_page_before_deleting_counts_who_shares_the_credential():
    client, row, url = connected()
    for owner in (row.owner, make_member(row.workspace).user, None):
        Connection.objects.create(
            workspace=row.workspace,
            integration_id=row.integration_id,
            auth_method_id=row.auth_method_id,
            credential_id=row.credential_id,
            label="Shares it",
            owner=owner,
            created_by="test",
        )
    text = client.get(f"{url}/delete").content.decode()
    assert "1 other connection of yours uses it too." in text
    assert "2 connections of others in this workspace use it too." in text
    client.post(f"{url}/delete")
    assert Credential.objects.filter(pk=row.credential_id).exists()


def test_deleted_connection_is_offered_and_comes_back():
    client, row, url = connected()
    answer = client.post(f"{url}/delete", follow=True)
    text = answer.content.decode()
    assert "Recently deleted" in text
    assert reverse("undo-delete", args=[row.workspace.slug, row.public_id]) in text
    # Nobody can see it any more but in that place.
    assert client.get(url).status_code == 404
    assert list(answer.context["page"]) == []
    back = undo(client, row, follow=True)
    assert back.redirect_chain == [(url, 302)]
    assert "It is back, as it was." in back.content.decode()
    assert "Brought back" in back.content.decode()
    assert Connection.objects.get().credential.get_values()["api_token"] == TOKEN
    assert "Recently deleted" not in list_of(client, row).content.decode()


@pytest.mark.parametrize("when", ["twice", "too-late", "never-deleted", "by-a-colleague"])
def test_undo_of_what_is_not_there_is_not_found(when):
    client, row, url = connected()
    if when != "never-deleted":
        client.post(f"{url}/delete")
    if when == "twice":
        undo(client, row)
    elif when == "too-late":
        DeletedConnection.objects.update(destroy_at=timezone.now())
    elif when == "by-a-colleague":
        client, _user = member_of(row.workspace, "owner")
        assert "Recently deleted" not in list_of(client, row).content.decode()
    before = Connection.objects.count(), DeletedConnection.objects.count()
    assert undo(client, row).status_code == 404
    assert (Connection.objects.count(), DeletedConnection.objects.count()) == before


def test_undo_without_its_integration_says_what_to_do():
    client, row, url = connected()
    client.post(f"{url}/delete")
    Integration.objects.all().delete()
    text = undo(client, row, follow=True).content.decode()
    assert "was removed. Make a new connection." in text
    assert not Connection.objects.exists()


def test_undo_needs_its_token_and_a_post():
    client, row, url = connected()
    client.post(f"{url}/delete")
    strict = signed_in(row.owner, enforce_csrf_checks=True)
    assert undo(strict, row).status_code == 403
    address = reverse("undo-delete", args=[row.workspace.slug, row.public_id])
    assert client.get(address).status_code == 405
    assert not Connection.objects.exists()


def test_list_offers_only_what_can_still_be_brought_back(settings):
    settings.UNDO_DELETE_SECONDS = 60
    client, row, url = connected()
    client.post(f"{url}/delete")
    kept = DeletedConnection.objects.get()
    assert kept.destroy_at - kept.deleted_at == timedelta(seconds=60)
    assert kept.label in list_of(client, row).content.decode()
    DeletedConnection.objects.update(destroy_at=timezone.now())
    assert "Recently deleted" not in list_of(client, row).content.decode()


def test_setting_of_nought_destroys_at_once(settings):
    settings.UNDO_DELETE_SECONDS = 0
    client, row, url = connected()
    text = client.get(f"{url}/delete").content.decode()
    assert "Its secrets are destroyed with it and cannot be brought back." in text
    assert "Deleted." in client.post(f"{url}/delete", follow=True).content.decode()
    assert not DeletedConnection.objects.exists()
    assert not Credential.objects.exists()


def test_programs_do_not_see_a_deleted_connection():
    client, row, url = connected()
    _key, secret = make_key_row(row.workspace)
    client.post(f"{url}/delete")
    program = api_client(secret)
    assert program.get_json(f"/connections/{row.public_id}").status_code == 404
    assert program.get_json("/connections").json()["total"] == 0
    assert program.get_json("/credentials").json()["total"] == 0


# Its name


def test_connection_is_renamed_and_nothing_else():
    client, row, url = connected()
    before = row.credential.updated_at
    page = send(client, f"{url}/rename", {"label": "Ours"})
    assert page["Location"] == url
    row = Connection.objects.select_related("credential").get()
    assert (row.label, row.credential.updated_at) == ("Ours", before)
    changed = AuditEvent.objects.get(action="connection.changed")
    assert changed.fields == ["label"]
    assert "Renamed." in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("label", "message"),
    [
        pytest.param("x" * 256, "must be at most 255 characters", id="long"),
        pytest.param(" padded ", "must not start or end with a space", id="padded"),
        pytest.param("a\0b", "must be text", id="nul"),
    ],
)
def test_name_that_is_refused_is_shown_again_with_the_reason(label, message):
    client, _row, url = connected()
    answer = client.post(f"{url}/rename", {"label": label})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert message in text
    assert 'aria-invalid="true"' in text
    assert "Rename Support</h1>" in text
    assert Connection.objects.get().label == "Support"


def test_blank_name_becomes_that_of_the_integration():
    client, _row, url = connected()
    client.post(f"{url}/rename", {"label": ""})
    assert Connection.objects.get().label == "Zendesk"


def test_others_of_the_same_person_stay_where_they_are():
    client, row, url = connected()
    send(client, form_url(row.workspace), {**ZENDESK, "label": "Second"})
    client.post(f"{url}/delete")
    assert [one.label for one in Connection.objects.all()] == ["Second"]
