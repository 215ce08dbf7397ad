"""Inviting people to a workspace. Whoever holds the link of an invitation may accept it, once."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils import timezone

from connections.access.actors import Actor, person
from connections.models import Invitation, Membership
from connections.models.invitations import LIVES
from connections.services.audit import record
from connections.services.members import NotYours, hold_members, may_give, role_of

# An invitation for each of these may wait in a workspace.
MOST_WAITING = 200


class AlreadyMember(Exception):
    """A member has that e-mail address, or the person is one."""


class TooManyInvitations(Exception):
    """As many wait as a workspace may have."""


class NotOpen(Exception):
    """The invitation was used, withdrawn, or is over."""


class NameTaken(Exception):
    """There is somebody of that name, who signs in instead."""


@transaction.atomic
def invite(*, actor: Actor, email: str, role: str) -> tuple[Invitation, str]:
    """The invitation and the token of its link, which is kept nowhere.

    An earlier one to the same address is withdrawn: the newest link is the one that works. Raises
    NotYours, AlreadyMember or TooManyInvitations.
    """
    now = timezone.now()
    hold_members(actor.workspace)
    if role not in may_give(role_of(actor)):
        raise NotYours
    members = Membership.objects.filter(workspace=actor.workspace)
    if members.filter(user__email__iexact=email).exists():
        raise AlreadyMember
    rows = Invitation.objects.within(actor.workspace.id)
    for earlier in rows.waiting(now).filter(email__iexact=email):
        if earlier.role not in may_give(role_of(actor)):
            raise NotYours
        _withdraw(actor, earlier)
    if rows.waiting(now).count() >= MOST_WAITING:
        raise TooManyInvitations
    invitation = Invitation(workspace=actor.workspace, email=email, role=role)
    invitation.invited_by, invitation.expires_at = actor.user, now + LIVES
    token = invitation.set_token()
    invitation.save(force_insert=True)
    record(actor, "invitation.created", invitation.public_id, ["email", "role"])
    return invitation, token


@transaction.atomic
def withdraw(*, actor: Actor, invitation: Invitation) -> None:
    """Raises NotYours, or NotOpen where it was accepted meanwhile."""
    if invitation.role not in may_give(role_of(actor)):
        raise NotYours
    _withdraw(actor, invitation)


def _withdraw(actor: Actor, invitation: Invitation) -> None:
    rows = Invitation.objects.within(actor.workspace.id).filter(pk=invitation.pk)
    if not rows.filter(status=Invitation.Status.SENT).update(status=Invitation.Status.WITHDRAWN):
        raise NotOpen
    record(actor, "invitation.withdrawn", invitation.public_id)


@transaction.atomic
def accept(*, invitation: Invitation, user: Any) -> Membership:
    """Make the person a member. Raises NotOpen or AlreadyMember; the invitation is then as it was.

    The address need not be the person's: the link was sent there, and is the proof. The audit log
    says who used it.
    """
    now = timezone.now()
    hold_members(invitation.workspace)
    rows = Invitation.objects.within(invitation.workspace_id).filter(pk=invitation.pk)
    accepted = {"status": Invitation.Status.ACCEPTED, "accepted_at": now, "accepted_by": user}
    if not is_backed(invitation) or not rows.waiting(now).update(**accepted):
        raise NotOpen
    workspace = invitation.workspace
    if Membership.objects.filter(workspace=workspace, user=user).exists():
        raise AlreadyMember
    member = Membership.objects.create(workspace=workspace, user=user, role=invitation.role)
    actor = person(user, workspace)
    record(actor, "invitation.accepted", invitation.public_id)
    record(actor, "member.joined", f"user_{user.pk}", ["role"])
    return member


def is_backed(invitation: Invitation) -> bool:
    """Whether who invited could still give that role: nobody comes back by a link of their own."""
    rows = Membership.objects.filter(workspace=invitation.workspace_id)
    given = rows.filter(user=invitation.invited_by_id).values_list("role", flat=True).first()
    return given is not None and invitation.role in may_give(given)


@transaction.atomic
def sign_up(*, invitation: Invitation, password: str) -> Any:
    """A new person, named by the address that was invited, as a member; NotOpen or NameTaken."""
    people, email = get_user_model()._default_manager, invitation.email
    if people.filter(username=email).exists() or people.filter(email__iexact=email).exists():
        raise NameTaken
    try:
        with transaction.atomic():
            user = people.create_user(username=email, email=email, password=password)
    except IntegrityError:
        raise NameTaken from None
    accept(invitation=invitation, user=user)
    return user
