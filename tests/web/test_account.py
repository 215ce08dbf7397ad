"""One's own sessions and password."""

import re

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client

from tests.factories import make_member, make_user, make_workspace
from tests.web.browser import errors_of, send, signed_in

pytestmark = pytest.mark.django_db
SESSIONS, PASSWORD = "/account/sessions", "/account/password"
TYPED = {
    "oldpassword": "a password",
    "password1": "correct horse battery",
    "password2": "correct horse battery",
}


def browsers(user, *names):
    """Signed-in browsers of one person, each of which has opened a page."""
    found = [signed_in(user, headers={"user-agent": name}) for name in names]
    for client in found:
        client.get(PASSWORD)
    return found


def is_in(client):
    return client.get(SESSIONS).status_code == 200


def test_sessions_are_listed_with_place_and_last_use():
    here, _there = browsers(make_user(), "Firefox <1>", "Chrome")
    browsers(make_user(), "Stranger")
    text = here.get(SESSIONS).content.decode()
    assert "Firefox &lt;1&gt;" in text
    assert "Chrome" in text
    assert "127.0.0.1" in text
    assert "Stranger" not in text
    assert not [key for key in UserSession.objects.values_list("session_key") if key[0] in text]


def test_one_session_is_ended():
    user = make_user()
    here, there, other = browsers(user, "A", "B", "C")
    row = UserSession.objects.get(user_agent="B")
    assert here.post(SESSIONS, {"session": row.pk})["Location"] == SESSIONS
    assert [is_in(client) for client in (here, there, other)] == [True, False, True]


def test_all_others_are_ended():
    user = make_user()
    here, there, other = browsers(user, "A", "B", "C")
    (stranger,) = browsers(make_user(), "D")
    here.post(SESSIONS)
    found = [is_in(client) for client in (here, there, other, stranger)]
    assert found == [True, False, False, True]


@pytest.mark.parametrize("named", ["", "x", "-1", "9" * 40, "\0"])
def test_a_session_that_is_none_ends_nothing(named):
    here, there = browsers(make_user(), "A", "B")
    assert here.post(SESSIONS, {"session": named}).status_code == 302
    assert is_in(here)
    assert is_in(there)


def test_a_strangers_session_is_not_ended():
    (here,) = browsers(make_user(), "A")
    (stranger,) = browsers(make_user(), "B")
    here.post(SESSIONS, {"session": UserSession.objects.get(user_agent="B").pk})
    assert is_in(stranger)


def test_ending_this_one_signs_out():
    (here,) = browsers(make_user(), "A")
    answer = here.post(SESSIONS, {"session": UserSession.objects.get().pk})
    assert answer["Location"] == "/sign-in"
    assert not is_in(here)


def test_new_password_ends_all_other_sessions():
    user = make_user()
    here, there = browsers(user, "A", "B")
    assert send(here, PASSWORD, TYPED).status_code == 302
    assert [is_in(here), is_in(there)] == [True, False]
    sign_in = {"login": user.username, "password": "correct horse battery"}
    assert Client().post("/sign-in", sign_in).status_code == 302


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        pytest.param({"oldpassword": "wrong"}, "oldpassword", id="not-theirs"),
        pytest.param({"oldpassword": "x" * 4097}, "oldpassword", id="endless-old"),
        pytest.param({"password1": "x" * 4097}, "password1", id="endless-new"),
        pytest.param({"password1": "qwxz1"}, "password1", id="weak"),
        pytest.param({"password2": "something else"}, "password2", id="not-the-same"),
    ],
)
def test_password_is_not_changed(typed, field):
    user = make_user()
    answer = send(signed_in(user), PASSWORD, {**TYPED, **typed})
    assert answer.status_code == 200
    assert field in errors_of(answer)
    shown = answer.content.decode()
    assert not [value for value in {**TYPED, **typed}.values() if value in shown]
    user.refresh_from_db()
    assert user.check_password("a password")


def test_endless_passwords_are_not_hashed(monkeypatch):
    hashed = []
    encode = PBKDF2PasswordHasher.encode
    monkeypatch.setattr(
        PBKDF2PasswordHasher,
        "encode",
        lambda self, password, *rest: hashed.append(len(password)) or encode(self, "x", *rest),
    )
    user = make_user()
    endless = dict.fromkeys(TYPED, "x" * 4097)
    send(signed_in(user), PASSWORD, endless)
    send(signed_in(user), "/account/confirm", {"password": "x" * 4097})
    assert [length for length in hashed if length > 4096] == []


@pytest.mark.parametrize(
    "wanted", ["//evil.com", "https://evil.com/", "/\\evil.com", "javascript:1"]
)
@pytest.mark.parametrize("path", ["/account/confirm", PASSWORD])
def test_no_page_elsewhere_follows(path, wanted):
    client = signed_in(make_user())
    typed = TYPED if path == PASSWORD else {"password": "a password"}
    answer = client.post(f"{path}?next={wanted}", {**typed, "next": wanted})
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]
    assert "javascript" not in answer["Location"]


# The header.


def test_header_leads_to_every_workspace_that_can_be_opened():
    user = make_user()
    mine = [make_member(make_workspace(), user).workspace for _each in range(2)]
    closed = make_member(make_workspace(is_active=False), user).workspace
    strangers = make_workspace()
    text = signed_in(user).get(f"/w/{mine[0].slug}/connections").content.decode()
    header = text[text.index("<header") : text.index("</header>")]
    assert {workspace.slug for workspace in mine} <= set(re.findall(r"/w/([\w-]+)/", header))
    assert closed.slug not in header
    assert strangers.slug not in header
    for path in ("/account/security", PASSWORD, SESSIONS, "/sign-out"):
        assert f'"{path}"' in header


def test_strangers_get_no_menu():
    assert "<details" not in Client().get("/sign-in").content.decode()
