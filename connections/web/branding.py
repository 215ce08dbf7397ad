"""How a workspace looks to those whom it sends links: its owners' page, and the public files."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from connections.branding.colours import DEFAULT_ACCENT, text_on
from connections.branding.forms import BrandForm
from connections.ids import parse_id
from connections.models import Membership, Workspace, WorkspaceLogo
from connections.services.branding import change_branding
from connections.web.forms import DressedField
from connections.web.pages import show
from connections.web.visitors import Visitor, members_only

OWNERS = {Membership.Role.OWNER, Membership.Role.ADMIN}
A_YEAR, A_MINUTE = 31_536_000, 60


class BrandPageForm(BrandForm):
    bound_field_class = DressedField
    use_required_attribute = False


def owners_only(visitor: Visitor) -> None:
    rows = Membership.objects.filter(workspace=visitor.workspace, user=visitor.actor.user)
    if not rows.filter(role__in=OWNERS).exists():
        raise PermissionDenied


@require_http_methods(["GET", "HEAD", "POST"])
@members_only()
def branding(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    owners_only(visitor)
    # The form fills in its instance, valid or not: the page's frame keeps the stored one.
    row = Workspace.objects.get(pk=visitor.workspace.pk)
    form = BrandPageForm(request.POST or None, request.FILES or None, instance=row)
    if request.method == "POST" and form.is_valid():
        columns = {name: form.cleaned_data[name] for name in BrandForm.Meta.fields}
        change_branding(actor=visitor.actor, columns=columns, logo=form.cleaned_data["logo"])
        messages.success(request, _("Saved."))
        return redirect("branding", visitor.workspace.slug)
    return show(request, visitor, "workspaces/branding.html", form=form, errors=_errors(form))


def _errors(form: Any) -> list[tuple[str, str]]:
    """`(id of the input, message)`, for the summary above the form."""
    rows = form.errors.items()
    return [(form[name].auto_id, message) for name, found in rows for message in found]


def _public(workspace: str) -> Workspace:
    """Whoever holds a link sees how its workspace looks; so may anybody."""
    row_id = parse_id("wsp", workspace)
    found = row_id and Workspace.objects.filter(pk=row_id, is_active=True).first()
    if not found:
        raise Http404
    return found


def _kept(request: HttpRequest, answer: HttpResponse, version: str) -> HttpResponse:
    """For ever by the address of a version, for a minute by any other."""
    is_named = request.GET.get("v") == version
    seconds = A_YEAR if is_named else A_MINUTE
    answer["Cache-Control"] = f"public, max-age={seconds}{', immutable' if is_named else ''}"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_safe
def logo(request: HttpRequest, workspace: str) -> HttpResponse:
    row = _public(workspace)
    found = WorkspaceLogo.objects.filter(workspace=row).first()
    if found is None:
        raise Http404
    answer = HttpResponse(bytes(found.content), content_type=found.content_type)
    return _kept(request, answer, row.brand_logo)


@require_safe
def stylesheet(request: HttpRequest, workspace: str) -> HttpResponse:
    """Variables and nothing else: a page may hold no styles of its own."""
    accent = _public(workspace).brand_accent
    colour = accent or DEFAULT_ACCENT
    text = f":root{{--brand-accent:{colour};--brand-on-accent:{text_on(colour)}}}\n"
    answer = HttpResponse(text, content_type="text/css; charset=utf-8")
    return _kept(request, answer, accent.removeprefix("#"))
