"""The pages of whoever was invited.

The link's token leaves the address at once: the session remembers which invitation it was, so that
the token is in no history of pages, no `Referer`, and no log line about a page that failed.
"""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from connections.models import Invitation
from connections.services.invitations import (
    AlreadyMember,
    NameTaken,
    NotOpen,
    accept,
    is_backed,
    sign_up,
)
from connections.web.workspaces.forms import SignUpForm

REMEMBERED = "invitation"


@require_safe
def invitation_link(request: HttpRequest, token: str) -> HttpResponse:
    found = Invitation.objects.of_token(token)
    if found is None or not _is_open(found):
        return _over(request)
    request.session[REMEMBERED] = found.public_id
    return redirect("invitation")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    found = _remembered(request)
    if found is None or not _is_open(found):
        return _over(request)
    if request.user.is_authenticated:
        return _join(request, found) if request.method == "POST" else _page(request, found)
    form = SignUpForm(request.POST or None, email=found.email)
    if request.method != "POST" or not form.is_valid():
        return _page(request, found, form)
    try:
        user = sign_up(invitation=found, password=form.cleaned_data["password"])
    except NotOpen:
        return _over(request)
    except NameTaken:
        form.add_error(None, _("This address has an account already: sign in with it instead."))
        return _page(request, found, form)
    login(request, user)
    return _arrived(request, found)


def _join(request: HttpRequest, found: Invitation) -> HttpResponse:
    try:
        accept(invitation=found, user=request.user)
    except NotOpen:
        return _over(request)
    except AlreadyMember:
        messages.info(request, _("You are a member already."))
        return redirect("connections", found.workspace.slug)
    return _arrived(request, found)


def _arrived(request: HttpRequest, found: Invitation) -> HttpResponse:
    request.session.pop(REMEMBERED, None)
    messages.success(request, _("Welcome to %(name)s.") % {"name": found.workspace.name})
    return redirect("connections", found.workspace.slug)


def _remembered(request: HttpRequest) -> Invitation | None:
    row_id = Invitation.objects.parse(request.session.get(REMEMBERED, ""))
    rows = Invitation.objects.select_related("workspace", "invited_by")
    return rows.filter(pk=row_id, workspace__is_active=True).first()


def _is_open(found: Invitation) -> bool:
    return found.is_open(timezone.now()) and is_backed(found)


def _page(request: HttpRequest, found: Invitation, form: SignUpForm | None = None) -> HttpResponse:
    context = {"invitation": found, "form": form}
    return render(request, "invitations/accept.html", context)


def _over(request: HttpRequest) -> HttpResponse:
    """One page for links that were used, withdrawn, are over, or never were."""
    request.session.pop(REMEMBERED, None)
    return render(request, "invitations/over.html", status=410)
