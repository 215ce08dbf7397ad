"""What the settings of a workspace share: who may open them, and their frame."""

from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from connections.models import Membership
from connections.web.pages import show
from connections.web.visitors import View, Visitor, members_only

MANAGERS = (Membership.Role.OWNER, Membership.Role.ADMIN)


def manages(visitor: Visitor) -> bool:
    return visitor.role in MANAGERS


def managers_only(view: View) -> View:
    """For owners and administrators; to strangers the workspace does not exist."""

    @wraps(view)
    @members_only()
    def guarded(request: HttpRequest, visitor: Visitor, **named: Any) -> HttpResponse:
        if not manages(visitor):
            raise PermissionDenied
        return view(request, visitor, **named)

    return guarded


def show_settings(
    request: HttpRequest, visitor: Visitor, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    frame = {"is_manager": manages(visitor), "role": visitor.role}
    page = f"workspaces/{template}"
    return show(request, visitor, page, status=status, **{**frame, **context})
