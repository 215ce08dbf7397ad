"""Who belongs to a workspace: everybody sees it, owners and administrators change it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections.models import Invitation, Membership
from connections.services.members import (
    LastOwner,
    NoSuchMember,
    NotYours,
    change_role,
    may_give,
    remove_member,
)
from connections.web.visitors import Visitor, members_only
from connections.web.workspaces.forms import InvitationForm
from connections.web.workspaces.pages import managers_only, manages, show_settings


@require_safe
@members_only()
def members(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = InvitationForm(giver=visitor.role) if manages(visitor) else None
    return members_page(request, visitor, form)


def members_page(
    request: HttpRequest, visitor: Visitor, form: InvitationForm | None, *, status: int = 200
) -> HttpResponse:
    given = may_give(visitor.role)
    rows = Membership.objects.filter(workspace=visitor.workspace).select_related("user")
    listed = [
        {
            "row": row,
            "is_self": row.user_id == request.user.pk,
            "can_change": row.role in given,
        }
        for row in rows.order_by("user__username")
    ]
    invitations = Invitation.objects.within(visitor.workspace.id).waiting(timezone.now())
    return show_settings(
        request,
        visitor,
        "members.html",
        status=status,
        members=listed,
        roles=[pair for pair in Membership.Role.choices if pair[0] in given],
        given=given,
        form=form,
        invitations=invitations if manages(visitor) else [],
    )


@require_POST
@managers_only
def set_role(request: HttpRequest, visitor: Visitor, member: int) -> HttpResponse:
    role = request.POST.get("role", "")
    if role not in Membership.Role.values:
        raise Http404
    done = _("The role was changed.")
    return _try(
        request,
        visitor,
        lambda: change_role(actor=visitor.actor, member_id=member, role=role),
        done,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@members_only()
def remove(request: HttpRequest, visitor: Visitor, member: int) -> HttpResponse:
    """Taking somebody away, or leaving."""
    rows = Membership.objects.filter(workspace=visitor.workspace).select_related("user")
    row = rows.filter(pk=member).first()
    if row is None:
        raise Http404
    is_self = row.user_id == request.user.pk
    if request.method != "POST":
        return show_settings(request, visitor, "remove.html", member=row, is_self=is_self)
    done = _("You left the workspace.") if is_self else _("They are no member any more.")
    answer = _try(
        request, visitor, lambda: remove_member(actor=visitor.actor, member_id=member), done
    )
    if is_self and not Membership.objects.filter(pk=member).exists():
        return redirect("home")
    return answer


def _try(
    request: HttpRequest, visitor: Visitor, change: Callable[[], None], done: str
) -> HttpResponse:
    try:
        change()
    except LastOwner:
        text = _("A workspace keeps an owner. Make somebody else an owner first.")
        messages.error(request, text)
    except NotYours:
        messages.error(request, _("Only an owner can do that."))
    except NoSuchMember:
        raise Http404 from None
    else:
        messages.success(request, done)
    return redirect("workspace-members", visitor.workspace.slug)
