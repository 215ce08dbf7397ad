"""What a reader chose for every page: the language, and light or dark.

Kept in cookies and not in an account: it counts before anybody signs in, on a link that was sent to
somebody without an account, and on an error page that can ask no database.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.encoding import escape_uri_path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from mielto.logs import without_token

A_YEAR = 365 * 24 * 60 * 60
AUTOMATIC = "auto"
THEMES = {AUTOMATIC: _("Like the system"), "light": _("Light"), "dark": _("Dark")}
# What a browser paints before the stylesheet has come, and its own scroll bars and inputs.
COLOR_SCHEMES = {AUTOMATIC: "light dark", "light": "light", "dark": "dark"}


class PreferencesForm(forms.Form):
    """Blank means: as the browser and the system say."""

    language = forms.ChoiceField(required=False, choices=settings.LANGUAGES)
    theme = forms.ChoiceField(required=False, choices=[(name, name) for name in THEMES])


def theme_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    return chosen if chosen in THEMES else AUTOMATIC


def preferences(request: HttpRequest) -> dict[str, Any]:
    """For every template: asks neither session nor database."""
    theme = theme_of(request)
    return {
        "theme": theme,
        "color_scheme": COLOR_SCHEMES[theme],
        "themes": THEMES.items(),
        "languages": settings.LANGUAGES,
        "chosen_language": request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""),
        "here": here(request),
    }


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen and go back to where it was; what is no choice changes nothing."""
    response = HttpResponseRedirect(_way_back(request))
    form = PreferencesForm(request.POST)
    if form.is_valid():
        chosen = form.cleaned_data
        _keep(response, settings.LANGUAGE_COOKIE_NAME, chosen["language"])
        theme = "" if chosen["theme"] == AUTOMATIC else chosen["theme"]
        _keep(response, settings.THEME_COOKIE_NAME, theme)
    return response


def here(request: HttpRequest) -> str:
    """The address of the page, without a `next` of its own that leads to another site."""
    query = request.GET.copy()
    # No host is asked for: the page that refuses one that is not ours is drawn with this too.
    if not url_has_allowed_host_and_scheme(query.get("next", "/"), allowed_hosts=None):
        del query["next"]
    path = escape_uri_path(request.path)
    if without_token(path) != path:
        # Whoever opened a link has it; the page does not say it again.
        return "/"
    return f"{path}?{query.urlencode()}" if query else path


def _way_back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else "/"


def _keep(response: HttpResponse, name: str, value: str) -> None:
    if not value:
        response.delete_cookie(name, samesite="Lax")
        return
    response.set_cookie(
        name, value, max_age=A_YEAR, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
