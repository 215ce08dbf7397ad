"""The application on a port of this machine, with a collector for what its policy refuses.

The handler is the one that gunicorn serves, static files by WhiteNoise included. In front of it
stands the collector: it adds `report-uri` to each Content-Security-Policy that goes out, as it is
and wherever it comes from, and takes the reports in. That works without scripts, too. It has an
empty page, for leaving another: whoever leaves the origin loses what is compiled of its scripts.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.test.testcases import LiveServerThread

from mielto.requests import PlainWSGIHandler

# Passkeys are bound to a name; to an address there are none.
HOST = "localhost"
REPORTS = "/-/csp-reports"
NOWHERE = "/-/nowhere"
# A browser asks for an icon wherever none is named.
NOTHING = b'<!doctype html><link rel="icon" href="data:,">'
POLICY = "content-security-policy"
Start = Callable[..., Any]


class Collector:
    """`reports` are the bodies of browsers' reports, `{document-uri, violated-directive, …}`."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.reports: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] == REPORTS:
            return self.take_in(environ, start)
        if environ["PATH_INFO"] == NOWHERE:
            start("200 OK", [("content-type", "text/html")])
            return [NOTHING]

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start(status, [reported(*header) for header in headers], *more)

        return self.application(environ, started)

    def take_in(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.reports.append(json.loads(body)["csp-report"])
        start("204 No Content", [])
        return []


def reported(name: str, value: str) -> tuple[str, str]:
    return (name, f"{value}; report-uri {REPORTS}") if name.lower() == POLICY else (name, value)


class PagesServer(LiveServerThread):
    """Serves as soon as it is made; each connection of a browser has a thread."""

    def __init__(self) -> None:
        self.collector = Collector(PlainWSGIHandler())
        # What Django would put around its own handler serves static files by another way.
        super().__init__(HOST, static_handler=lambda _handler: self.collector)
        self.daemon = True
        self.start()
        self.is_ready.wait()
        if self.error:
            raise self.error

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"
