"""Where a connect session leads, and what the page that opened it is told."""

import json
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from connections.models import ConnectSession
from connections.web.links.guests import Ended, Guest, by_link, embedder, is_framed
from connections.web.outcomes import OUTCOMES
from connections.web.returning import with_said

# The result is shown to the browser that brought it about, not to whoever finds the link later.
SHOWN_FOR = timedelta(minutes=10)


def show_link(
    request: HttpRequest, guest: Guest, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    frame = {
        "workspace": guest.workspace,
        "session": guest.session,
        "token": guest.token,
        # No cookie, so no token of Django's either: see the package.
        "csrf_token": "",
    }
    if "failed" in request.GET and guest.session.failure:
        frame["told"] = told(guest.session, "failed", error=guest.session.failure)
    return render(request, template, {**frame, **context}, status=status)


def on(name: str, guest: Guest, *rest: str) -> HttpResponse:
    """Further along, with what the address says of a failure."""
    return redirect(reverse(name, args=[guest.token, *rest]) + _failed(guest.session))


def _failed(session: ConnectSession) -> str:
    return "?failed" if session.failure else ""


def go(name: str, guest: Guest) -> HttpResponse:
    """303: the form that was sent leaves the history."""
    answer = HttpResponseRedirect(reverse(name, args=[guest.token]))
    answer.status_code = 303
    return answer


def failed_notice(session: ConnectSession) -> str:
    """What the last consent came to, where it came to nothing."""
    found = OUTCOMES.get(session.failure)
    if found is None:
        return ""
    return " ".join((f"{found.title}.", *session.failure_reasons, str(found.next_step)))


def told(session: ConnectSession, what: str, **more: str) -> dict[str, str] | None:
    """The one message and the one origin that it is for; None where nobody is to be told."""
    origin = embedder(session)
    if not origin:
        return None
    message = {"type": f"mielto:{what}", **more, "session_id": session.public_id}
    return {"message": json.dumps(message), "origin": origin}


def said_of(session: ConnectSession) -> dict[str, str]:
    if session.status == ConnectSession.Status.COMPLETED:
        return {"status": "success", "connection_id": session.connected}
    return {"status": "cancelled"}


def return_address(session: ConnectSession) -> str:
    """With what became of it; "" where there is none, or it is on the list no more."""
    if session.return_url not in session.workspace.return_urls:
        return ""
    return with_said(session.return_url, **said_of(session), session_id=session.public_id)


@require_safe
@by_link
def done(request: HttpRequest, guest: Guest) -> HttpResponse:
    """How it ended, on a page: a policy that lets forms go here only follows their redirects too,
    so the way on to another site begins anew."""
    session = guest.session
    status = session.status_at(timezone.now())
    if status == ConnectSession.Status.OPEN:
        return on("link", guest)
    if session.ended_at is None or timezone.now() - session.ended_at > SHOWN_FOR:
        raise Ended(status)
    is_connected = status == ConnectSession.Status.COMPLETED
    what = {"connection_id": session.connected} if is_connected else {}
    message = told(session, "connected" if is_connected else "cancelled", **what)
    # A tab that was opened beside a frame has nobody to tell: the frame does.
    is_tab = "tab" in request.GET
    return show_link(
        request,
        guest,
        "links/done.html",
        is_connected=is_connected,
        is_tab=is_tab,
        told=None if is_tab else message,
        return_address="" if is_framed(request) or is_tab else return_address(session),
        # The script of a popup comes first.
        seconds=1 if message else 0,
    )


@require_safe
@by_link
def wait(request: HttpRequest, guest: Guest) -> HttpResponse:
    """In the frame, while its person consents in another tab."""
    session = guest.session
    if session.status_at(timezone.now()) != ConnectSession.Status.OPEN:
        return redirect("link-done", guest.token)
    if session.failure:
        return on("link", guest)
    return show_link(request, guest, "links/waiting.html")
