"""Staff need a second factor where the installation asks for one, and get nowhere before."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.deprecation import MiddlewareMixin

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# What setting one up takes, and the way out.
WAY_THERE = {
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "sign-out",
    "account_logout",
    "set_language",
    "set-language",
}


def has_second_factor(user: Any) -> bool:
    """Recovery codes are none: they stand in for one that was lost."""
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists()


def lacks_second_factor(user: Any) -> bool:
    """Whether the person has to set one up before anything else."""
    is_asked = settings.STAFF_MFA_REQUIRED and getattr(user, "is_staff", False)
    return bool(is_asked) and not has_second_factor(user)


class SecondFactorMiddleware(MiddlewareMixin):
    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        match = request.resolver_match
        if (match and match.url_name in WAY_THERE) or not lacks_second_factor(request.user):
            return None
        return redirect("mfa_index")
