"""Popups and frames in a real browser: the page that opened a link is told once, and nobody else.

`localhost` and `127.0.0.1` are two sites to a browser, so cookies of the one are third-party in a
frame of the other. The README's example page is the one that opens the popup here.
"""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, sync_playwright
from werkzeug import Request, Response

from connections.models import Connection, ConnectSession
from tests.e2e.browsers import ARGUMENTS, chromium
from tests.factories import KEY_AND_EMAIL, api_client, make_integration, make_key, make_workspace
from tests.links.linking import TYPED
from tests.oauth_flow.service import make_client, make_service
from tests.test_databases import on_postgres

pytestmark = [on_postgres, pytest.mark.django_db(transaction=True)]

# The page of README.md, as it stands there.
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```html\n(.*?)```", README, re.DOTALL)
FRAME = """<!doctype html>
<title>Framed</title>
<iframe id="frame" width="560" height="700" title="Link"></iframe> <pre id="result"></pre>
<script>
  frame.src = location.hash.slice(1);
  onmessage = ({ data }) => { result.textContent += JSON.stringify(data) + "\\n"; };
</script>
"""


class App(BaseHTTPRequestHandler):
    """Somebody's own application, on another site."""

    def do_GET(self) -> None:
        body = (FRAME if self.path.startswith("/frame") else EXAMPLE).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Nothing."""


@pytest.fixture
def app() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), App)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def workspace(app: str, live_server: Any, settings: Any) -> Any:
    settings.PUBLIC_URL = live_server.url
    make_integration(KEY_AND_EMAIL)
    return make_workspace(embed_origins=[app], return_urls=[f"{app}/back?x=1"])


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    # Playwright runs a loop in this thread; Django would not let the test read its rows.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser.new_page()
        browser.close()


def session_url(workspace: Any, **body: Any) -> str:
    client = api_client(make_key(workspace))
    answer = client.post_json("/connect/sessions", {"integrations": ["key-and-email"], **body})
    assert answer.status_code == 201, answer.content
    url: str = answer.json()["url"]
    assert url.startswith("http://localhost:")
    return url


def fill_in(place: Any) -> None:
    for name, value in TYPED.items():
        place.fill(f"[name='{name}']", value)
    place.click("main form.card .btn-primary")


def test_example_page_hears_of_the_connection_and_the_popup_closes(workspace, app, page):
    page.goto(f"{app}/#{session_url(workspace, origin=app)}")
    with page.expect_popup() as opened:
        page.click("#connect")
    popup = opened.value
    with popup.expect_event("close"):
        fill_in(popup)
    page.wait_for_function("result.value !== ''")
    assert page.evaluate("result.value") == Connection.objects.get().public_id


def test_framing_page_is_told_once_without_any_cookie(workspace, app, page):
    page.goto(f"{app}/frame#{session_url(workspace, origin=app)}")
    frame = page.frame_locator("iframe")
    for name, value in TYPED.items():
        frame.locator(f"[name='{name}']").fill(value)
    frame.locator("main form.card .btn-primary").click()
    frame.get_by_text("You can close this window.").wait_for()
    page.wait_for_function("result.textContent !== ''")
    page.frames[1].evaluate("location.reload()")
    page.wait_for_timeout(1000)
    session = ConnectSession.objects.get()
    assert page.evaluate("result.textContent") == (
        f'{{"type":"mielto:connected","connection_id":"{session.connected}",'
        f'"session_id":"{session.public_id}"}}\n'
    )
    assert page.context.cookies() == []


@pytest.mark.parametrize("is_listed", [True, False], ids=["listed", "not of this session"])
def test_nobody_else_may_frame_it(workspace, app, page, is_listed):
    url = session_url(workspace, **({"origin": app} if is_listed else {}))
    page.goto(f"{app}/frame#{url}")
    page.wait_for_timeout(500)
    shown = page.frames[1].url
    assert shown.startswith(url) if is_listed else shown == "chrome-error://chromewebdata/"


def test_browser_returns_with_the_connection(workspace, app, page):
    page.goto(session_url(workspace, return_url=f"{app}/back?x=1"))
    fill_in(page)
    page.wait_for_url(f"{app}/back?*")
    session = ConnectSession.objects.get()
    assert page.url == (
        f"{app}/back?x=1&status=success&connection_id={session.connected}"
        f"&session_id={session.public_id}"
    )


def test_enter_sends_the_form_and_asks_nobody(workspace, page):
    page.goto(session_url(workspace))
    for name, value in TYPED.items():
        page.fill(f"[name='{name}']", value)
    page.press("[name='credentials.email']", "Enter")
    page.get_by_text("You can close this window.").wait_for()
    assert Connection.objects.count() == 1


# With a consent at a service in between


@pytest.fixture
def service(workspace: Any, httpserver: Any, settings: Any) -> Any:
    """One that agrees to everything, and does not let itself be framed."""
    service = make_service(httpserver, settings)
    make_client(workspace)

    def agree(request: Request) -> Response:
        service.codes["a-code"] = dict(request.args)
        query = urlencode({"code": "a-code", "state": request.args["state"]})
        headers = {"Location": f"{request.args['redirect_uri']}?{query}", "X-Frame-Options": "DENY"}
        return Response(status=302, headers=headers)

    httpserver.expect_request("/authorize").respond_with_handler(agree)
    return service


def test_popup_hears_of_a_consent(workspace, app, page, service):
    url = session_url(workspace, origin=app, integrations=["local-grant"])
    page.goto(f"{app}/#{url}")
    with page.expect_popup() as opened:
        page.click("#connect")
    popup = opened.value
    popup.get_by_role("link", name="Sign in").click()
    with popup.expect_event("close"):
        popup.click("main form.card .btn-primary")
    page.wait_for_function("result.value !== ''")
    assert page.evaluate("result.value") == Connection.objects.get().public_id


def test_frame_consents_in_a_tab_and_goes_on_by_itself(workspace, app, page, service):
    url = session_url(workspace, origin=app, integrations=["local-grant"])
    page.goto(f"{app}/frame#{url}")
    frame = page.frame_locator("iframe")
    frame.get_by_role("link", name="Sign in").click()
    frame.locator("main form.card .btn-primary").click()
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Open Local Grant").click()
    opened.value.get_by_text("Close this tab").wait_for()
    frame.get_by_text("You can close this window.").wait_for()
    page.wait_for_function("result.textContent !== ''")
    row = Connection.objects.get()
    assert f'"connection_id":"{row.public_id}"' in page.evaluate("result.textContent")
