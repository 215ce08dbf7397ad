"""Pages about oneself: signing in and out, one's sessions."""

from typing import Any

from allauth.account.internal.flows.logout import logout
from allauth.account.views import LoginView
from allauth.mfa.base.views import IndexView
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from connections.access.second_factor import lacks_second_factor


class SignInView(LoginView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A page elsewhere does not follow a sign-in, and is not drawn either."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "next": self.get_next_url() or "", "redirect_field": ""}


class SecurityView(IndexView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "must_set_up": lacks_second_factor(self.request.user)}


class PasskeyConfirmView(ReauthenticateWebAuthnView):
    def form_invalid(self, form: Any) -> HttpResponse:
        """The page once more, where other ways are offered, too."""
        return self.render_to_response({**self.get_context_data(), "form": form})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request, show_message=False)
    return redirect("sign-in")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """`session` ends one; without it, all but this one end."""
    if request.method == "POST":
        return _end(request, request.POST.get("session"))
    found = UserSession.objects.purge_and_list(request.user)
    # The current one first, then by the last use.
    found.sort(key=lambda row: (row.is_current(), row.last_seen_at), reverse=True)
    return render(request, "account/sessions.html", {"sessions": found})


def _end(request: HttpRequest, named: str | None) -> HttpResponse:
    rows = UserSession.objects.filter(user=request.user)
    if named is None:
        rows = rows.exclude(session_key=request.session.session_key)
    else:
        rows = rows.filter(pk=named) if named.isdecimal() and len(named) < 19 else rows.none()
    for row in rows:
        if row.is_current():
            return sign_out(request)
        row.end()
    messages.success(request, _("Signed out there."))
    return redirect("sessions")
