"""Pictures of the product for its pages, made again: `python -m tests.pictures [NAME …]`.

A demo is served, filled with the rows of tests/showcase.py, and Chromium takes its pictures into
docs/pictures/. Rows, ids and dates are the same at every run; so are the pictures, on one machine
and with one set of fonts. A picture is a row of PICTURES.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.demo_site import Site, demo_site
from tests.e2e.browsers import ARGUMENTS, found_chromium

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
WIDTH, HEIGHT = 1120, 760
MOST_KB = 150


def fill_wrongly(page: Page) -> None:
    """What a person types by mistake, so that the page says what is wrong."""
    page.locator("[name='config.subdomain']").fill("acme.zendesk.com/agent")
    page.locator("[name='credentials.email']").fill("ann")
    with page.expect_navigation(wait_until="load"):
        page.locator("main form[method=post] button.btn-primary").click()


@dataclass(frozen=True)
class Picture:
    """`path` may name rows of the demo: {slug}, {active}, {error} …"""

    name: str
    path: str
    who: str = "user"
    theme: str = "light"
    language: str = "en"
    do: Callable[[Page], None] | None = None
    height: int = HEIGHT


FORM = "/w/{slug}/integrations/zendesk/api_token"
PICTURES = (
    Picture("gallery", "/w/{slug}/integrations"),
    Picture("gallery-dark", "/w/{slug}/integrations", theme="dark"),
    Picture("gallery-arabic", "/w/{slug}/integrations", language="ar"),
    Picture("form", FORM, do=fill_wrongly, height=900),
    Picture("form-arabic", FORM, language="ar"),
    Picture("connections", "/w/{slug}/connections"),
    Picture("connections-dark", "/w/{slug}/connections", theme="dark"),
    Picture("connection", "/w/{slug}/connections/{error}"),
    Picture("admin", "/admin/", "admin"),
    Picture("admin-connections", "/admin/connections/connection/", "admin"),
    Picture("editor", "/admin/integrations/integration/{zendesk}/change/", "admin"),
    Picture("link", "{link}/i/zendesk/api_token", ""),
)


def take(browser: Browser, site: Site, picture: Picture) -> Path:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": picture.height},
        color_scheme=picture.theme,
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    carried = {"language": picture.language, "theme": picture.theme}
    if picture.who:
        carried["session"] = site.sessions[picture.who]
    context.add_cookies(
        [
            {"name": site.cookies[name], "value": value, "url": site.url}
            for name, value in carried.items()
        ]
    )
    page = context.new_page()
    # The editor's preview comes a moment after the page.
    answer = page.goto(site.url + picture.path.format(**site.rows), wait_until="networkidle")
    assert answer is not None
    if answer.status != 200:
        raise RuntimeError(f"{picture.name}: {answer.status} at {page.url}")
    if picture.do:
        picture.do(page)
    page.evaluate("() => window.scrollTo(0, 0)")
    target = FOLDER / f"{picture.name}.png"
    # The caret blinks; fonts may come late.
    page.evaluate("() => document.fonts.ready")
    page.screenshot(path=target, caret="hide", animations="disabled")
    context.close()
    return target


def main(names: list[str]) -> int:
    unknown = set(names) - {picture.name for picture in PICTURES}
    program = os.environ.get("CHROMIUM") or found_chromium()
    if unknown or program is None:
        sys.exit(f"pictures: there is no {', '.join(sorted(unknown)) or 'Chromium'}.")
    chosen = [picture for picture in PICTURES if not names or picture.name in names]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo_site() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        for picture in chosen:
            size = take(browser, site, picture).stat().st_size / 1000
            remark = "" if size < MOST_KB else f"  larger than {MOST_KB} KB"
            sys.stdout.write(f"{picture.name:<20}{size:>7.1f} KB{remark}\n")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
