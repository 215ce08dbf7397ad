"""What every page of a workspace shares: its frame, and lists cut into pages."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from connections.models import Connection
from connections.web.visitors import Visitor

ROWS_ON_A_PAGE = 24


def show(
    request: HttpRequest, visitor: Visitor, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    frame = {"workspace": visitor.workspace, "can_write": visitor.can_write}
    return render(request, template, {**frame, **context}, status=status)


def say_connected(request: HttpRequest, row: Connection) -> None:
    """What was stored and does not work yet is not called connected."""
    if row.status == Connection.Status.ACTIVE:
        messages.success(request, _("Connected."))
    else:
        messages.warning(request, _("Saved, but not tried yet: what stands below says why."))


def page_of(request: HttpRequest, rows: Any) -> Page:
    """The page that the address asks for; a number that makes no sense gets the nearest."""
    return Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
