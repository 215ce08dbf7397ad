"""Making connect sessions and opening their links as a browser would: without a cookie, strict
about Django's CSRF check, so that a page which needed either would fail."""

from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from connections.models import ConnectSession
from tests.factories import api_client, make_key
from tests.web.browser import PageForm

ORIGIN = "https://app.example.com"
RETURN = "https://app.example.com/connected?from=mielto"
TYPED = {"credentials.api_key": "a key", "credentials.email": "ada@example.com"}


def guest() -> Client:
    return Client(enforce_csrf_checks=True)


def make_link(workspace: Any, **body: Any) -> str:
    """The path of a new session's link; by default one that connects `key-and-email`."""
    return make_session(workspace, **body)[0]


def make_session(workspace: Any, **body: Any) -> tuple[str, ConnectSession]:
    if "connection_id" not in body:
        body.setdefault("integrations", ["key-and-email"])
    answer = api_client(make_key(workspace)).post_json("/connect/sessions", body)
    assert answer.status_code == 201, answer.content
    found = answer.json()
    session = ConnectSession.objects.named(workspace.id, found["id"])
    return urlsplit(found["url"]).path, session


def landed(client: Client, link: str, **headers: str) -> Any:
    """The page that the link leads to, and its address as `page.url`."""
    answer = client.get(link, **headers)
    while answer.status_code in (301, 302, 303):
        link = answer["Location"]
        answer = client.get(link, **headers)
    answer.url = link
    return answer


def fill_in(client: Client, link: str, typed: Any = None, **headers: str) -> Any:
    """Open the link, type into its form and send it with all that the page put in."""
    page = landed(client, link, **headers)
    assert page.status_code == 200, page.content
    sent = {**PageForm(page).sent, **(TYPED if typed is None else typed)}
    return client.post(page.url, sent, **headers)
