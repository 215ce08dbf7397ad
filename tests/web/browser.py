"""A browser without scripts: it signs in, reads the form of a page and sends what the page holds.

What it sends comes from the drawn HTML, as a person's browser would send it, so a form that draws
the wrong thing fails a test.
"""

from html.parser import HTMLParser
from typing import Any

from django.test import Client

from connections.models import Workspace
from tests.factories import make_member

# The form of language and theme.
PREFERENCES = "/preferences"


def signed_in(user: Any, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def member_of(workspace: Workspace, role: str = "member") -> tuple[Client, Any]:
    """A signed-in browser of a new member, and the member."""
    user = make_member(workspace, role=role).user
    return signed_in(user), user


class PageForm(HTMLParser):
    """The largest form of a page: what it would send, what its labels point at, its ids."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self.labels: list[str] = []
        self.ids: list[str] = []
        self.described: list[str] = []
        self.foot: dict[str, list[str]] = {}
        self._form = self.foot
        self._select = self._textarea = ""
        self._options: list[tuple[str, bool]] = []
        self.feed(response.content.decode())
        self.sent = max(self.forms, key=len, default={})

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if "id" in given:
            self.ids.append(given["id"])
        self.described += (given.get("aria-describedby") or "").split()
        if tag == "form" and given.get("action") == PREFERENCES:
            # At the foot of every page, and never what a page is about.
            self.foot = {}
            self._form = self.foot
        elif tag == "form":
            self.forms.append({})
            self._form = self.forms[-1]
        elif tag == "label":
            self.labels.append(given["for"])
        elif tag == "textarea":
            self._textarea = given["name"]
            self._put(self._textarea, "")
        elif tag == "select":
            self._select, self._options = given["name"], []
        elif tag == "option":
            self._options.append((given.get("value", ""), "selected" in given))
        elif tag == "input":
            self._handle_input(given)

    def _handle_input(self, given: dict[str, str]) -> None:
        kind, name = given.get("type", "text"), given.get("name")
        is_silent = kind == "file" or (kind == "checkbox" and "checked" not in given)
        if name and not is_silent:
            self._put(name, given.get("value", "on" if kind == "checkbox" else ""))

    def _put(self, name: str, value: str) -> None:
        self._form.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        if self._textarea:
            # The first line break after the tag is not part of the value.
            self._form[self._textarea] = [data.removeprefix("\n")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""
        elif tag == "select" and self._options:
            chosen = [value for value, is_selected in self._options if is_selected]
            self._put(self._select, (chosen or [self._options[0][0]])[0])


def send(client: Client, url: str, typed: dict[str, Any] | None = None, **headers: Any) -> Any:
    """Open the page, type into its form and send it, with all that the page itself put in."""
    form = PageForm(client.get(url, **headers))
    return client.post(url, {**form.sent, **(typed or {})}, **headers)


def errors_of(response: Any) -> dict[str, list[str]]:
    """The messages of the form that was shown again, by field."""
    return {name: list(found) for name, found in response.context["form"].errors.items()}
