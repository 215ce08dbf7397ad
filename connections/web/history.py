"""What happened to a connection and who did it, as far as the audit log knows."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.ids import parse_id
from connections.models import ApiKey, AuditEvent, Connection
from connections.web.rows import field_name
from connections.web.visitors import Visitor
from integrations.specs import MethodDefinition

MOST_EVENTS = 50
ACTIONS = {
    "connection.created": gettext_lazy("Created"),
    "connection.changed": gettext_lazy("Changed"),
    "connection.revealed": gettext_lazy("Secrets handed out"),
    "connection.deleted": gettext_lazy("Deleted"),
    "connection.restored": gettext_lazy("Brought back"),
    "connection.tested": gettext_lazy("Tested"),
    "connection.broke": gettext_lazy("Stopped working"),
    "connection.recovered": gettext_lazy("Works again"),
    "connection.refreshed": gettext_lazy("Access refreshed"),
    "connection.expired": gettext_lazy("Access ended"),
    "connection.revoked": gettext_lazy("Access revoked"),
}
WORKER = "worker"


def events_of(visitor: Visitor, row: Connection, method: MethodDefinition) -> list[dict[str, Any]]:
    """The newest first: `{at, who, what, fields}` in words."""
    rows = AuditEvent.objects.filter(workspace=visitor.workspace, subject=row.public_id)
    events = list(rows[:MOST_EVENTS])
    names = names_of(visitor, {event.actor for event in events})
    return [
        {
            "at": event.at,
            "who": names[event.actor],
            "what": ACTIONS.get(event.action, event.action),
            "fields": [field_name(method, name) for name in event.fields],
        }
        for event in events
    ]


def last_reader(visitor: Visitor, row: Connection) -> dict[str, Any] | None:
    """`{at, who}` of the last time that its secrets were handed out; None where nobody asked."""
    rows = AuditEvent.objects.filter(workspace=visitor.workspace, subject=row.public_id)
    event = rows.filter(action="connection.revealed").first()
    if event is None:
        return None
    return {"at": event.at, "who": names_of(visitor, {event.actor})[event.actor]}


def names_of(visitor: Visitor, actors: Iterable[str]) -> dict[str, str]:
    """Actors of the audit log in words: oneself, people, programs by the label of their key."""
    names = {actor: actor for actor in actors} | {visitor.actor.name: _("You")}
    if WORKER in names:
        names[WORKER] = _("By itself")
    keys = {actor: parse_id("key", actor) for actor in names}
    keys = {actor: pk for actor, pk in keys.items() if pk is not None}
    if keys:
        rows = ApiKey.objects.within(visitor.workspace.id).filter(pk__in=keys.values())
        labels = dict(rows.values_list("pk", "label"))
        for actor, pk in keys.items():
            label = labels.get(pk, actor)
            names[actor] = _("The program with the key '%(label)s'") % {"label": label}
    return names | _people(visitor, names)


def _people(visitor: Visitor, names: Iterable[str]) -> dict[str, str]:
    others = {name for name in names if name.startswith("user_")} - {visitor.actor.name}
    pks = {name.removeprefix("user_"): name for name in others}
    if not pks:
        return {}
    members = get_user_model().objects.filter(memberships__workspace=visitor.workspace)
    found = members.filter(pk__in=[pk for pk in pks if pk.isdecimal()])
    return {pks[str(user.pk)]: user.get_username() for user in found}
