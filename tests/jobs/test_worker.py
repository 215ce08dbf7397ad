"""The worker as a process: it does what is due and what is queued, and stops when it is told."""

import signal
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import InterfaceError
from django_tasks_db.models import DBTaskResult

from connections.jobs import breaker as breaking
from connections.jobs import due
from connections.jobs import worker as working
from connections.jobs.backlog import backlogs
from connections.jobs.breaker import Breaker
from connections.jobs.due import claim_refreshes, claim_tests
from connections.jobs.housekeeping import tidy_up
from connections.jobs.sweep import Sweep
from connections.jobs.tasks import refresh_connection
from connections.jobs.tasks import test_connection as queue_test
from connections.models import AuditEvent, Connection, Credential, OAuthFlow
from connections.models.leases import REFRESH, TEST, claim_due
from tests.admin_site.pages import staff
from tests.factories import make_user, make_workspace
from tests.jobs.grants import OPEN_DOOR, make_grant, make_granting, make_machine, stored
from tests.jobs.processes import manage
from tests.jobs.provider import running_provider
from tests.web.browser import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(settings):
    for name, value in OPEN_DOOR.items():
        setattr(settings, name, value)
    with running_provider() as running:
        make_granting(running.url)
        yield running


def is_due(row, seconds=1):
    """As if the time for its refresh had come so long ago."""
    past = datetime.now(UTC) - timedelta(seconds=seconds)
    Credential.objects.filter(pk=row.credential_id).update(next_refresh_at=past)
    return stored(row)


def sweep(threads=4):
    swept = Sweep(threads)
    swept.run_all(20)
    swept.close()
    return swept.done


def test_sweep_refreshes_what_is_due_and_nothing_else(provider):
    ripe = [is_due(make_grant(family=f"due{n}", ends_in=300)) for n in range(6)]
    later = make_grant(family="later", ends_in=3600)
    assert sweep() == {("refresh", True): 6}
    assert {call["refresh_token"] for call in provider.calls} == {f"due{n}.0" for n in range(6)}
    for row in ripe:
        row = stored(row)
        assert row.credential.next_refresh_at > datetime.now(UTC) + timedelta(minutes=50)
        assert row.credential.refresh_lease is None
    assert stored(later).credential.get_values()["refresh_token"] == "later.0"
    assert set(AuditEvent.objects.filter(action="connection.refreshed").values_list("actor")) == {
        ("worker",)
    }
    assert sweep() == {}


def test_sweep_writes_every_failure_down_and_goes_on(provider):
    gone = is_due(make_grant(family="gone", ends_in=300))
    provider.revoked.add("gone")
    lost = is_due(make_grant(family="lost", ends_in=300))
    Connection.objects.filter(pk=lost.pk).delete()
    broken = is_due(make_grant(family="broken", ends_in=300))
    Credential.objects.filter(pk=broken.credential_id).update(sealed_values=b"\x01broken")
    good = is_due(make_grant(family="good", ends_in=300))
    assert sweep() == {("refresh", True): 2, ("refresh", False): 2}
    assert stored(gone).status == "expired"
    assert stored(good).credential.get_values()["refresh_token"] == "good.1"
    after = {row.pk: row for row in Credential.objects.all()}
    assert after[lost.credential_id].next_refresh_at is None
    assert after[broken.credential_id].next_refresh_at > datetime.now(UTC)
    assert {row.refresh_lease for row in after.values()} == {None}
    assert sweep() == {}


def test_service_that_keeps_everybody_waiting_makes_room_for_the_others(provider, monkeypatch):
    monkeypatch.setattr(due, "breaker", Breaker())
    monkeypatch.setattr(breaking, "SLOW_SECONDS", 0.0)
    rows = [is_due(make_grant(family=f"f{n}", ends_in=300)) for n in range(5)]
    provider.scripted = [(503, {}, {})] * 5
    assert sweep(threads=1) == {("refresh", False): 5}
    assert len(provider.calls) == breaking.FAILURES_TO_OPEN
    waiting = [stored(row).credential for row in rows[breaking.FAILURES_TO_OPEN :]]
    soonest = datetime.now(UTC) + timedelta(seconds=breaking.SECONDS_OPEN - 5)
    for credential in waiting:
        assert credential.next_refresh_at > soonest
        assert (credential.refresh_attempts, credential.refresh_lease) == (0, None)


def test_breaker_closes_after_a_while_and_after_a_success(monkeypatch):
    breaker = Breaker()
    monkeypatch.setattr(breaking, "SECONDS_OPEN", 0.05)

    def fail(seconds=10.0):
        breaker.note_failure("service", seconds=seconds)
        return breaker.is_open("service")

    assert [fail(), fail(), fail(0.1), breaker.is_open("other")] == [False] * 4
    assert fail()
    time.sleep(0.06)
    assert not breaker.is_open("service")
    assert fail()
    breaker.note_success("service")
    assert not fail()


def test_claims_are_disjoint_and_oldest_first(provider):
    rows = [is_due(make_grant(family=f"f{n}"), seconds=10 - n) for n in range(4)]
    now = datetime.now(UTC)
    _lease, first = claim_due(Credential.objects.all(), REFRESH, now, limit=3)
    other, second = claim_due(Credential.objects.all(), REFRESH, now, limit=3)
    assert [row.pk for row in first] == [row.credential_id for row in rows[:3]]
    assert [row.pk for row in second] == [rows[3].credential_id]
    assert second[0].refresh_lease == stored(rows[3]).credential.refresh_lease == other
    assert claim_refreshes(3) == []


def test_due_tests_are_claimed_only_where_services_are_tried(provider, settings):
    row = make_machine()
    Connection.objects.update(next_test_at=datetime.now(UTC) - timedelta(seconds=1))
    assert claim_tests(5) == []
    settings.LIVE_TESTS = True
    assert sweep() == {("test", True): 1}
    row = stored(row)
    assert (row.status, row.test_lease) == ("active", None)
    assert row.next_test_at > datetime.now(UTC) + timedelta(hours=20)
    assert row.last_tested_at is not None


def test_test_that_breaks_waits_for_its_next_turn(provider, settings):
    settings.LIVE_TESTS = True
    row = make_machine()
    Credential.objects.update(sealed_values=b"\x01broken")
    Connection.objects.update(next_test_at=datetime.now(UTC))
    assert sweep() == {("test", False): 1}
    row = stored(row)
    assert (row.test_lease, row.test_attempts) == (None, 1)
    assert row.next_test_at > datetime.now(UTC)


def test_worker_sweeps_and_carries_out_tasks_until_it_is_told_to_stop(provider):
    swept = is_due(make_grant(family="swept", ends_in=300))
    queued = make_grant(family="queued", ends_in=3600)
    refresh_connection.enqueue(queued.workspace.public_id, queued.public_id, "user_1")
    refresh_connection.enqueue(make_workspace().public_id, queued.public_id, "user_1")
    worker = manage("worker", "--poll", "0.1")
    try:
        wait_for(lambda: DBTaskResult.objects.successful().count() == 2)
        wait_for(lambda: stored(swept).credential.get_values()["refresh_token"] == "swept.1")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    finally:
        worker.kill()
        worker.communicate()
    assert stored(queued).credential.get_values()["refresh_token"] == "queued.1"
    done = DBTaskResult.objects.order_by("enqueued_at")
    assert list(done.values_list("return_value", flat=True)) == ["done", "gone"]
    event = AuditEvent.objects.get(action="connection.refreshed", subject=queued.public_id)
    assert event.actor == "user_1"


def test_worker_finishes_what_it_began(provider):
    provider.latency = 1.5
    row = is_due(make_grant(ends_in=300))
    worker = manage("worker", "--poll", "0.1")
    try:
        wait_for(lambda: provider.calls)
        worker.send_signal(signal.SIGINT)
        assert worker.wait(30) == 0
    finally:
        worker.kill()
        worker.communicate()
    assert stored(row).credential.get_values()["refresh_token"] == "family.1"


def test_worker_outlives_a_database_that_is_away_for_a_while(monkeypatch):
    monkeypatch.setattr(working, "SECONDS_AFTER_A_FAILURE", 0.01)
    worker = working.Worker(threads=1, poll=0.01, goes_on=lambda: True)
    turns = []

    def turn():
        turns.append(1)
        if len(turns) < 3:
            raise InterfaceError("the connection is closed")
        worker.stop()
        return 0.0

    monkeypatch.setattr(worker, "run_sweep", turn)
    worker.run()
    assert len(turns) == 3


def test_worker_ends_with_the_process_that_started_it():
    worker = working.Worker(threads=1, poll=0.01, goes_on=lambda: False)
    worker.run()


def test_slow_pieces_are_waited_for_without_asking_the_database_all_the_time(
    provider, django_assert_max_num_queries
):
    provider.latency = 1.2
    for number in range(3):
        is_due(make_grant(family=f"slow{number}", ends_in=300))
    # Four statements to claim them, two for each later look; those of the threads do not count.
    with django_assert_max_num_queries(30):
        assert sweep(threads=4) == {("refresh", True): 3}


def test_sweep_once_says_what_it_did(provider):
    is_due(make_grant(ends_in=300))
    process = manage("sweep", "--once")
    said, _errors = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "Refreshed: 1, not: 0. Tested: 0, not: 0.\n")


def test_task_tells_the_cause_of_a_failure_and_no_value(provider):
    gone = make_grant(family="gone")
    provider.revoked.add("gone")
    ids = (gone.workspace.public_id, gone.public_id, "user_1")
    assert refresh_connection.call(*ids) == "invalid_grant"
    assert queue_test.call(*ids) == "done"
    assert refresh_connection.call("wsp_x", "conn_x", "user_1") == "gone"


def test_tidying_takes_away_what_is_over_and_lets_lost_tasks_run_again():
    workspace = make_workspace()
    refresh_connection.enqueue(workspace.public_id, "conn_x", "user_1")
    old = datetime.now(UTC) - timedelta(days=9)
    DBTaskResult.objects.update(status="RUNNING", started_at=old)
    tidy_up()
    lost = DBTaskResult.objects.get()
    assert (lost.status, lost.started_at) == ("READY", None)
    DBTaskResult.objects.update(status="SUCCESSFUL", finished_at=old)
    assert tidy_up() == 1
    assert OAuthFlow.objects.count() == DBTaskResult.objects.count() == 0


# What is shown of it


def test_metrics_are_there_for_who_knows_the_token_only(client, settings):
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "a token for the monitor"
    for shown in ("", "Bearer", "Bearer wrong", "Basic a token for the monitor", "Bearer \xe9"):
        answer = client.get("/metrics", HTTP_AUTHORIZATION=shown)
        assert (answer.status_code, answer.content) == (401, b"")
        assert answer["WWW-Authenticate"] == "Bearer"
    answer = client.get("/metrics", HTTP_AUTHORIZATION="Bearer a token for the monitor")
    assert answer.status_code == 200
    assert client.post("/metrics").status_code == 405


def test_metrics_tell_what_is_due_and_how_late(client, settings, provider):
    settings.METRICS_TOKEN = "a token for the monitor"
    for number in range(3):
        is_due(make_grant(family=f"f{number}"), seconds=100)
    claim_due(Credential.objects.all(), REFRESH, datetime.now(UTC), limit=1)
    Connection.objects.update(next_test_at=datetime.now(UTC))
    claim_due(Connection.objects.all(), TEST, datetime.now(UTC), limit=2)
    answer = client.get("/metrics", HTTP_AUTHORIZATION="Bearer a token for the monitor")
    told = dict(
        line.rsplit(" ", 1) for line in answer.content.decode().splitlines() if line[0] != "#"
    )
    late = float(told.pop('mielto_work_late_seconds{kind="refresh"}'))
    assert 100 <= late < 130
    told.pop('mielto_work_late_seconds{kind="test"}')
    assert told == {
        'mielto_work_due{kind="refresh"}': "3",
        'mielto_work_due{kind="test"}': "3",
        'mielto_work_due{kind="task"}': "0",
        'mielto_work_running{kind="refresh"}': "1",
        'mielto_work_running{kind="test"}': "2",
        'mielto_work_running{kind="task"}': "0",
        'mielto_work_late_seconds{kind="task"}': "0",
    }


def test_queued_tasks_are_counted():
    refresh_connection.enqueue(make_workspace().public_id, "conn_x", "user_1")
    task = backlogs()[-1]
    assert (task.kind, task.due, task.running) == ("task", 1, 0)


def test_staff_see_what_is_due_and_nobody_else_does(provider):
    row = is_due(make_grant(), seconds=100)
    boss, _user = staff()
    page = boss.get("/admin/work/").content.decode()
    assert f"/admin/connections/credential/{row.credential_id}/change/" in page
    assert "access-family" not in page
    assert "/admin/work/" in boss.get("/admin/").content.decode()
    clerk, _user = staff("connections.view_connection")
    assert clerk.get("/admin/work/").status_code == 403
    assert "/admin/work/" not in clerk.get("/admin/").content.decode()
    assert signed_in(make_user()).get("/admin/work/").status_code == 302
    assert boss.post("/admin/work/").status_code == 405


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
