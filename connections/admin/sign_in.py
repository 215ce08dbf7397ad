"""Staff sign in where everybody does, with the same limits and the same second step."""

from typing import Any

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode


def sign_in_first(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """To the sign-in, and back; whoever is signed in already is staff, or in the wrong place."""
    wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
    if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        wanted = reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect(f"{reverse('sign-in')}?{urlencode({REDIRECT_FIELD_NAME: wanted})}")
    if not request.user.is_staff:
        raise PermissionDenied
    return redirect(wanted)


def change_password(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Where everybody changes theirs: asked for it once more, and nothing endless is hashed."""
    return redirect("account_change_password")
