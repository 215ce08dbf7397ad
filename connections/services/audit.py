"""The audit log: written in the transaction of what it tells about."""

from collections.abc import Iterable

from connections.access.actors import Actor
from connections.models import AuditEvent
from connections.models.compiled import insert_together


def event(actor: Actor, action: str, subject: str, fields: Iterable[str] = ()) -> AuditEvent:
    """Who did what to which row, with the names (never the values) of the fields concerned."""
    return AuditEvent(
        workspace=actor.workspace,
        actor=actor.name,
        action=action,
        subject=subject,
        fields=sorted(fields),
    )


def record(actor: Actor, action: str, subject: str, fields: Iterable[str] = ()) -> None:
    """Add the event of it."""
    insert_together(event(actor, action, subject, fields))
