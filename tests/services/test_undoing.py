"""A deleted connection can be brought back for a while; then nothing of it is left."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection as database
from django.utils import timezone

from connections.jobs.housekeeping import tidy_up
from connections.models import AuditEvent, Connection, Credential, DeletedConnection, OAuthClient
from connections.services.connections import delete_connection
from connections.services.locks import Overtaken
from connections.services.undoing import CannotUndo, undo_deletion
from integrations.models import Integration
from tests.api.bodies import KEYED, keyed
from tests.factories import (
    KEY_AND_EMAIL,
    api_client,
    load_builtin,
    make_actor,
    make_integration,
    make_key,
    make_member,
    make_oauth_client,
    make_workspace,
)
from tests.test_databases import on_sqlite

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
# What bringing back changes: whoever read the row before must not write over it.
TOUCHED = {"updated_at"}


class Home:
    """A workspace, a person, and connections of theirs."""

    def __init__(self):
        make_integration(KEY_AND_EMAIL)
        self.workspace = make_workspace()
        self.user = make_member(self.workspace).user
        self.actor = make_actor(self.workspace, self.user)
        self.client = api_client(make_key(self.workspace))

    def connect(self, **changes):
        body = keyed(metadata={"team": "blue"}, user_id="u1", **changes)
        made = self.client.post_json("/connections", body).json()
        row = Connection.objects.named(self.workspace.id, made["id"])
        Connection.objects.filter(pk=row.pk).update(owner=self.user, next_test_at=timezone.now())
        row.refresh_from_db()
        return row

    def delete(self, row, undo_for=HOUR):
        delete_connection(actor=self.actor, connection=row, undo_for=undo_for)

    def undo(self, row):
        return undo_deletion(actor=self.actor, deleted=DeletedConnection(pk=row.pk))


@pytest.fixture
def home():
    return Home()


def columns(model):
    rows = [{k: v for k, v in row.items() if k not in TOUCHED} for row in model.objects.values()]
    return [{k: bytes(v) if isinstance(v, memoryview) else v for k, v in r.items()} for r in rows]


def test_undo_brings_every_column_back_and_the_secrets_open(home):
    row = home.connect()
    Credential.objects.update(next_refresh_at=timezone.now(), token_expires_at=timezone.now())
    before = columns(Connection), columns(Credential)
    home.delete(row)
    assert not Connection.objects.exists()
    assert not Credential.objects.exists()
    restored = home.undo(row)
    assert (columns(Connection), columns(Credential)) == before
    assert restored.credential.get_values() == KEYED["credentials"]
    assert not DeletedConnection.objects.exists()
    actions = AuditEvent.objects.filter(subject=row.public_id).values_list("action", flat=True)
    assert list(actions) == ["connection.restored", "connection.deleted", "connection.created"]
    answer = home.client.get_json(f"/connections/{row.public_id}")
    assert (answer.status_code, answer.json()["user_id"]) == (200, "u1")


def test_undo_brings_an_oauth_grant_back_due_as_it_was(home):
    load_builtin("gmail")
    client = make_oauth_client(home.workspace, "gmail")
    row, due = home.connect(), timezone.now() + HOUR
    lease = {"refresh_lease": row.pk, "refresh_lease_until": due}
    Credential.objects.update(next_refresh_at=due, oauth_client=client, **lease)
    home.delete(row)
    home.undo(row)
    credential = Credential.objects.get()
    assert (credential.next_refresh_at, credential.oauth_client) == (due, client)
    # Whoever held it when it was deleted has let go of it.
    assert (credential.refresh_lease, credential.refresh_lease_until) == (None, None)


def test_undo_works_though_the_oauth_client_is_gone(home):
    load_builtin("gmail")
    row = home.connect()
    Credential.objects.update(oauth_client=make_oauth_client(home.workspace, "gmail"))
    home.delete(row)
    OAuthClient.objects.all().delete()
    assert home.undo(row).credential.oauth_client is None


def test_credential_that_others_use_stays_and_is_used_again(home):
    first = home.connect()
    second = home.connect(credentials=None, credential_id=first.credential.public_id)
    home.delete(first)
    assert DeletedConnection.objects.get().sealed_values is None
    assert Credential.objects.count() == 1
    home.undo(first)
    assert first.credential_id == second.credential_id
    assert Credential.objects.count() == 1


def test_credential_comes_back_from_whichever_connection_it_went_with(home):
    first = home.connect()
    second = home.connect(credentials=None, credential_id=first.credential.public_id)
    home.delete(first)
    home.delete(second)
    assert not Credential.objects.exists()
    assert home.undo(first).credential.get_values() == KEYED["credentials"]
    assert home.undo(second).credential_id == first.credential_id
    assert Credential.objects.count() == 1


def test_connection_whose_credential_was_changed_meanwhile_is_tried_at_once(home):
    first = home.connect()
    home.connect(credentials=None, credential_id=first.credential.public_id)
    later = timezone.now() + HOUR
    Connection.objects.update(next_test_at=later)
    home.delete(first)
    Credential.objects.update(updated_at=timezone.now())
    assert home.undo(first).next_test_at < later


@pytest.mark.parametrize("missing", ["integration", "method", "credential"])
def test_undo_without_what_it_needs_says_so_and_changes_nothing(home, missing):
    first = home.connect()
    home.delete(first)
    if missing == "credential":
        DeletedConnection.objects.update(credential_columns=None)
    elif missing == "method":
        Integration.objects.get().auth_methods.all().delete()
    else:
        Integration.objects.all().delete()
    with pytest.raises(CannotUndo) as refused:
        home.undo(first)
    assert refused.value.sentence.endswith("Make a new connection.")
    assert not Connection.objects.exists()
    assert DeletedConnection.objects.exists()


@pytest.mark.parametrize("when", ["twice", "too-late", "destroyed", "elsewhere"])
def test_undo_of_what_is_not_there_is_refused(home, when):
    row = home.connect()
    home.delete(row)
    if when == "twice":
        home.undo(row)
    elif when == "too-late":
        DeletedConnection.objects.update(destroy_at=timezone.now())
    elif when == "destroyed":
        DeletedConnection.objects.all().delete()
    else:
        home.actor = make_actor(make_workspace(), home.user)
    with pytest.raises(Overtaken):
        home.undo(row)


def raw_rows():
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM connections_deletedconnection")
        return cursor.fetchall()


def test_after_its_time_nothing_is_left_in_the_table(home):
    kept, over = home.connect(), home.connect()
    home.delete(kept)
    home.delete(over)
    tidy_up()
    assert len(raw_rows()) == 2
    DeletedConnection.objects.filter(pk=over.pk).update(destroy_at=timezone.now())
    tidy_up()
    left = raw_rows()
    assert len(left) == 1
    assert over.pk.hex not in repr(left).replace("-", "")


@pytest.mark.parametrize("undo_for", [timedelta(0), HOUR], ids=["at-once", "nobody-owns-it"])
def test_nothing_is_kept_where_nobody_could_bring_it_back(home, undo_for):
    row = home.connect()
    if undo_for:
        Connection.objects.update(owner=None)
    home.delete(row, undo_for)
    assert raw_rows() == []
    assert not Credential.objects.exists()


def test_programs_destroy_at_once(home):
    row = home.connect()
    assert home.client.call("DELETE", f"/connections/{row.public_id}").status_code == 204
    assert raw_rows() == []


def test_deletion_that_fails_keeps_nothing_aside(home, monkeypatch):
    row = home.connect()
    monkeypatch.setattr("connections.services.connections.record", None)
    with pytest.raises(TypeError):
        home.delete(row)
    assert raw_rows() == []
    assert Connection.objects.exists()


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_destroyed_secrets_leave_the_file_of_the_database(home):
    row = home.connect()
    sealed = bytes(row.credential.sealed_values)
    assert sealed in stored_bytes()
    home.delete(row, undo_for=timedelta(0))
    assert not Credential.objects.exists()
    assert sealed not in stored_bytes()


def stored_bytes():
    with database.cursor() as cursor:
        # Else it waits in the log for the next checkpoint.
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(database.settings_dict["NAME"]).read_bytes()
