"""People in front of the pages: what they do, said once for all journeys."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils import translation
from django.utils.translation import gettext, pgettext
from playwright.sync_api import Locator, Page, expect

from connections.models import Workspace
from integrations.texts import CONTEXT as CATALOGUE
from tests.e2e import words
from tests.e2e.visit import Visits, Window
from tests.factories import make_member, make_workspace


@dataclass(frozen=True)
class Way:
    """How a journey is made: through which window, whether scripts run, in which colours, and in
    which language."""

    window: Window
    has_scripts: bool
    color_scheme: str = "light"
    language: str = "en"

    def __str__(self) -> str:
        return f"{self.window}-{'scripts' if self.has_scripts else 'plain'}-{self.color_scheme}"


class Person:
    """Somebody with a page open; `seen` are the paths of the pages so far, each once."""

    def __init__(self, visits: Visits, way: Way, user: Any = None) -> None:
        self.visits, self.way, self.user = visits, way, user
        self.seen: list[str] = []
        self.page = visits.open(
            user,
            window=way.window,
            has_scripts=way.has_scripts,
            color_scheme=way.color_scheme,
            language=way.language,
        )
        self.page.on("framenavigated", lambda frame: self.note(frame.url))

    def note(self, url: str) -> None:
        path = urlsplit(url).path
        if url.startswith("http") and path not in self.seen:
            self.seen.append(path)

    def text(self, text: str) -> str:
        """A text of the pages or of the catalogue, in the language of the journey."""
        with translation.override(self.way.language):
            of_pages = gettext(text)
            return pgettext(CATALOGUE, text) if of_pages == text else of_pages

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=self.text(button), exact=True).click()
        self.arrive()

    def follow(self, link: str, *, within: Locator | Page | None = None) -> None:
        (within or self.page).get_by_role("link", name=self.text(link), exact=True).click()
        self.arrive()

    def arrive(self) -> None:
        """A click ends when a page begins to come: what is read at once is read of the whole."""
        self.page.wait_for_load_state("load")

    def field(self, label: str) -> Locator:
        """An input by its label; what the label adds for people who do not see stays out."""
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(self.text(label))}(?=\W|$)"))

    def fill(self, label: str, text: str) -> None:
        self.field(label).fill(text)

    def is_told(self, text: str) -> None:
        """In the status messages at the top of the page."""
        told = self.page.get_by_role("status").filter(has_text=self.text(text))
        expect(told.first).to_be_visible()

    def refusal(self) -> Locator:
        return self.page.get_by_role("alert").filter(has_text=self.text(words.NOTHING_SAVED))

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text, exact=True).first).to_be_visible()


class Member(Person):
    """A member of a workspace of their own."""

    def __init__(self, visits: Visits, way: Way) -> None:
        self.workspace: Workspace = make_workspace()
        super().__init__(visits, way, make_member(self.workspace).user)

    def go(self, path: str) -> None:
        self.page.goto(f"/w/{self.workspace.slug}/{path}")

    def go_to_form(self, integration: str, method: str) -> None:
        self.go(f"integrations/{integration}/{method}")

    def search_gallery(self, text: str) -> None:
        self.go("integrations")
        self.fill(words.SEARCH, text)
        self.field(words.SEARCH).press("Enter")
        expect(self.page).to_have_url(re.compile("search="))

    def is_refused(self, **messages: str) -> None:
        """Each message is listed with a link to its field, and stands at the field, which says
        that it is wrong. `messages` are by the field's path, with `__` for its dot."""
        listed = self.refusal().get_by_role("listitem")
        expect(listed).to_have_text([re.compile(re.escape(text)) for text in messages.values()])
        for name, text in messages.items():
            input_ = self.page.locator(f"[name='{name.replace('__', '.')}']").first
            expect(input_).to_have_attribute("aria-invalid", "true")
            expect(input_).to_have_accessible_description(re.compile(re.escape(text)))
            link = self.refusal().get_by_role("link", name=text)
            expect(link.first).to_have_attribute("href", f"#{input_.get_attribute('id')}")
        if self.way.has_scripts:
            # Whoever does not see the page is led to what is wrong.
            expect(self.refusal()).to_be_focused()

    def has_status(self, status: str) -> None:
        heading = self.page.locator("main h1").locator("xpath=..")
        expect(heading).to_contain_text(self.text(status))


class Staff(Person):
    """Somebody in the admin."""

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def type(self, label: str, text: str) -> None:
        self.page.get_by_label(f"{label}:", exact=True).fill(text)

    def is_told(self, text: str) -> None:
        expect(self.page.locator(".messagelist").get_by_text(text).first).to_be_visible()
