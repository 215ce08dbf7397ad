"""Changing a workspace by its own people."""

from typing import Any

from django.db import transaction

from connections.access.actors import Actor
from connections.models import Workspace
from connections.services.audit import record


@transaction.atomic
def change_workspace(*, actor: Actor, columns: dict[str, Any]) -> None:
    if not columns:
        return
    Workspace.objects.filter(pk=actor.workspace.pk).update(**columns)
    record(actor, "workspace.changed", actor.workspace.public_id, columns)
