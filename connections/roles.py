"""Ready-made roles of staff: groups of permissions, the same in every installation.

`make_roles` makes them and sets what they hold, so that a release's new pages are theirs as well.
Who wants other permissions makes another group: these are set anew with each release. A command
and no receiver of `post_migrate`: permissions of later applications do not exist yet when the
first applications' signal is sent, and a group that changes is something to see in a release's log.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

OURS = Q(content_type__app_label__in=("connections", "integrations"))
PEOPLE = Q(content_type__app_label="auth", content_type__model__in=("user", "group"))
# Which second factors people have; what is in them nobody sees.
FACTORS = Q(content_type__app_label="mfa", codename="view_authenticator")
LOOK = FACTORS | (OURS | PEOPLE) & Q(codename__startswith="view_")
OPERATE = Q(
    content_type__app_label="connections",
    codename__in=("add_connection", "change_connection"),
)
EDIT_CATALOGUE = Q(content_type__app_label="integrations")


@dataclass(frozen=True, slots=True)
class Role:
    """`name` is stored and never changed; `description` is for who hands the role out."""

    name: str
    description: str
    holds: Q


ROLES = (
    Role("Viewer", "sees everything and changes nothing", LOOK),
    Role(
        "Operator",
        "a viewer who creates, tests, refreshes, switches and repairs connections",
        LOOK | OPERATE,
    ),
    Role("Catalogue editor", "a viewer who edits integrations", LOOK | EDIT_CATALOGUE),
    Role("Administrator", "everything, people and their roles included", OURS | PEOPLE | FACTORS),
)


@transaction.atomic
def make_roles(note: Callable[[str], None] = lambda line: None) -> None:
    """Make the groups that are missing; let each hold what its role says, and nothing else."""
    for role in ROLES:
        group, is_new = Group.objects.get_or_create(name=role.name)
        wanted = set(Permission.objects.filter(role.holds).values_list("pk", flat=True))
        held = set(group.permissions.values_list("pk", flat=True))
        if wanted != held:
            group.permissions.set(wanted)
        note(f"{role.name}: {_outcome(is_new, len(wanted - held), len(held - wanted))}")


def _outcome(is_new: bool, added: int, removed: int) -> str:
    if is_new:
        return f"made, {added} permissions"
    if not added and not removed:
        return "unchanged"
    return f"{added} permissions added, {removed} taken away"
