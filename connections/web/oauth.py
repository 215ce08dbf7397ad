"""The pages around an authorization: a browser leaves for a service, and comes back."""

import logging
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_safe

from connections.models import Connection, ConnectSession, Membership, OAuthFlow
from connections.oauth.errors import OAuthError
from connections.oauth_completion import ConnectionGone, complete, session_of
from connections.services.connect_sessions import SessionOver, note_failure
from connections.services.locks import Overtaken
from connections.services.oauth_flows.browser import FlowRefused, cookie_name, open_flow, take_flow
from connections.services.verification import Unverifiable
from connections.vault import VaultError
from connections.web.outcomes import OUTCOMES
from connections.web.pages import say_connected
from connections.web.returning import with_said
from integrations.problems import Refused

logger = logging.getLogger("connections.oauth")

# Parameters that a service may send to the callback; each once (RFC 6749, section 3.1).
LONGEST_PARAMETER = 4096


def unseen(answer: HttpResponse) -> HttpResponse:
    """Keep the address, which carries a state or a code, from caches and from other sites."""
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def moved(url: str) -> HttpResponse:
    """303: the next address is asked for with GET, and this one leaves the history.

    On the way of a popup no answer may cut it off from its opener: there is nothing on it to guard.
    """
    answer = HttpResponseRedirect(url)
    answer.status_code = 303
    answer["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return unseen(answer)


def result(outcome: str) -> HttpResponse:
    return moved(reverse("oauth-result", args=[outcome]))


def parameters(request: HttpRequest) -> dict[str, str]:
    """Empty where one is given twice or is too long: then it is nobody's answer."""
    given = dict(request.GET.lists())
    if any(len(values) != 1 or len(values[0]) > LONGEST_PARAMETER for values in given.values()):
        return {}
    return {name: values[0] for name, values in given.items()}


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Bind this browser to the flow and send it on to the service."""
    state = parameters(request).get("state", "")
    try:
        opened = open_flow(state, user=request.user, now=timezone.now())
    except FlowRefused as refusal:
        return result(refusal.reason)
    except (OAuthError, VaultError):
        return result("misconfigured")
    answer = moved(opened.url)
    answer.set_cookie(
        opened.cookie,
        opened.secret,
        max_age=opened.max_age,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return answer


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """One use of the flow, one exchange, one verdict; then on to an address without the code."""
    answer = parameters(request)
    state = answer.get("state", "")
    try:
        flow = take_flow(state, cookies=request.COOKIES, user=request.user, now=timezone.now())
    except FlowRefused as refusal:
        return result(refusal.reason)
    try:
        came = Return(request, flow)
    except VaultError:
        return result("misconfigured")
    except SessionOver:
        return result("used")
    with translation.override(came.language):
        response = came.carried_out(answer)
    response.delete_cookie(cookie_name(flow), samesite="Lax")
    return unseen(response)


class Return:
    """A person who came back with a flow that is theirs, and where they go now."""

    def __init__(self, request: HttpRequest, flow: OAuthFlow) -> None:
        self.request, self.flow = request, flow
        context = flow.get_context()
        self.place, self.return_url = context["place"], context["return_url"]
        self.link = context.get("link") or {}
        self.session = session_of(flow, context)
        # That of the link's pages: there they read why it failed.
        of_link = self.session.locale if self.session is not None else ""
        self.language = of_link or translation.get_language()

    def carried_out(self, answer: Mapping[str, str]) -> HttpResponse:
        if not self.may_still():
            return self.failed("not_allowed")
        try:
            return self.done(complete(self.flow, answer, now=timezone.now()))
        except OAuthError as error:
            return self.failed(error.cause)
        except VaultError:
            return self.failed("misconfigured")
        except Refused as refusal:
            return self.refused(refusal)
        except Unverifiable:
            return self.failed("unavailable")
        except ConnectionGone:
            return self.failed("gone")
        except Overtaken:
            return self.failed("overtaken")
        except SessionOver:
            return self.failed("used")

    def may_still(self) -> bool:
        """Whether the person may still write in the workspace: ten minutes have passed."""
        if self.session is not None:
            return self.session.status_at(timezone.now()) == ConnectSession.Status.OPEN
        if self.place != "web":
            return self.place == "api" or bool(self.request.user.is_staff)  # type: ignore[union-attr]
        rows = Membership.objects.filter(user=self.flow.owner, workspace=self.flow.workspace)
        found = rows.first()
        return found is not None and found.can_write

    def done(self, connection: Connection) -> HttpResponse:
        logger.info("authorization_done", extra={"flow": str(self.flow.id)})
        if self.session is not None:
            return self.at_link("link-done", "tab" if self.place == "tab" else "")
        if self.return_url:
            return self.back(status="success", connection_id=connection.public_id)
        if self.place == "api":
            return result("connected")
        say_connected(self.request, connection)
        if self.place == "admin":
            return moved(reverse("admin:connections_connection_change", args=[connection.pk]))
        place = [self.flow.workspace.slug, connection.public_id]
        return moved(reverse("connection", args=place))

    def failed(self, outcome: str, reasons: Sequence[str] = ()) -> HttpResponse:
        logger.info("authorization_failed", extra={"flow": str(self.flow.id), "outcome": outcome})
        if self.session is not None:
            note_failure(self.session, outcome, timezone.now(), reasons)
            return self.at_link("link", "failed")
        if self.return_url:
            return self.back(status="failed", error=outcome)
        return result(outcome)

    def refused(self, refusal: Refused) -> HttpResponse:
        """The rules, or the service, said no to what was about to be stored."""
        problems = [problem for found in refusal.detail.values() for problem in found]  # type: ignore[union-attr]
        is_another = problems[0].code == "wrong_account"
        # They name fields and never values: they may travel in a cookie, and be stored.
        reasons = [problem.in_full for problem in problems]
        if not self.return_url and self.session is None:
            for reason in reasons:
                messages.error(self.request, reason)
        return self.failed("wrong_account") if is_another else self.failed("not_accepted", reasons)

    def back(self, **said: str) -> HttpResponse:
        """To the address that `initiate` named, which was on the workspace's list."""
        return moved(with_said(self.return_url, **said))

    def at_link(self, name: str, query: str) -> HttpResponse:
        """The page of the connect session that the person came from."""
        url = reverse(name, args=[self.link["token"]])
        return moved(f"{url}?{query}" if query else url)


@require_safe
def oauth_result(request: HttpRequest, outcome: str) -> HttpResponse:
    """What became of it, in words of ours."""
    found = OUTCOMES.get(outcome)
    if found is None:
        raise Http404
    context = {"outcome": found}
    return unseen(render(request, "connections/oauth/result.html", context, status=found.status))
