"""What people sign in with, and links that let them in, are heard nowhere but where they are shown.

Secrets of connections that staff look at: tests/admin_site/test_reveal.py.
"""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client, RequestFactory
from django.urls import reverse

from connections.models import Invitation
from mielto.logs import formatter
from mielto.reports import QuietFilter, QuietReporter
from tests.access.test_second_factor import code_of, confirmed, seed_on
from tests.canary import WORD, heard_in, heard_in_storage, stored_rows
from tests.factories import make_member, make_user, make_workspace
from tests.web.browser import PageForm, member_of, send, signed_in

pytestmark = pytest.mark.django_db


class Listener(logging.Handler):
    """Keeps every line as the installation would write it."""

    def __init__(self) -> None:
        super().__init__(level=logging.NOTSET)
        self.setFormatter(formatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(autouse=True)
def log() -> Iterator[list[str]]:
    """Every line that the system writes; none may sing, at any level but that of SQL."""
    listener, root = Listener(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    yield listener.lines
    root.removeHandler(listener)
    root.setLevel(level)
    assert [line for line in listener.lines if heard_in(line)] == []


def stored() -> str:
    return "\n".join(
        str(bytes(value) if isinstance(value, memoryview) else value)
        for _place, value in stored_rows()
    )


PASSWORDS = {
    "sign-in": {"login": "ada", "password": WORD},
    "sign-in-as-a-name": {"login": WORD, "password": WORD},
    "account/confirm": {"password": WORD},
    "account/password": {"oldpassword": WORD, "password1": WORD, "password2": f"{WORD}x"},
}


@pytest.mark.parametrize("path", PASSWORDS)
def test_a_password_that_was_refused_is_echoed_and_kept_nowhere(path: str) -> None:
    client = Client() if path.startswith("sign-in") else signed_in(make_user("ada"))
    typed = PASSWORDS[path]
    url = f"/{path.removesuffix('-as-a-name')}"
    answer = client.post(url, typed)
    assert answer.status_code == 200
    if typed.get("login") != WORD:
        assert heard_in(answer.content) == []
    assert heard_in_storage() == []
    assert heard_in(str(dict(client.session.items()))) == []


def test_a_new_password_is_kept_as_a_digest_only() -> None:
    client = signed_in(make_user())
    typed = {"oldpassword": "a password", "password1": WORD, "password2": WORD}
    answer = client.post("/account/password", typed, follow=True)
    assert answer.status_code == 200
    assert heard_in(answer.content) == []
    assert heard_in_storage() == []


def test_a_password_of_whoever_was_invited_is_kept_as_a_digest_only() -> None:
    workspace = make_workspace()
    client, _user = member_of(workspace, "owner")
    shown = client.post(
        f"/w/{workspace.slug}/settings/invitations", {"email": "ada@example.com", "role": "member"}
    )
    invited = Client()
    invited.get(re.search(r"/invitations/[\w-]{43}", shown.content.decode())[0])
    assert heard_in(invited.post("/invitation", {"password": f"ada{WORD[:1]}"}).content) == []
    answer = invited.post("/invitation", {"password": WORD}, follow=True)
    assert answer.redirect_chain
    assert heard_in(answer.content) == []
    assert heard_in_storage() == []


def test_seeds_and_codes_are_on_their_pages_only(log: list[str]) -> None:
    user = make_member(make_workspace()).user
    client = confirmed(user)
    page = client.get("/account/security/app")
    seed = seed_on(page)
    client.post(
        "/account/security/app", {**PageForm(page).sent, "code": code_of(seed)}, follow=False
    )
    codes = re.findall(r">(\d{8})</li>", client.get("/account/security/codes").content.decode())
    assert len(codes) == 10
    staff = signed_in(make_user(is_staff=True, is_superuser=True))
    totp = Authenticator.objects.get(type="totp")
    pages = [
        *(client.get(f"/{path}") for path in ("account/security", "account/security/codes")),
        client.get("/account/sessions"),
        staff.get("/admin/mfa/authenticator/"),
        staff.get(f"/admin/mfa/authenticator/{totp.pk}/change/"),
        staff.get(f"/admin/auth/user/{user.pk}/change/"),
        staff.get("/admin/"),
    ]
    assert {answer.status_code for answer in pages} == {200}
    everything = [*(answer.content.decode() for answer in pages), *log, stored()]
    everything.append(json.dumps(dict(client.session.items())))
    everything.append(repr(totp) + str(totp) + repr(totp.wrap()))
    for secret in (seed, *codes):
        assert [text[:60] for text in everything if secret in text] == []


def test_link_of_an_invitation_is_on_its_page_only(
    log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace()
    client, _user = member_of(workspace, "owner")
    shown = send(client, f"/w/{workspace.slug}/settings/members")
    shown = client.post(
        f"/w/{workspace.slug}/settings/invitations", {"email": "ada@example.com", "role": "member"}
    )
    link = re.search(r"/invitations/[\w-]{43}", shown.content.decode())[0]
    token = link.removeprefix("/invitations/")
    staff = signed_in(make_user(is_staff=True, is_superuser=True))
    pages = [
        client.get(f"/w/{workspace.slug}/settings/members"),
        staff.get("/admin/connections/auditevent/"),
        staff.get("/admin/"),
    ]
    visitor = Client()
    pages += [visitor.get(link, follow=True), Client().get(f"{link}x")]
    row = Invitation.objects.get()
    everything = [*(page.content.decode() for page in pages), stored(), repr(row), str(row)]
    everything.append(json.dumps(dict(visitor.session.items())))
    # The page that fails is named in the log, by what it is and not by its address.
    broken = Client(raise_request_exception=False)
    monkeypatch.setattr(Invitation, "is_open", lambda self, now: 1 / 0)
    assert broken.get(link).status_code == 500
    everything += log
    assert [text[:80] for text in everything if token in text] == []


def test_an_error_report_tells_no_password() -> None:
    request = RequestFactory().post(reverse("sign-in"), {"login": "ada", "password": WORD})
    try:
        raise ValueError("made up")
    except ValueError as error:
        reporter: Any = QuietReporter(request, type(error), error, error.__traceback__)
        reporter.filter = QuietFilter()
        assert heard_in(reporter.get_traceback_text() + reporter.get_traceback_html()) == []
