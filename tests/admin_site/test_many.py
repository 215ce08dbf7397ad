"""Actions on many connections: each once, told in a few messages, long ones by the worker."""

from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from connections.admin import deleting
from connections.jobs import queue
from connections.jobs.tasks import delete_connections
from connections.jobs.worker import task_runner
from connections.models import AuditEvent, Connection, Credential
from integrations.models import Integration
from integrations.services import mark_changed
from tests.admin_site.pages import CONNECTIONS, THREE_WAYS, AdminForm, messages_of, staff
from tests.admin_site.test_changing import connect
from tests.admin_site.test_lists import act
from tests.factories import make_integration, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows() -> list[Connection]:
    make_integration(THREE_WAYS)
    here, there = make_workspace("here"), make_workspace("there")
    return [connect(here, label=f"Here {n}") for n in range(5)] + [connect(there, label="There")]


def demand_more() -> None:
    """What is stored does not satisfy the definition any more."""
    method = Integration.objects.get().auth_methods.get(slug="api_key")
    method.fields.create(key="team", label="Team", secure=False)
    mark_changed(method.integration_id)


def test_refusals_of_many_are_told_in_a_few_messages(rows):
    rows += [connect(rows[0].workspace, label=f"More {n}") for n in range(4)]
    client, _user = staff()
    act(client, "switch_off", rows)
    demand_more()
    said = messages_of(act(client, "switch_on", rows))
    assert len(said) == 6
    assert said[0].endswith("Field 'Team' is required.")
    assert said[-1] == "And 5 more connections were not switched."
    assert not Connection.objects.exclude(status="inactive").exists()


def test_switching_twice_is_done_once(rows):
    client, _user = staff()
    act(client, "switch_off", rows)
    assert messages_of(act(client, "switch_off", rows)) == ["6 connections were so already."]
    assert AuditEvent.objects.filter(action="connection.changed").count() == 6


def test_switching_on_revives_nothing_that_is_broken(rows):
    Connection.objects.filter(pk=rows[0].pk).update(status="error")
    client, _user = staff()
    act(client, "switch_on", rows[:1])
    assert Connection.objects.get(pk=rows[0].pk).status == "error"


@pytest.mark.parametrize("action", ["test_soon", "refresh_soon"])
def test_queueing_twice_queues_once(rows, action):
    client, _user = staff()
    act(client, action, rows[:2])
    said = messages_of(act(client, action, rows[:3]))
    assert said == [
        "1 connection is queued for the worker.",
        "2 connections wait in the queue already.",
    ]
    assert DBTaskResult.objects.count() == 3


def test_test_and_refresh_wait_beside_each_other(rows):
    client, _user = staff()
    act(client, "test_soon", rows[:1])
    act(client, "refresh_soon", rows[:1])
    assert DBTaskResult.objects.count() == 2


# Deleting more than a request can.


def delete_all(client: Any, **typed: Any) -> Any:
    """The page that asks, and what its form sends."""
    chosen = {"action": "delete_selected", "select_across": "1", "_selected_action": ["x"]}
    asked = client.post(CONNECTIONS, chosen)
    assert asked.status_code == 200, asked
    return client.post(CONNECTIONS, {**AdminForm(asked).sent, **typed}, follow=True)


@pytest.fixture
def few(monkeypatch: Any) -> None:
    monkeypatch.setattr(deleting, "FEW", 3)
    monkeypatch.setattr(queue, "DELETED_AT_ONCE", 2)


@pytest.mark.django_db(transaction=True)
def test_many_are_deleted_by_the_worker(rows, few):
    client, user = staff()
    answer = delete_all(client)
    assert messages_of(answer) == ["6 connections are being deleted by the worker: see Work."]
    assert Connection.objects.count() == 6
    sizes = sorted(len(one.args_kwargs["args"][1]) for one in DBTaskResult.objects.all())
    assert sizes == [1, 1, 2, 2]
    work = client.get("/admin/work/").content.decode()
    assert "Delete connections" in work
    (shown,) = queue.progress()
    assert (shown.waiting, shown.left, shown.done) == (4, 6, 0)
    task_runner().run()
    assert Connection.objects.count() == Credential.objects.count() == 0
    deleted = AuditEvent.objects.filter(action="connection.deleted", actor=f"user_{user.pk}")
    assert {event.subject for event in deleted} == {row.public_id for row in rows}
    assert deleted.count() == 6
    (shown,) = queue.progress()
    assert (shown.waiting, shown.left, shown.done, shown.failed) == (0, 0, 4, 0)


@pytest.mark.django_db(transaction=True)
def test_deleting_twice_is_done_once(rows, few):
    client, _user = staff()
    delete_all(client)
    delete_all(client)
    assert DBTaskResult.objects.count() == 4
    task_runner().run()
    assert AuditEvent.objects.filter(action="connection.deleted").count() == 6


def test_task_that_is_begun_again_deletes_what_is_left(rows):
    ids = [row.public_id for row in rows[:3]]
    workspace = rows[0].workspace.public_id
    assert delete_connections.func(workspace, ids[:1], "user_1") == "1"
    assert delete_connections.func(workspace, ids, "user_1") == "2"
    assert delete_connections.func(workspace, ids, "user_1") == "0"
    assert AuditEvent.objects.filter(action="connection.deleted").count() == 3


def test_task_deletes_nothing_of_another_workspace(rows):
    strange = rows[-1]
    workspace = rows[0].workspace.public_id
    assert delete_connections.func(workspace, [strange.public_id], "user_1") == "0"
    assert delete_connections.func("wsp_" + "0" * 32, [strange.public_id], "user_1") == "0"
    assert Connection.objects.filter(pk=strange.pk).exists()


def test_what_came_meanwhile_is_asked_about_once_more(rows, few):
    client, _user = staff()
    answer = delete_all(client, count="5")
    assert "The list has changed since you looked" in answer.content.decode()
    assert DBTaskResult.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_only_the_filtered_ones_are_deleted(rows, few):
    client, _user = staff()
    chosen = {"action": "delete_selected", "select_across": "1", "_selected_action": ["x"]}
    url = f"{CONNECTIONS}?workspace=here"
    asked = client.post(url, chosen)
    assert "5 connections will be deleted" in asked.content.decode()
    client.post(url, AdminForm(asked).sent)
    task_runner().run()
    assert [row.label for row in Connection.objects.all()] == ["There"]


def test_more_than_a_job_takes_are_refused(rows, few, monkeypatch):
    monkeypatch.setattr(deleting, "MOST_QUEUED", 4)
    client, _user = staff()
    answer = act(client, "delete_selected", rows)
    assert messages_of(answer) == ["Choose at most 4 at once: nothing was done."]
