"""Django's page machinery, stepping aside for the API.

Programs carry a key, not a cookie: sessions, messages and CSRF tokens have nothing to do on
`/api/v1/` and cost more than the request itself. Each class is Django's own and keeps its checks
for every other path.
"""

from typing import Any

from allauth.account.middleware import AccountMiddleware as _Account
from csp.middleware import CSPMiddleware as _CSP
from django.contrib.auth.middleware import AuthenticationMiddleware as _Authentication
from django.contrib.messages.middleware import MessageMiddleware as _Message
from django.contrib.sessions.middleware import SessionMiddleware as _Session
from django.http import HttpRequest, HttpResponse
from django.middleware.common import CommonMiddleware as _Common
from django.middleware.csrf import CsrfViewMiddleware as _CsrfView
from django.middleware.gzip import GZipMiddleware as _GZip
from django.middleware.locale import LocaleMiddleware as _Locale
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin
from django_htmx.middleware import HtmxMiddleware as _Htmx
from whitenoise.middleware import WhiteNoiseMiddleware as _WhiteNoise

from connections.access.second_factor import SecondFactorMiddleware as _SecondFactor
from connections.access.session_use import SessionUseMiddleware as _SessionUse

API_PREFIX = "/api/v1/"
# The same, its document, and whatever else is asked for there.
FOR_PROGRAMS = "/api/"
# The page there that people read.
REFERENCE = "/api/docs"
NO_CONTENT = 204


class PagesOnly:
    """Passes API requests straight on; everything else goes through the class it is mixed into."""

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(API_PREFIX):
            return self.get_response(request)  # type: ignore[attr-defined]
        return super().__call__(request)  # type: ignore[misc]

    def process_view(self, request: HttpRequest, *args: Any) -> Any:
        if request.path_info.startswith(API_PREFIX):
            return None
        inherited = getattr(super(), "process_view", None)
        return inherited(request, *args) if inherited else None


class GZipMiddleware(PagesOnly, _GZip):
    """Pages, and the static files of a demo; in production those lie compressed already.

    How long a compressed answer is can tell what is in it, if a stranger may both put words into
    it and ask for it often (BREACH). Here a stranger's request brings no cookie (`SameSite`), the
    CSRF token is masked anew each time, Django adds random bytes, no page that is asked for with
    GET shows a secret beside somebody else's words, and answers of the API stay as they are.
    """


class WhiteNoiseMiddleware(PagesOnly, _WhiteNoise):
    pass


class CSPMiddleware(PagesOnly, _CSP):
    pass


class SessionMiddleware(PagesOnly, _Session):
    pass


class LocaleMiddleware(_Locale):
    """Pages speak the reader's language; programs get one wording, the original of every text.

    A thread keeps the language of the page that it served last, so the API says so each time.
    """

    def __call__(self, request: HttpRequest) -> Any:
        path = request.path_info
        if path.startswith(FOR_PROGRAMS) and path != REFERENCE:
            translation.deactivate_all()
            return self.get_response(request)
        return super().__call__(request)


class CommonMiddleware(PagesOnly, _Common):
    """What the API keeps of it: a `Host` that is not ours is refused, an answer has a length."""

    def __call__(self, request: HttpRequest) -> Any:
        request.get_host()
        response = super().__call__(request)
        if request.path_info.startswith(API_PREFIX) and response.status_code != NO_CONTENT:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


class CsrfViewMiddleware(PagesOnly, _CsrfView):
    pass


class AuthenticationMiddleware(PagesOnly, _Authentication):
    pass


class AccountMiddleware:
    """allauth's is a function: its answer is held beside the way past it."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        self.account = _Account(get_response)
        self.process_exception = self.account.process_exception

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(API_PREFIX):
            return self.get_response(request)
        return self.account(request)


class SessionUseMiddleware(PagesOnly, _SessionUse):
    pass


class SecondFactorMiddleware(PagesOnly, _SecondFactor):
    pass


class MessageMiddleware(PagesOnly, _Message):
    pass


class HtmxMiddleware(PagesOnly, _Htmx):
    pass


class PageGuardMiddleware(PagesOnly, MiddlewareMixin):
    """Pages may show what only their reader may see: no cache keeps them."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response
