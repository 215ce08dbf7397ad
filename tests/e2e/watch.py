"""What a browser complains about while somebody looks at pages.

Four nets, because each misses something: the page's own event (none without scripts), the reports
that the policy asks for (they come late), the console, and the requests themselves.
"""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

from tests.e2e.server import PagesServer

LISTEN = """
document.addEventListener("securitypolicyviolation", (event) => {
  window.noteViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""
# Addresses that name no other place.
INLINE = ("data:", "blob:", "about:")
# What htmx says of a request that a newer one took the place of: it was meant to.
REPLACED = ("htmx:sendAbort", "htmx:afterRequest")


@dataclass
class Watch:
    """`others` are origins that a journey leads to; what their pages do is their affair."""

    server: PagesServer
    others: tuple[str, ...] = ()
    # A page that is to be a 404 or a 403 makes the console say so.
    expected_status: int = 200
    found: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.expose_function("noteViolation", lambda text: self.note("policy", text))
        context.add_init_script(LISTEN)
        context.on("page", self.look_at)
        context.on("request", self.on_request)
        context.on("requestfailed", self.on_failure)
        context.on("response", self.on_response)

    def look_at(self, page: Page) -> None:
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.note("script", str(error)))

    def note(self, kind: str, text: str) -> None:
        self.found.append(f"{kind}: {text}")

    def is_of_others(self, page_url: str) -> bool:
        return bool(self.others) and page_url.startswith(self.others)

    def on_console(self, message: ConsoleMessage) -> None:
        is_expected = message.text.startswith(REPLACED) or (
            self.expected_status >= 400 and str(self.expected_status) in message.text
        )
        of_others = message.page is not None and self.is_of_others(message.page.url)
        if message.type in ("error", "warning") and not is_expected and not of_others:
            self.note("console", message.text)

    def on_request(self, request: Request) -> None:
        inside = (self.server.url + "/", *INLINE)
        url = request.url
        if url.startswith(inside) or self.is_of_others(url) or self.is_of_others(asker(request)):
            return
        self.note("left the origin", url)

    def on_failure(self, request: Request) -> None:
        # A page that is left while it still loads something is no fault of it.
        if request.failure != "net::ERR_ABORTED" and not self.is_of_others(asker(request)):
            self.note("failed", f"{request.url} {request.failure}")

    def on_response(self, response: Response) -> None:
        is_ours = response.url.startswith(self.server.url)
        if response.status >= 400 and response.status != self.expected_status and is_ours:
            self.note("status", f"{response.status} {response.url}")

    def complaints(self) -> list[str]:
        """All until now, once; reports of earlier pages that came late among them."""
        reports = [_sentence(report) for report in self.server.collector.reports]
        complaints = [*self.found, *reports]
        self.found.clear()
        self.server.collector.reports.clear()
        return complaints


def asker(request: Request) -> str:
    """The address of the page that asks; nothing where a new page is asked for."""
    return "" if request.is_navigation_request() else request.frame.url


def _sentence(report: dict[str, Any]) -> str:
    names = ("document-uri", "violated-directive", "blocked-uri")
    return "report: " + " ".join(str(report.get(name)) for name in names)
