"""How somebody looks at the site: who, through which window, with or without scripts."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.server import NOWHERE, PagesServer
from tests.e2e.watch import Watch
from tests.web.browser import signed_in

SECONDS_TO_WAIT = 10


@dataclass(frozen=True)
class Window:
    """In CSS pixels. A zoomed page has fewer of them on the same screen."""

    name: str
    width: int
    height: int
    scale: float = 1

    def __str__(self) -> str:
        return self.name


DESK = Window("desk", 1280, 800)
PHONE = Window("phone", 390, 844)
# The screen of the desk at 200 % and at 400 % (WCAG 1.4.4 and 1.4.10).
DOUBLE = Window("200%", 640, 400, 2)
FOURFOLD = Window("400%", 320, 256, 4)


class Visits:
    """The browsers of one test; `watch` hears what all of them complain about."""

    def __init__(self, server: PagesServer, new_context: Any) -> None:
        self.server, self.new_context = server, new_context
        self.watch = Watch(server)

    def open(
        self,
        user: Any = None,
        *,
        window: Window = DESK,
        has_scripts: bool = True,
        language: str = "",
        theme: str = "",
        color_scheme: str = "light",
    ) -> Page:
        """An empty page of a browser in which the user is signed in already."""
        context = self.new_context(
            base_url=self.server.url,
            viewport={"width": window.width, "height": window.height},
            device_scale_factor=window.scale,
            java_script_enabled=has_scripts,
            color_scheme=color_scheme,
        )
        context.set_default_timeout(SECONDS_TO_WAIT * 1000)
        self.watch.over(context)
        become(context, self.server, user, language=language, theme=theme)
        return context.new_page()


class Walk:
    """One window for many pages, each of them as somebody who was never there before.

    A window of its own for each takes three times as long: nothing that it runs is compiled yet.
    """

    def __init__(self, server: PagesServer, browser: Browser, options: dict[str, Any]) -> None:
        self.server, self.watch = server, Watch(server)
        self.context = browser.new_context(base_url=server.url, **options)
        self.context.set_default_timeout(SECONDS_TO_WAIT * 1000)
        self.watch.over(self.context)
        self.page = self.context.new_page()

    def open(self, user: Any = None, *, language: str = "") -> Page:
        """The page, empty."""
        # What the last one still asks for is not to be asked for as somebody else.
        self.page.goto(NOWHERE)
        self.page.set_viewport_size({"width": DESK.width, "height": DESK.height})
        self.page.emulate_media(color_scheme="light")
        self.context.clear_cookies()
        become(self.context, self.server, user, language=language)
        return self.page


def become(
    context: BrowserContext, server: PagesServer, user: Any, *, language: str = "", theme: str = ""
) -> None:
    """The cookies of a person: that somebody can sign in, has a journey of its own."""
    cookies = {settings.LANGUAGE_COOKIE_NAME: language, settings.THEME_COOKIE_NAME: theme}
    if user is not None:
        cookies |= {name: morsel.value for name, morsel in signed_in(user).cookies.items()}
    context.add_cookies(
        [
            {"name": name, "value": cookies[name], "url": server.url}
            for name in cookies
            if cookies[name]
        ]
    )
