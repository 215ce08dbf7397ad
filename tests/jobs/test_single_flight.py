"""However many want a token at once, the service is asked once, and the grant survives."""

import contextlib
import signal
import time

import pytest

from connections.models import AuditEvent, Connection
from tests.factories import make_workspace
from tests.jobs.grants import OPEN_DOOR, make_grant, make_granting, stored
from tests.jobs.processes import hear, manage, start, tell
from tests.jobs.provider import running_provider

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES, CALLERS, CONNECTIONS = 4, 25, 20


@pytest.fixture
def provider(settings):
    for name, value in OPEN_DOOR.items():
        setattr(settings, name, value)
    with running_provider(latency=0.05) as running:
        make_granting(running.url)
        yield running


@contextlib.contextmanager
def started(*processes):
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def due_connections(count):
    workspace = make_workspace()
    return [make_grant(workspace, family=f"f{n}", ends_in=-5) for n in range(count)]


def test_hundred_callers_in_four_processes_refresh_each_connection_once(provider):
    rows = due_connections(CONNECTIONS)
    order = {
        "workspace": str(rows[0].workspace_id),
        "connections": [row.public_id for row in rows],
        "callers": CALLERS,
    }
    callers = (start("-m", "tests.jobs.callers") for _number in range(PROCESSES))
    with started(*callers) as processes:
        for process in processes:
            tell(process, order)
        assert [hear(process) for process in processes] == ["ready"] * PROCESSES
        for process in processes:
            tell(process, "go")
        got = [caller for process in processes for caller in hear(process)]
    expected = {row.public_id: f"access-f{n}-1" for n, row in enumerate(rows)}
    assert len(got) == PROCESSES * CALLERS
    assert [wrong for wrong in got if wrong != expected] == []
    assert len(provider.calls) == CONNECTIONS
    assert provider.revoked == set()
    assert {stored(row).status for row in rows} == {"active"}
    assert AuditEvent.objects.filter(action="connection.refreshed").count() == CONNECTIONS


def test_workers_and_readers_refresh_each_connection_once(provider):
    rows = due_connections(CONNECTIONS)
    order = {
        "workspace": str(rows[0].workspace_id),
        "connections": [row.public_id for row in rows],
        "callers": 5,
    }
    readers = start("-m", "tests.jobs.callers")
    sweeps = [manage("sweep", "--once") for _number in range(2)]
    with started(readers, *sweeps):
        tell(readers, order)
        assert hear(readers) == "ready"
        tell(readers, "go")
        got = hear(readers)
        assert [sweep.wait(60) for sweep in sweeps] == [0, 0]
    assert [caller[row.public_id] for caller in got for row in rows] == [
        f"access-f{n}-1" for n in range(CONNECTIONS)
    ] * 5
    assert len(provider.calls) == CONNECTIONS
    assert provider.revoked == set()


def test_killed_holder_is_followed_within_its_lease(provider):
    """kill -9 while the service is thinking; the service never saw the token used."""
    row = due_connections(1)[0]
    provider.latency = 60
    lease = {"WORK_LEASE_SECONDS": "2"}
    with started(manage("worker", "--poll", "0.1", **lease)) as (holder,):
        wait_for(lambda: provider.calls)
        taken = time.monotonic()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    # The call died with its caller: what the provider would have given is given to nobody.
    provider.latency = 0
    assert stored(row).credential.refresh_lease is not None
    with started(manage("worker", "--poll", "0.1", **lease)) as (successor,):
        wait_for(lambda: stored(row).status == Connection.Status.ACTIVE)
        recovered = time.monotonic() - taken
        successor.send_signal(signal.SIGTERM)
        assert successor.wait(30) == 0
    assert stored(row).credential.get_values()["refresh_token"] == "f0.1"
    assert stored(row).credential.refresh_lease is None
    # The lease, and starting a process.
    assert recovered < 2 + 8


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
