"""How somebody looks at the site: who, through which window, with or without scripts."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from playwright.sync_api import BrowserContext, Page

from tests.e2e.server import PagesServer
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
        if user is not None:
            sign_in(context, self.server, user)
        chosen = {settings.LANGUAGE_COOKIE_NAME: language, settings.THEME_COOKIE_NAME: theme}
        for name, value in chosen.items():
            if value:
                set_cookie(context, self.server, name, value)
        return context.new_page()


def sign_in(context: BrowserContext, server: PagesServer, user: Any) -> None:
    """The session of a browser that signed in: that somebody can, has a journey of its own."""
    for name, morsel in signed_in(user).cookies.items():
        set_cookie(context, server, name, morsel.value)


def set_cookie(context: BrowserContext, server: PagesServer, name: str, value: str) -> None:
    context.add_cookies([{"name": name, "value": value, "url": server.url}])
