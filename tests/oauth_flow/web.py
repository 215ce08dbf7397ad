"""A browser for pages of other services: cookies, forms, no scripts. Loopback only."""

from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPErrorProcessor, Request, build_opener

MOST_STEPS = 12


class AsItIs(HTTPErrorProcessor):
    """Every answer is an answer: redirects are followed by hand, to see where they lead."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response


class Page(HTMLParser):
    """The forms of a page: where they go and what they hold."""

    def __init__(self, url: str, text: str) -> None:
        super().__init__()
        self.url, self.text = url, text
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append((urljoin(self.url, given.get("action") or self.url), {}))
        elif tag in ("input", "button") and given.get("name") and self.forms:
            self.forms[-1][1].setdefault(given["name"], given.get("value") or "")


class WebBrowser:
    """Goes through the pages of a service until it is sent to the address that it waits for."""

    def __init__(self) -> None:
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()), AsItIs())

    def go(self, url: str, *, until: str, typed: dict[str, str]) -> str:
        """Follow and send forms, typing what they ask for; the whole address it was led to."""
        sent: dict[str, str] | None = None
        for _step in range(MOST_STEPS):
            if url.startswith(until):
                return url
            url, sent = self._step(url, sent, typed)
        raise AssertionError(f"the way does not end: {urlsplit(url).path}")

    def _step(
        self, url: str, sent: dict[str, str] | None, typed: dict[str, str]
    ) -> tuple[str, dict[str, str] | None]:
        body = None if sent is None else urlencode(sent).encode()
        answer = self.opener.open(Request(url, body, {"Referer": url}), timeout=10)  # noqa: S310
        if answer.headers.get("Location"):
            return urljoin(url, answer.headers["Location"]), None
        page = Page(url, answer.read().decode())
        assert page.forms, page.text[:2000]
        action, fields = page.forms[0]
        return action, {**fields, **{n: v for n, v in typed.items() if n in fields}}
