"""Connections are found, filtered, switched and deleted in bulk; no filter tells a secret."""

from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from connections.admin import testing as page
from connections.models import AuditEvent, Connection, Credential
from tests.admin_site.pages import CONNECTIONS, THREE_WAYS, messages_of, staff
from tests.admin_site.test_changing import connect
from tests.factories import make_integration, make_member, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows() -> dict[str, Connection]:
    make_integration(THREE_WAYS)
    make_integration(THREE_WAYS.replace("three-ways", "other").replace("Three ways", "Zebra"))
    here, there = make_workspace("here"), make_workspace("there")
    rows = {
        "plain": connect(here, label="Plain"),
        "mail": connect(here, label="Mail", user_id="customer-7"),
        "far": connect(there, label="Far"),
        "zebra": connect(there, label="Stripes", integration="other"),
    }
    Connection.objects.filter(pk=rows["plain"].pk).update(account_label="anna@example.com")
    Connection.objects.filter(pk=rows["far"].pk).update(status="inactive")
    owner = make_member(here).user
    owner.username = "olga"
    owner.save()
    Connection.objects.filter(pk=rows["mail"].pk).update(owner=owner)
    return rows


def listed(client: Any, query: str) -> set[str]:
    answer = client.get(f"{CONNECTIONS}?{query}")
    assert answer.status_code == 200, answer
    return {row.label for row in answer.context["cl"].result_list}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Plain", "Mail", "Far", "Stripes"}),
        ("q=plain", {"Plain"}),
        ("q=anna", {"Plain"}),
        ("q=customer-7", {"Mail"}),
        ("q=zebra", {"Stripes"}),
        ("q=conn_00000000000000000000000000000000", set()),
        ("q=%25", set()),
        ("status__exact=inactive", {"Far"}),
        ("integration__type__exact=api", {"Plain", "Mail", "Far", "Stripes"}),
        ("integration__type__exact=mcp", set()),
        ("workspace=here", {"Plain", "Mail"}),
        ("workspace=nowhere", set()),
        ("owner=olga", {"Mail"}),
        ("workspace=there&status__exact=inactive&q=far", {"Far"}),
    ],
)
def test_list_is_searched_and_filtered(rows, query, expected):
    client, _user = staff()
    assert listed(client, query) == expected


def test_list_is_filtered_by_integration(rows):
    client, _user = staff()
    assert listed(client, "integration=other") == {"Stripes"}


def test_public_id_finds_its_connection(rows):
    client, _user = staff()
    assert listed(client, f"q={rows['far'].public_id}") == {"Far"}


def test_typed_filter_keeps_the_others(rows):
    client, _user = staff()
    text = client.get(f"{CONNECTIONS}?status__exact=active&q=mail").content.decode()
    assert '<input type="hidden" name="status__exact" value="active">' in text
    assert '<input type="hidden" name="q" value="mail">' in text


TELLING = [
    ("connection", "sealed_config__startswith=%01"),
    ("connection", "sealed_config__isnull=1"),
    ("connection", "credential__sealed_values__startswith=%01"),
    ("connection", "workspace__keys__wrapped__gt=1"),
    ("connection", "owner__password__startswith=pbkdf2"),
    ("connection", "config__region=eu"),
    ("credential", "sealed_values__startswith=%01"),
    ("credential", "workspace__keys__wrapped__gt=1"),
    ("apikey", "digest__startswith=a"),
    ("apikey", "old_digest__isnull=1"),
    ("auditevent", "workspace__keys__wrapped__gt=1"),
    ("connection", "status__exact=%00"),
    ("connection", "workspace=%00"),
]


@pytest.mark.parametrize(("model", "query"), TELLING)
def test_look_ups_that_nobody_offers_are_refused(rows, model, query):
    client, _user = staff()
    assert client.get(f"/admin/connections/{model}/?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["q=%00", "p=x", "p=99999999999999999999", "o=x", "integration__id__exact=x",
              "integration__id__exact=" + "9" * 30, "status__exact=no", "nothing=1", "o=99.-99"],
)  # fmt: skip
def test_odd_addresses_are_no_error(rows, query):
    client, _user = staff()
    assert client.get(f"{CONNECTIONS}?{query}").status_code in (200, 302, 400)


def test_list_asks_as_much_for_fifty_rows_as_for_few(rows, django_assert_max_num_queries):
    for number in range(50):
        connect(rows["plain"].workspace, label=f"Row {number}")
    client, _user = staff()
    with django_assert_max_num_queries(8):
        client.get(CONNECTIONS)


def act(client: Any, action: str, chosen: list[Connection], **more: Any) -> Any:
    sent = {"action": action, "_selected_action": [row.pk for row in chosen], **more}
    return client.post(CONNECTIONS, sent, follow=True)


def test_many_are_switched_through_the_service(rows):
    client, user = staff()
    chosen = [rows["plain"], rows["zebra"]]
    answer = act(client, "switch_off", chosen)
    assert messages_of(answer) == ["2 connections switched."]
    assert Connection.objects.filter(status="inactive").count() == 3
    again = act(client, "switch_on", list(rows.values()))
    assert Connection.objects.filter(status="active").count() == 4
    assert messages_of(again) == ["3 connections switched.", "1 connection was so already."]
    assert AuditEvent.objects.filter(actor=f"user_{user.pk}").count() == 5


def test_many_are_deleted_through_the_service_with_their_credentials(rows):
    client, user = staff()
    chosen = [rows["plain"], rows["zebra"]]
    asked = act(client, "delete_selected", chosen)
    assert "Are you sure" in asked.content.decode()
    act(client, "delete_selected", chosen, post="yes")
    assert Connection.objects.count() == Credential.objects.count() == 2
    said = AuditEvent.objects.filter(actor=f"user_{user.pk}")
    assert {event.action for event in said} == {"connection.deleted"}
    assert {event.subject for event in said} == {row.public_id for row in chosen}


def test_one_is_deleted_through_the_service(rows):
    client, _user = staff()
    client.post(f"{CONNECTIONS}{rows['plain'].pk}/delete/", {"post": "yes"})
    assert Credential.objects.count() == 3
    assert AuditEvent.objects.filter(action="connection.deleted").count() == 1


@pytest.mark.parametrize("action", ["switch_off", "switch_on", "test_soon", "refresh_soon"])
def test_too_many_at_once_are_refused(rows, action, monkeypatch):
    monkeypatch.setattr(page, "MOST_AT_ONCE", 2)
    client, _user = staff()
    answer = act(client, action, list(rows.values()), post="yes")
    assert messages_of(answer) == ["Choose at most 2 at once: nothing was done."]
    assert Connection.objects.filter(status="active").count() == 3


@pytest.mark.parametrize(
    ("action", "task"),
    [
        ("test_soon", "connections.jobs.tasks.test_connection"),
        ("refresh_soon", "connections.jobs.tasks.refresh_connection"),
    ],
)
def test_many_are_queued_for_the_worker_by_their_ids(rows, action, task):
    client, user = staff()
    chosen = [rows["plain"], rows["far"]]
    sent = {"action": action, "_selected_action": [row.pk for row in chosen]}
    answer = client.post(CONNECTIONS, sent, follow=True)
    assert messages_of(answer) == ["2 connections are queued for the worker."]
    queued = DBTaskResult.objects.all()
    assert {one.task_path for one in queued} == {task}
    named = {tuple(one.args_kwargs["args"]) for one in queued}
    assert named == {(row.workspace.public_id, row.public_id, f"user_{user.pk}") for row in chosen}
