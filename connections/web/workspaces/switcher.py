"""The workspaces in the header of every page, read where they are drawn."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from connections.models import Membership


def workspaces(request: HttpRequest) -> dict[str, Any]:
    """`own_memberships` of whoever is signed in: those that could be opened."""
    return {"own_memberships": SimpleLazyObject(lambda: _memberships(request))}


def _memberships(request: HttpRequest) -> list[Membership]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    rows = Membership.objects.select_related("workspace").order_by("workspace__name", "id")
    return list(rows.filter(user=user, workspace__is_active=True))
