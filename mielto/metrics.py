"""What is due and how late it is, as Prometheus reads it. Only for who shows METRICS_TOKEN."""

from collections.abc import Iterator
from hmac import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from connections.jobs.backlog import Backlog, backlogs

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
GAUGES = {
    "mielto_work_due": ("Pieces of work whose time has come.", lambda one: one.due),
    "mielto_work_running": ("Due pieces that somebody is at.", lambda one: one.running),
    "mielto_work_late_seconds": ("How long the oldest is due.", lambda one: one.late_seconds),
}


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not settings.METRICS_TOKEN:
        raise Http404
    if not is_known(request.headers.get("Authorization", "")):
        answer = HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    else:
        answer = HttpResponse("".join(lines(backlogs())), content_type=CONTENT_TYPE)
    answer["Cache-Control"] = "no-store"
    return answer


def is_known(shown: str) -> bool:
    scheme, _space, token = shown.partition(" ")
    is_same = compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    return scheme.lower() == "bearer" and is_same


def lines(found: list[Backlog]) -> Iterator[str]:
    for name, (text, value) in GAUGES.items():
        yield f"# HELP {name} {text}\n# TYPE {name} gauge\n"
        for one in found:
            yield f'{name}{{kind="{one.kind}"}} {value(one):g}\n'
