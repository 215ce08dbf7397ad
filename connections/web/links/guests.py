"""Who holds a link, and how the pages behind it are dressed."""

from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt

from connections.models import Connection, ConnectSession, Workspace
from connections.services.connect_sessions import SessionOver, link_actor
from connections.tokens import is_secret
from connections.web.links.endings import ENDINGS
from connections.web.visitors import View, Visitor
from integrations.catalogue import current_version
from integrations.specs import IntegrationDefinition, MethodDefinition
from integrations.texts import localised

FRAMES = {"iframe", "frame", "embed", "object"}
# Whoever adds one of these to the address of a page means to change what the link stands for.
SET_BY_THE_LINK = {
    *("integrations", "integration", "connection_id", "user_id", "end_user_id", "label"),
    *("metadata", "config", "credentials", "return_url", "origin", "locale", "workspace"),
}


class Ended(Exception):
    """The page that says why there is nothing to do here; `reason` is one of ENDINGS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest(Visitor):
    """Stands where a member stands on other pages; may do what the session says, and no more."""

    session: ConnectSession
    token: str = field(repr=False)

    def listed(self, slug: str) -> IntegrationDefinition:
        """One that the link offers; another is not there, one that was withdrawn is gone."""
        if slug not in self.session.integrations:
            raise Http404
        if self.session.repairs:
            return self.repaired[1]
        found = self.catalogue.get(slug, self.workspace.id)
        if found is None:
            raise Ended("withdrawn")
        return localised(found)

    @property
    def repaired(self) -> tuple[Connection, IntegrationDefinition, MethodDefinition]:
        """The connection to repair, with its definition as it is now."""
        row = Connection.objects.find(self.workspace, self.session.repairs)
        if row is None:
            raise Ended("deleted")
        definition = self.integration_of(row)
        return row, definition, definition.method_by_pk(row.auth_method_id)


def by_link(view: View) -> View:
    """The view gets a Guest in place of the token; nothing behind a link is kept or told on."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, token: str, **named: Any) -> HttpResponse:
        session = find_session(token)
        if session is None:
            return dressed(ended(request, "unknown", None), None)
        with translation.override(session.locale or translation.get_language()):
            answer = _answered(view, request, session, token, named)
        return dressed(answer, session)

    return guarded


def _answered(
    view: View, request: HttpRequest, session: ConnectSession, token: str, named: Any
) -> HttpResponse:
    try:
        refuse_foreign(request)
        if any(_is_set(name) for name in request.GET):
            raise Ended("unknown")
        guest = Guest(link_actor(session, current_version()), True, session=session, token=token)
        return view(request, guest, **named)
    except Ended as end:
        return ended(request, end.reason, session.workspace)
    except SessionOver:
        session.refresh_from_db(fields=["status"])
        return ended(request, session.status_at(timezone.now()), session.workspace)
    except Http404:
        return ended(request, "unknown", session.workspace)


def find_session(token: str) -> ConnectSession | None:
    """What looks like no token costs no query; a workspace that is off has no links."""
    if not is_secret(token):
        return None
    rows = ConnectSession.objects.select_related("workspace")
    return rows.of_token(token).first()  # type: ignore[no-any-return]


def only_while_open(guest: Guest) -> None:
    status = guest.session.status_at(timezone.now())
    if status != ConnectSession.Status.OPEN:
        raise Ended(status)


def _is_set(name: str) -> bool:
    return name.partition(".")[0] in SET_BY_THE_LINK


def refuse_foreign(request: HttpRequest) -> None:
    """A form that another site sent. `null` is what browsers send from a page without referrer."""
    if request.method in ("GET", "HEAD"):
        return
    origin = request.headers.get("Origin", "null")
    place = request.headers.get("Sec-Fetch-Site", "same-origin")
    own = {"null", settings.PUBLIC_URL, f"{request.scheme}://{request.get_host()}"}
    if origin not in own or place not in ("same-origin", "none"):
        raise Ended("foreign")


def ended(request: HttpRequest, reason: str, workspace: Workspace | None) -> HttpResponse:
    found = ENDINGS[reason]
    context = {"outcome": found, "workspace": workspace}
    return render(request, "links/ended.html", context, status=found.status)


def is_framed(request: HttpRequest) -> bool:
    return request.headers.get("Sec-Fetch-Dest") in FRAMES


def embedder(session: ConnectSession | None) -> str:
    """The origin that may frame the pages and is told how it ends, while it is on the list."""
    if session is None or session.origin not in session.workspace.embed_origins:
        return ""
    return session.origin


def dressed(answer: HttpResponse, session: ConnectSession | None) -> HttpResponse:
    origin = embedder(session)
    private(answer)
    if origin:
        answer._csp_replace = {"frame-ancestors": [origin]}  # type: ignore[attr-defined]
        # Whoever may not frame them is kept out by the policy; the older header knows no list.
        answer.xframe_options_exempt = True  # type: ignore[attr-defined]
        # A popup would lose its opener, and with it the one message that it has for it.
        answer["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return answer


def private(answer: HttpResponse) -> HttpResponse:
    """The address is a secret: no cache, no search engine and no other site gets to know it."""
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
