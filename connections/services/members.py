"""Who belongs to a workspace. It always keeps an owner, and nobody gives more than they have."""

from django.db import transaction

from connections.access.actors import Actor
from connections.models import Membership, Workspace
from connections.services.audit import record

Role = Membership.Role
# What each role may give, take and withdraw.
MAY_GIVE = {
    Role.OWNER: (Role.OWNER, Role.ADMIN, Role.MEMBER, Role.VIEWER),
    Role.ADMIN: (Role.ADMIN, Role.MEMBER, Role.VIEWER),
}


class NotYours(Exception):
    """Whoever asks has no say over that member or that role (any more)."""


class LastOwner(Exception):
    """The workspace would be left without an owner."""


class NoSuchMember(Exception):
    """They are not a member (any more)."""


def may_give(role: str) -> tuple[str, ...]:
    """The roles that somebody with this one may give."""
    return MAY_GIVE.get(Role(role), ())


@transaction.atomic
def change_role(*, actor: Actor, member_id: int, role: str) -> None:
    """Raises NotYours, LastOwner or NoSuchMember; nothing is changed then."""
    hold_members(actor.workspace)
    member, theirs = _member(actor, member_id), role_of(actor)
    if not {member.role, role} <= set(may_give(theirs)):
        raise NotYours
    if member.role == Role.OWNER and role != Role.OWNER:
        _keep_an_owner(member)
    Membership.objects.filter(pk=member.pk).update(role=role)
    record(actor, "member.role_changed", subject_of(member), ["role"])


@transaction.atomic
def remove_member(*, actor: Actor, member_id: int) -> None:
    """Raises NotYours, LastOwner or NoSuchMember. Everybody may leave."""
    hold_members(actor.workspace)
    member = _member(actor, member_id)
    is_leaving = member.user_id == actor.user.pk
    if not is_leaving and member.role not in may_give(role_of(actor)):
        raise NotYours
    if member.role == Role.OWNER:
        _keep_an_owner(member)
    Membership.objects.filter(pk=member.pk).delete()
    record(actor, "member.left" if is_leaving else "member.removed", subject_of(member))


def hold_members(workspace: Workspace) -> None:
    """One change of a workspace's members at a time: two owners could else remove one another."""
    Workspace.objects.select_for_update().get(pk=workspace.pk)


def role_of(actor: Actor) -> str:
    """What they are by now, which may be less than when their page was drawn."""
    rows = Membership.objects.filter(workspace=actor.workspace, user=actor.user)
    role = rows.values_list("role", flat=True).first()
    if role is None:
        raise NotYours
    return role


def subject_of(member: Membership) -> str:
    return f"user_{member.user_id}"


def _member(actor: Actor, member_id: int) -> Membership:
    member = Membership.objects.filter(workspace=actor.workspace, pk=member_id).first()
    if member is None:
        raise NoSuchMember
    return member


def _keep_an_owner(member: Membership) -> None:
    owners = Membership.objects.filter(workspace=member.workspace_id, role=Role.OWNER)
    if not owners.exclude(pk=member.pk).filter(user__is_active=True).exists():
        raise LastOwner
