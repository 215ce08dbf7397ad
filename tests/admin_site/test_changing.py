"""A connection is changed, its secrets on a page of their own; it is switched on and off."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry

from connections.admin import ConnectionAdmin
from connections.admin.forms import ConnectionAdminForm
from connections.models import AuditEvent, Connection
from connections.serializers import ConnectionSerializer
from connections.services.locks import Overtaken
from integrations.models import Integration
from integrations.services import mark_changed
from tests.admin_site.pages import (
    THREE_WAYS,
    AdminForm,
    codes_of,
    errors_of,
    messages_of,
    page_of,
    send,
    staff,
)
from tests.factories import make_actor, make_integration, make_member, make_workspace

pytestmark = pytest.mark.django_db

KEY, OTHER = "canary-4711-key", "canary-0815-key"


def connect(workspace: Any, method: str = "api_key", **sections: Any) -> Connection:
    body = {
        "integration": "three-ways",
        "integration_type": "api",
        "label": "Mine",
        "auth_method_id": method,
        "credentials": {"api_key": KEY, "email": "a@example.com", "passphrase": "canary-words"},
        "config": {"region": "eu"},
        **sections,
    }
    serializer = ConnectionSerializer(data=body, context={"actor": make_actor(workspace)})
    assert serializer.is_valid(), serializer.problems
    return serializer.save()


@pytest.fixture
def workspace() -> Any:
    make_integration(THREE_WAYS)
    return make_workspace()


@pytest.fixture
def row(workspace) -> Connection:
    return connect(workspace)


def again(row: Connection) -> Connection:
    return Connection.objects.with_parts().get(pk=row.pk)


def test_change_page_shows_values_that_are_no_secrets_and_asks_for_none(row):
    client, _user = staff()
    page = client.get(page_of(row))
    form = AdminForm(page).sent
    assert (form["credentials.email"], form["config.region"]) == (["a@example.com"], ["eu"])
    assert [name for name in form if "api_key" in name or "passphrase" in name] == []
    assert "canary" not in page.content.decode()
    assert f"{row.pk}/secrets/" in page.content.decode()
    assert "API Key, Passphrase" in page.content.decode()


def test_saving_the_page_as_it_is_drawn_changes_nothing(row):
    client, _user = staff()
    answer = send(client, page_of(row))
    assert answer.status_code == 302, errors_of(answer)
    now = again(row)
    assert (now.label, now.config, now.metadata) == ("Mine", {"region": "eu"}, {})
    assert now.credential.get_values() == row.credential.get_values()


def test_change_is_written_by_the_service_and_audited(row):
    client, user = staff()
    owner = make_member(row.workspace).user
    typed = {
        "label": "Renamed",
        "credentials.email": "b@example.com",
        "config.region": "",
        "metadata": "team: sales",
        "owner": owner.pk,
    }
    answer = send(client, page_of(row), typed)
    assert answer.status_code == 302, errors_of(answer)
    now = again(row)
    assert (now.label, now.config, now.owner) == ("Renamed", {}, owner)
    assert now.metadata == {"team": "sales"}
    assert now.credential.get_values() == {**row.credential.get_values(), "email": "b@example.com"}
    said = AuditEvent.objects.filter(actor=f"user_{user.pk}").order_by("id")
    assert [event.fields for event in said] == [
        ["config.region", "credentials.email", "label", "metadata"],
        ["owner"],
    ]


def test_metadata_is_shown_and_kept(row):
    Connection.objects.update(metadata={"team": "sales"})
    client, _user = staff()
    assert AdminForm(client.get(page_of(row))).sent["metadata"] == ["team: sales"]
    send(client, page_of(row), {"label": "Renamed"})
    assert again(row).metadata == {"team": "sales"}


def test_refused_change_changes_nothing(row):
    client, _user = staff()
    page = send(client, page_of(row), {"credentials.email": "a@b", "label": "x" * 256})
    assert codes_of(page) == {("credentials.email", "invalid_email"), ("label", "max_length")}
    assert again(row).label == "Mine"


def test_stale_page_is_shown_again_with_what_was_typed(row):
    client, _user = staff()
    form = AdminForm(client.get(page_of(row)))
    send(client, page_of(row), {"label": "By another"})
    page = client.post(page_of(row), {**form.sent, "label": "Typed", "_save": "Save"})
    assert ("__all__", "overtaken") in codes_of(page)
    assert AdminForm(page).sent["label"] == ["Typed"]
    assert again(row).label == "By another"
    client.post(page_of(row), {**AdminForm(page).sent, "_save": "Save"})
    assert again(row).label == "Typed"


@pytest.mark.parametrize("page", ["change", "secrets"])
def test_row_that_moves_on_while_it_is_saved_is_not_overwritten(row, page, monkeypatch):
    """Somebody else writes between the first try's reading and its writing."""
    client, _user = staff()
    form = AdminForm(client.get(page_of(row, page))).sent
    seen, tries = [], []

    def get_object(self, *args):
        found = super(ConnectionAdmin, self).get_object(*args)
        seen.append(found)
        # The first reading is for the question to the service.
        if len(seen) == 3:
            found.updated_at = datetime(2031, 1, 1, tzinfo=UTC)
        return found

    def store(self):
        tries.append(self)
        raise Overtaken

    monkeypatch.setattr(ConnectionAdmin, "get_object", get_object)
    monkeypatch.setattr(ConnectionAdminForm, "store", store)
    answer = client.post(page_of(row, page), {**form, "config.region": "us", "_save": "Save"})
    assert len(tries) == 1
    assert ("__all__", "overtaken") in codes_of(answer)
    assert AdminForm(answer).sent["config.region"] == ["us"]
    assert again(row).config == {"region": "eu"}


def test_row_that_never_rests_is_given_up_with_a_message(row, monkeypatch):
    def store(self):
        raise Overtaken

    monkeypatch.setattr(ConnectionAdminForm, "store", store)
    client, _user = staff()
    answer = send(client, page_of(row), {"label": "Typed"}, follow=True)
    assert messages_of(answer) == ["It is being changed by somebody else. Try again."]


# The page of secrets.


def test_page_of_secrets_draws_none(row):
    client, _user = staff()
    page = client.get(page_of(row, "secrets"))
    form = AdminForm(page).sent
    assert (form["credentials.api_key"], form["credentials.passphrase"]) == ([""], [""])
    assert "label" not in form
    assert "canary" not in page.content.decode()
    assert "Stored: leave blank to keep it." in page.content.decode()


SECRETS = {
    "blank keeps": ({}, {"api_key": KEY, "passphrase": "canary-words"}),
    "value replaces": (
        {"credentials.api_key": OTHER},
        {"api_key": OTHER, "passphrase": "canary-words"},
    ),
    "tick clears": ({"clear.credentials.passphrase": "on"}, {"api_key": KEY}),
    "others change along": (
        {"credentials.passphrase": "new words", "credentials.email": "b@example.com"},
        {"api_key": KEY, "passphrase": "new words", "email": "b@example.com"},
    ),
}


@pytest.mark.parametrize("case", SECRETS)
def test_secrets_are_kept_replaced_and_cleared(row, case):
    typed, expected = SECRETS[case]
    client, _user = staff()
    answer = send(client, page_of(row, "secrets"), typed)
    assert answer.status_code == 302, errors_of(answer)
    now = again(row)
    assert now.credential.get_values() == {"email": "a@example.com", **expected}
    assert (now.label, now.config) == ("Mine", {"region": "eu"})
    assert "canary" not in LogEntry.objects.get().change_message


def test_refused_secret_is_not_shown_again(row):
    client, _user = staff()
    page = send(client, page_of(row, "secrets"), {"credentials.api_key": "canary"})
    assert codes_of(page) == {("credentials.api_key", "min_length")}
    assert "canary" not in page.content.decode()
    assert again(row).credential.get_values()["api_key"] == KEY


def test_new_host_asks_for_the_secret_and_gets_it_on_the_page_of_secrets(workspace):
    row = connect(
        workspace,
        "basic",
        credentials={"username": "u", "password": KEY},
        config={"host": "a.example.com"},
    )
    client, _user = staff()
    page = send(client, page_of(row), {"config.host": "evil.example.com"})
    assert ("config.host", "secret_needed_again") in codes_of(page)
    typed = {"config.host": "b.example.com", "credentials.password": OTHER}
    answer = send(client, page_of(row, "secrets"), typed)
    assert answer.status_code == 302, errors_of(answer)
    assert (again(row).config, again(row).credential.get_values()["password"]) == (
        {"host": "b.example.com"},
        OTHER,
    )


@pytest.mark.parametrize("page", ["secrets", "switch", "change", "history", "delete"])
@pytest.mark.parametrize("name", ["0190b2f4-0000-7000-8000-000000000000", "1", "%00", "conn_x"])
def test_unknown_connection_is_no_error(row, page, name):
    client, _user = staff()
    url = f"/admin/connections/connection/{name}/{page}/"
    answer = client.post(url) if page == "switch" else client.get(url)
    assert answer.status_code in (302, 404)


# On and off.


def test_connection_is_switched_off_and_on(row):
    client, user = staff()
    client.post(page_of(row, "switch"), {"status": "inactive"})
    assert again(row).status == "inactive"
    assert "Switch on" in client.get(page_of(row)).content.decode()
    client.post(page_of(row, "switch"), {"status": "active"})
    assert again(row).status == "active"
    said = AuditEvent.objects.filter(actor=f"user_{user.pk}")
    assert [event.fields for event in said] == [["status"], ["status"]]
    assert LogEntry.objects.count() == 2


def test_switch_needs_a_post(row):
    client, _user = staff()
    assert client.get(page_of(row, "switch")).status_code == 405


@pytest.mark.parametrize("status", ["", "error", "\0", "active\n"])
def test_switch_refuses_another_status(row, status):
    client, _user = staff()
    answer = client.post(page_of(row, "switch"), {"status": status}, follow=True)
    assert messages_of(answer)[0].startswith("Mine: ")
    assert again(row).status == "active"


def test_switching_on_checks_what_is_stored(row):
    client, _user = staff()
    client.post(page_of(row, "switch"), {"status": "inactive"}, follow=True)
    method = Integration.objects.get().auth_methods.get(slug="api_key")
    method.fields.create(key="team", label="Team", secure=False)
    mark_changed(method.integration_id)
    answer = client.post(page_of(row, "switch"), {"status": "active"}, follow=True)
    assert messages_of(answer) == ["Mine: Field 'Team' is required."]
    assert again(row).status == "inactive"
