"""What django-allauth asks this installation: who calls, where one goes next, what is said."""

from ipaddress import ip_address
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from connections.access.authentication import client_address

NO_ADDRESS = "0.0.0.0"  # noqa: S104 - stands for one that is not known; nothing listens there
WRONG = _("The name and the password do not belong together. Check both, and try again.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        # One sentence for all reasons: whoever guesses learns nothing about accounts.
        "account_inactive": WRONG,
        "email_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "invalid_login": WRONG,
        "incorrect_password": _("This is not your password. Try again."),
        "enter_current_password": _("This is not your password. Try again."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
        "rate_limited": _("Too many attempts. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by invitation: see connections/services/invitations.py."""
        return False

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """A passkey of a locked account gets what a wrong password gets."""
        messages.error(request, WRONG)
        return redirect("sign-in")

    def get_client_ip(self, request: HttpRequest) -> str:
        """The proxies' word counts only where the operator lists them."""
        address = client_address(request)
        try:
            return str(ip_address(address))
        except ValueError:
            return NO_ADDRESS

    def is_safe_url(self, url: str | None) -> bool:
        request = context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
