"""What fails before a view, or in one: JSON below `/api/`, a plain page elsewhere."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

SECONDS_TO_RETRY = 5


def _answer(request: HttpRequest, status: int, code: str, sentence: str) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        return JsonResponse({"detail": sentence, "code": code}, status=status)
    return render(request, "error.html", {"sentence": sentence, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400, "bad_request", _("The request is not valid."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403, "forbidden", _("You may not do this."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404, "not_found", _("Not found"))


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that cannot be reached comes back by itself: that is worth another try."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        sentence = _("The database cannot be reached right now: try again.")
        answer = _answer(request, 503, "unavailable", sentence)
        answer["Retry-After"] = str(SECONDS_TO_RETRY)
        return answer
    return _answer(request, 500, "server_error", _("Something went wrong on our side."))
