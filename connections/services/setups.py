"""Setting up a method for a workspace, and knowing what is still to be set up."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from connections.access.actors import Actor
from connections.models import MethodSetup, Workspace
from connections.services.audit import record
from integrations.specs import MethodDefinition, Spec


def setup_specs(method: MethodDefinition) -> list[Spec]:
    return [spec for spec in method.specs if spec.stage == "setup"]


def missing_setup(workspace: Workspace, method: MethodDefinition) -> list[Spec]:
    """Required fields that staff have not set up; no query where the method has none."""
    needed = [spec for spec in setup_specs(method) if spec.required and spec.default is None]
    if not needed:
        return []
    rows = MethodSetup.objects.filter(workspace=workspace, auth_method_id=method.pk)
    names = set(rows.values_list("field_names", flat=True).first() or ())
    return [spec for spec in needed if spec.path not in names]


@transaction.atomic
def set_up_method(
    *, actor: Actor, method: MethodDefinition, values: dict[str, dict[str, Any]]
) -> MethodSetup:
    """Store checked values of the method's setup fields in place of what was there."""
    rows = MethodSetup.objects.select_for_update()
    row = rows.filter(workspace=actor.workspace, auth_method_id=method.pk).first()
    row = row or MethodSetup(auth_method_id=method.pk)
    row.workspace = actor.workspace
    row.set_values(values)
    row.updated_by, row.updated_at = actor.name, timezone.now()
    row.save()
    record(actor, "method.set_up", actor.workspace.public_id, row.field_names)
    return row
