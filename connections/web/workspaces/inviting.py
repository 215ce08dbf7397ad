"""Inviting people, and withdrawing it."""

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from connections.models import Invitation
from connections.services.invitations import (
    AlreadyMember,
    NotOpen,
    TooManyInvitations,
    invite,
    withdraw,
)
from connections.services.members import NotYours
from connections.web.visitors import Visitor
from connections.web.workspaces.forms import InvitationForm
from connections.web.workspaces.members import members_page
from connections.web.workspaces.pages import managers_only, show_settings


@require_POST
@managers_only
def send_invitation(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = InvitationForm(request.POST, giver=visitor.role)
    if not form.is_valid():
        return members_page(request, visitor, form)
    if not ratelimit.consume(request, action="invite", user=request.user):
        form.add_error(None, _("These are many invitations. Wait a while, then send the next."))
        return members_page(request, visitor, form, status=429)
    try:
        invitation, token = invite(actor=visitor.actor, **form.cleaned_data)
    except AlreadyMember:
        form.add_error("email", _("Somebody with this address is a member already."))
    except NotYours:
        form.add_error("role", _("Only an owner can do that."))
    except TooManyInvitations:
        form.add_error(None, _("Too many invitations wait. Withdraw some first."))
    else:
        return _sent(request, visitor, invitation, token)
    return members_page(request, visitor, form)


def _sent(
    request: HttpRequest, visitor: Visitor, invitation: Invitation, token: str
) -> HttpResponse:
    """The link goes by mail; where none goes out, onto this one page."""
    url = settings.PUBLIC_URL + reverse("invitation-link", args=[token])
    if settings.MAIL_IS_SET_UP and _mailed(request, invitation, url):
        text = _("The invitation was sent to %(email)s.") % {"email": invitation.email}
        messages.success(request, text)
        return redirect("workspace-members", visitor.workspace.slug)
    shown = {"invitation": invitation, "url": url, "has_mail": settings.MAIL_IS_SET_UP}
    return show_settings(request, visitor, "invited.html", **shown)


def _mailed(request: HttpRequest, invitation: Invitation, url: str) -> bool:
    context = {"invitation": invitation, "url": url, "inviter": request.user.get_username()}
    body = render_to_string("workspaces/invitation_mail.txt", context)
    name = " ".join(invitation.workspace.name.split())
    subject = _("Invitation to %(workspace)s") % {"workspace": name}
    try:
        send_mail(subject, body, None, [invitation.email])
    except OSError:
        return False
    return True


@require_POST
@managers_only
def withdraw_invitation(request: HttpRequest, visitor: Visitor, invitation: str) -> HttpResponse:
    row = Invitation.objects.named(visitor.workspace.id, invitation)
    if row is None:
        raise Http404
    try:
        withdraw(actor=visitor.actor, invitation=row)
    except NotOpen:
        messages.error(request, _("It was used or withdrawn already."))
    except NotYours:
        messages.error(request, _("Only an owner can do that."))
    else:
        messages.success(request, _("The invitation was withdrawn."))
    return redirect("workspace-members", visitor.workspace.slug)
