"""Putting many connections into the queue at once, each of them once, and how far the queue is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from connections.ids import public_id
from connections.jobs.tasks import delete_connections, refresh_connection, test_connection
from connections.models import Connection, Workspace

# Connections that one task deletes: seconds, far less than a worker may take for a task.
DELETED_AT_ONCE = 200
RECENT = timedelta(days=1)
TASKS = {"test": test_connection, "refresh": refresh_connection, "delete": delete_connections}

# Of a workspace: who acts in it, by name.
ActorName = Callable[[Workspace], str]


@dataclass(frozen=True, slots=True)
class Queued:
    """How many connections were queued now, and how many of those asked for waited already."""

    now: int
    before: int


@transaction.atomic
def enqueue_each(kind: str, rows: Iterable[Connection], actor_name: ActorName) -> Queued:
    """A task for each connection that none of the kind waits for."""
    task, waiting, now, before = TASKS[kind], waiting_ids(kind), 0, 0
    for row in rows:
        if row.public_id in waiting:
            before += 1
            continue
        task.enqueue(row.workspace.public_id, row.public_id, actor_name(row.workspace))
        now += 1
    return Queued(now, before)


@transaction.atomic
def enqueue_deletion(rows: Any, actor_name: ActorName) -> Queued:
    """Tasks that delete the connections of a queryset, a batch each."""
    waiting = waiting_ids("delete")
    ids = rows.select_related(None).order_by("workspace", "pk").values_list("workspace", "pk")
    found = [(space, public_id("conn", pk)) for space, pk in ids]
    fresh = [(space, name) for space, name in found if name not in waiting]
    workspaces = Workspace.objects.in_bulk({space for space, _name in fresh})
    for space, mine in groupby(fresh, key=itemgetter(0)):
        workspace = workspaces[space]
        names = (name for _space, name in mine)
        while batch := list(islice(names, DELETED_AT_ONCE)):
            delete_connections.enqueue(workspace.public_id, batch, actor_name(workspace))
    return Queued(len(fresh), len(found) - len(fresh))


def waiting_ids(kind: str) -> set[str]:
    """Public ids of the connections that tasks of the kind wait for."""
    rows = DBTaskResult.objects.ready().filter(task_path=TASKS[kind].module_path)
    return set(_ids_of(rows))


def _ids_of(rows: Any) -> Iterator[str]:
    for sent in rows.values_list("args_kwargs", flat=True):
        asked = sent["args"][1]
        yield from [asked] if isinstance(asked, str) else asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Tasks of one kind, and the connections that those which are not finished are about."""

    kind: str
    waiting: int
    running: int
    done: int
    failed: int
    left: int


def progress() -> list[Progress]:
    """Of each kind that was queued lately; `done` and `failed` are of the last day."""
    open_tasks = DBTaskResult.objects.filter(
        status__in=(TaskResultStatus.READY, TaskResultStatus.RUNNING)
    )
    finished = DBTaskResult.objects.finished().filter(finished_at__gte=timezone.now() - RECENT)
    counts = {**_counts(open_tasks), **_counts(finished)}
    found = []
    for kind, task in TASKS.items():
        by_status = {
            status: counts.get((task.module_path, status), 0) for status in TaskResultStatus
        }
        if any(by_status.values()):
            found.append(_progress_of(kind, by_status, open_tasks))
    return found


def _counts(rows: Any) -> dict[tuple[str, str], int]:
    grouped = rows.order_by().values_list("task_path", "status")
    return {(path, status): count for path, status, count in grouped.annotate(n=Count("*"))}


def _progress_of(kind: str, by_status: dict[Any, int], open_tasks: Any) -> Progress:
    waiting = by_status[TaskResultStatus.READY]
    running = by_status[TaskResultStatus.RUNNING]
    left = waiting + running
    if kind == "delete" and left:
        left = len(set(_ids_of(open_tasks.filter(task_path=TASKS[kind].module_path))))
    return Progress(
        kind=kind,
        waiting=waiting,
        running=running,
        done=by_status[TaskResultStatus.SUCCESSFUL],
        failed=by_status[TaskResultStatus.FAILED],
        left=left,
    )
