"""The page of whoever holds a secret that was asked for: one field, and nothing of the rest."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from connections.links.asking import (
    definition_of,
    judge,
    of_the_secret,
    secret_form,
    sentences,
    store,
)
from connections.models import SecretRequest
from connections.services.connect_sessions import SessionOver
from connections.services.locks import Overtaken
from connections.services.secret_requests import RequestOver, asker_may_still, refuse_request
from connections.tokens import is_secret
from connections.web.links.guests import Ended, dressed, ended, refuse_foreign
from connections.web.links.pages import UnlabelledForm
from connections.web.rows import web_address

ENDING_OF = {"withdrawn": "taken_back"}


def find_request(token: str) -> SecretRequest | None:
    """What looks like no token costs no query; a workspace that is off has no links."""
    if not is_secret(token):
        return None
    rows = SecretRequest.objects.select_related("workspace", "auth_method", "owner", "session")
    row: SecretRequest | None = rows.of_token(token).first()
    if row is not None and row.session is not None:
        row.session.workspace = row.workspace
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt
def answer(request: HttpRequest, token: str) -> HttpResponse:
    row = find_request(token)
    workspace = row.workspace if row else None
    try:
        if row is None:
            raise Ended("unknown")
        return dressed(_answered(request, row), None)
    except (Ended, Http404) as end:
        reason = getattr(end, "reason", "unknown")
        return dressed(ended(request, reason, workspace), None)


def _answered(request: HttpRequest, row: SecretRequest) -> HttpResponse:
    refuse_foreign(request)
    now = timezone.now()
    status = row.status_at(now)
    if status != SecretRequest.Status.WAITING:
        raise Ended(ENDING_OF.get(status, status))
    if not asker_may_still(row, now):
        raise Ended("refused")
    try:
        form_class = secret_form(UnlabelledForm, row)
    except LookupError:
        text = _("What this integration asks for has changed: start again.")
        raise _refused(row, [text]) from None
    if request.method != "POST":
        return _page(request, row, form_class())
    if not row.count_attempt():
        raise _refused(row, [_("The secret was refused too often.")])
    form = form_class(request.POST, request.FILES)
    if form.is_valid() and _is_stored(row, form):
        return render(request, "links/answered.html", {"workspace": row.workspace})
    return _page(request, row, form)


def _refused(row: SecretRequest, reasons: list[str]) -> Ended:
    refuse_request(row=row, reasons=reasons)
    return Ended("refused")


def _is_stored(row: SecretRequest, form: Any) -> bool:
    """False where the secret is to blame, with its problems on the form; else Ended."""
    try:
        serializer = judge(row, form.value)
        if serializer.is_valid():
            store(row, serializer)
            return True
    except LookupError:
        raise _refused(row, [_("The connection was deleted meanwhile.")]) from None
    except (RequestOver, SessionOver):
        raise Ended("done") from None
    except Overtaken:
        form.add_error(None, _("It was changed meanwhile. Send it once more."))
        return False
    own = of_the_secret(row, serializer.problems)
    if len(own) < len(serializer.problems):
        raise _refused(row, sentences(serializer.problems))
    for problems in own.values():
        form._show(row.field_path, problems)
    return False


def _page(request: HttpRequest, row: SecretRequest, form: Any) -> HttpResponse:
    integration, method, spec = definition_of(row)
    context = {
        "workspace": row.workspace,
        "csrf_token": "",
        "form": form,
        "field_row": next(iter(form.rows())),
        "who": _name_of(row),
        "integration": integration,
        "method": method,
        "field_label": form.spec_fields[spec.path].name,
        "docs_url": web_address(spec.docs_url or method.docs_url or integration.docs_url),
        "expires_at": row.expires_at,
    }
    return render(request, "links/answer.html", context)


def _name_of(row: SecretRequest) -> str:
    """The member who asks; whoever holds a link has no name."""
    return (row.owner.get_full_name() or row.owner.get_username()) if row.owner else ""
