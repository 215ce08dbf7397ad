"""What fails before a view, or in one: JSON below `/api/`, a plain page elsewhere."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

SECONDS_TO_RETRY = 5


def _answer(
    request: HttpRequest, status: int, code: str, sentence: str, *, remedy: str = ""
) -> HttpResponse:
    """`remedy` is what a person can do now; a page says it."""
    if request.path_info.startswith("/api/"):
        return JsonResponse({"detail": sentence, "code": code}, status=status)
    shown = {"sentence": sentence, "remedy": remedy, "status": status}
    return render(request, "error.html", shown, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    remedy = _("Nothing was changed. Go back, reload the page and send it again.")
    return _answer(request, 400, "bad_request", _("The request is not valid."), remedy=remedy)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    remedy = _(
        "Your role does not allow it. Ask an owner of the workspace, or whoever runs this site."
    )
    return _answer(request, 403, "forbidden", _("You may not do this."), remedy=remedy)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    # The same for what is not there and for what is somebody else's.
    remedy = _(
        "Check the address. What was here may have been deleted, or another account may see it."
    )
    return _answer(request, 404, "not_found", _("Not found"), remedy=remedy)


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that cannot be reached comes back by itself: that is worth another try."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        sentence = _("The database cannot be reached right now: try again.")
        answer = _answer(request, 503, "unavailable", sentence)
        answer["Retry-After"] = str(SECONDS_TO_RETRY)
        return answer
    sentence = _("Something went wrong on our side.")
    remedy = _("Try again in a moment. If it stays like this, tell whoever runs this site.")
    return _answer(request, 500, "server_error", sentence, remedy=remedy)
