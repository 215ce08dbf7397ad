"""Which permission a route needs: each view declares it by method, and a test asks every route."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.permissions import BasePermission


class DeclaredPermission(BasePermission):
    """Lets a key through that has the permission which the view declares for the method."""

    def has_permission(self, request: Any, view: Any) -> bool:
        needed = view.permissions.get(request.method)
        if needed is None:
            raise MethodNotAllowed(request.method, _("This method is not allowed here."))
        if needed not in request.user.permissions:
            text = _("This key lacks the permission '%(permission)s'.") % {"permission": needed}
            raise PermissionDenied(text, "missing_permission")
        return True
