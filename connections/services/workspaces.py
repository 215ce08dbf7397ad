"""Changing a workspace: its name, how it looks and which addresses it trusts."""

import hashlib
from typing import Any, Literal

from django.db import transaction

from connections.access.actors import Actor
from connections.models import Workspace, WorkspaceLogo
from connections.services.audit import record

# `(content, content type)`, None to keep it, or False to drop it.
Logo = tuple[bytes, str] | Literal[False] | None


@transaction.atomic
def change_workspace(*, actor: Actor, columns: dict[str, Any], logo: Logo = None) -> Workspace:
    """Store checked columns of the actor's workspace, and its logo."""
    workspace = Workspace.objects.select_for_update().get(pk=actor.workspace.pk)
    changed = {name for name, value in columns.items() if getattr(workspace, name) != value}
    for name in changed:
        setattr(workspace, name, columns[name])
    if logo is not None:
        changed.add("brand_logo")
        workspace.brand_logo = _store_logo(workspace, logo)
    if changed:
        workspace.save(update_fields=sorted(changed))
        record(actor, "workspace.changed", workspace.public_id, changed)
    return workspace


def _store_logo(workspace: Workspace, logo: tuple[bytes, str] | Literal[False]) -> str:
    """Its digest, which is in its address: whoever keeps one in a cache asks for the new one."""
    if not logo:
        WorkspaceLogo.objects.filter(workspace=workspace).delete()
        return ""
    content, content_type = logo
    row = WorkspaceLogo(workspace=workspace, content=content, content_type=content_type)
    row.save()
    return hashlib.sha256(content).hexdigest()[:16]
