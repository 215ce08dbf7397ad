"""How a workspace looks to those whom it sends links: its public files."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from connections.branding.colours import DEFAULT_ACCENT, text_on
from connections.ids import parse_id
from connections.models import Workspace, WorkspaceLogo

A_YEAR, A_MINUTE = 31_536_000, 60


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
