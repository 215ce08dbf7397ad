"""Queued tasks: somebody asked for it now, and a worker does it. They carry ids, never values.

What a task raises is stored with its traceback: only causes get out of here.
"""

import logging
from collections.abc import Callable
from typing import Any

from django_tasks import task

from connections.access.actors import Actor
from connections.ids import parse_id
from connections.models import Connection, Workspace
from connections.services.connections import delete_connection
from connections.services.locks import Overtaken
from connections.services.refresh import RefreshFailed, fresh_credential
from connections.services.retests import run_live_test

logger = logging.getLogger("connections.jobs")
# What may have changed hands while the task waited.
GONE = "gone"


class TaskFailed(Exception):
    """Its text is a cause."""


@task()
def refresh_connection(workspace_id: str, connection_id: str, actor: str) -> str:
    """Refresh the token of a connection; `done`, or why nothing was done. Ids are public ones."""
    return _carry_out(
        workspace_id,
        connection_id,
        actor,
        lambda who, row: fresh_credential(row, actor=who, force=True),
    )


@task()
def test_connection(workspace_id: str, connection_id: str, actor: str) -> str:
    """Try a connection at its service, as `refresh_connection` does."""
    return _carry_out(
        workspace_id,
        connection_id,
        actor,
        lambda who, row: run_live_test(actor=who, connection=row),
    )


@task()
def delete_connections(workspace_id: str, connection_ids: list[str], actor: str) -> str:
    """Delete these connections, each in a transaction of its own; how many there still were.

    Begun twice, by a worker that took over from one that died, it deletes what is left.
    """
    workspace, deleted = _workspace(workspace_id), 0
    for connection_id in connection_ids if workspace is not None else ():
        row = Connection.objects.find(workspace, connection_id)
        deleted += row is not None and _delete(Actor(name=actor, workspace=workspace), row)
    return str(deleted)


def _delete(actor: Actor, row: Connection) -> bool:
    try:
        delete_connection(actor=actor, connection=row)
    except Overtaken:
        return False
    except Exception as error:
        logger.exception("task broke: %s", row.public_id)
        raise TaskFailed(type(error).__name__) from None
    return True


def _carry_out(
    workspace_id: str, connection_id: str, name: str, act: Callable[[Actor, Connection], Any]
) -> str:
    workspace = _workspace(workspace_id)
    row = Connection.objects.find(workspace, connection_id) if workspace else None
    if workspace is None or row is None:
        return GONE
    try:
        act(Actor(name=name, workspace=workspace), row)
    except RefreshFailed as error:
        return error.cause
    except Overtaken:
        return "overtaken"
    except Exception as error:
        logger.exception("task broke: %s", row.public_id)
        raise TaskFailed(type(error).__name__) from None
    return "done"


def _workspace(public: str) -> Workspace | None:
    row_id = parse_id("wsp", public)
    return None if row_id is None else Workspace.objects.filter(pk=row_id).first()
