"""Second factors, as people meet them, and as they lie in the database."""

import hashlib
import hmac
import json
import re
import struct
import time
from base64 import b32decode
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.db import connection as database
from django.db.models import F
from django.test import Client

from connections.models import AccountKey, CacheEntry
from connections.models.account_keys import open_for, seal_for
from connections.vault import DecryptionFailed
from tests.canary import stored_rows
from tests.factories import make_member, make_user, make_workspace
from tests.web.browser import PageForm, send, signed_in

pytestmark = pytest.mark.django_db
APP = "/account/security/app"


def code_of(seed, moment=None):
    counter = int(moment or time.time()) // 30
    digest = hmac.new(b32decode(seed), struct.pack(">Q", counter), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


def confirmed(user):
    """A browser whose person just typed their password again."""
    client = signed_in(user)
    asked = client.get(APP)
    assert asked["Location"] == "/account/confirm?next=%2Faccount%2Fsecurity%2Fapp"
    answer = send(client, asked["Location"], {"password": "a password"})
    assert answer["Location"] == APP
    return client


def seed_on(page):
    return re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", page.content.decode())[1]


def with_app(user):
    """A browser of a person who set an app up, the app's seed, and the recovery codes."""
    client = confirmed(user)
    page = client.get(APP)
    seed = seed_on(page)
    answer = client.post(APP, {**PageForm(page).sent, "code": code_of(seed)})
    assert answer["Location"] == "/account/security/codes"
    shown = client.get(answer["Location"]).content.decode()
    codes = re.findall(r">(\d{8})</li>", shown)
    assert len(codes) == 10
    return client, seed, codes


@pytest.fixture
def not_a_replay(monkeypatch):
    """An app shows the next code in half a minute; tests do not wait for it."""
    monkeypatch.setattr(totp.TOTP, "_mark_code_used", lambda self, code: True)


def test_app_is_asked_for_a_code_at_the_next_sign_in(not_a_replay):
    user = make_member(make_workspace()).user
    _client, seed, _codes = with_app(user)
    client = Client()
    sent = {"login": user.username, "password": "a password", "next": "/account/sessions"}
    assert client.post("/sign-in", sent)["Location"] == "/sign-in/code"
    assert client.get("/")["Location"].startswith("/sign-in")
    assert send(client, "/sign-in/code", {"code": "000000"}).status_code == 200
    assert client.get("/")["Location"].startswith("/sign-in")
    answer = send(client, "/sign-in/code", {"code": code_of(seed)})
    assert answer["Location"] == "/account/sessions"
    assert client.get("/account/sessions").status_code == 200


def lets_in(user, code):
    client = Client()
    client.post("/sign-in", {"login": user.username, "password": "a password"})
    return send(client, "/sign-in/code", {"code": code}).status_code == 302


@pytest.mark.parametrize(
    ("steps_away", "expected"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_code_is_taken_one_step_early_and_one_late(monkeypatch, steps_away, expected):
    user = make_user()
    _client, seed, _codes = with_app(user)
    now = time.time()
    monkeypatch.setattr(totp, "time", SimpleNamespace(time=lambda: now))
    assert lets_in(user, code_of(seed, now + 30 * steps_away)) is expected


@pytest.mark.parametrize("seconds", [0, 31, 59, 89])
def test_a_code_works_once(monkeypatch, seconds):
    user = make_user()
    _client, seed, _codes = with_app(user)
    start = time.time() // 30 * 30
    monkeypatch.setattr(totp, "time", SimpleNamespace(time=lambda: start))
    code = code_of(seed, start + 30)
    assert lets_in(user, code)
    # Time passes, for what is remembered as for the clock: it would be taken still.
    passed = timedelta(seconds=seconds)
    CacheEntry.objects.update(expires=F("expires") - passed)
    monkeypatch.setattr(totp, "time", SimpleNamespace(time=lambda: start + seconds))
    assert totp.validate_totp_code(seed, code)
    assert not lets_in(user, code)


def test_a_recovery_code_lets_in_once():
    user = make_user()
    _client, _seed, codes = with_app(user)
    answers = []
    for _each in range(2):
        client = Client()
        client.post("/sign-in", {"login": user.username, "password": "a password"})
        answers.append(send(client, "/sign-in/code", {"code": codes[3]}).status_code)
    assert answers == [302, 200]


def test_recovery_codes_are_shown_once():
    client, _seed, codes = with_app(make_user())
    again = client.get("/account/security/codes").content.decode()
    assert not [code for code in codes if code in again]
    fresh = send(client, "/account/security/codes/new")
    shown = re.findall(r">(\d{8})</li>", client.get(fresh["Location"]).content.decode())
    assert len(shown) == 10
    assert not set(shown) & set(codes)


def test_guessed_codes_are_limited():
    user = make_user()
    _client, seed, _codes = with_app(user)
    client = Client()
    client.post("/sign-in", {"login": user.username, "password": "a password"})
    for _each in range(5):
        send(client, "/sign-in/code", {"code": "000000"})
    assert send(client, "/sign-in/code", {"code": code_of(seed)}).status_code == 200


def test_app_is_removed_after_a_confirmation():
    user = make_user()
    client, _seed, _codes = with_app(user)
    assert send(client, f"{APP}/remove")["Location"] == "/account/security"
    assert not Authenticator.objects.exists()
    assert client.get(APP).status_code == 200


def test_password_alone_does_not_change_factors_of_a_session_that_was_left_open():
    client = signed_in(make_user())
    for path in (APP, "/account/security/passkeys/new", "/account/security/codes/new"):
        for answer in (client.get(path), client.post(path, {"code": "000000"})):
            assert answer["Location"].startswith("/account/confirm?next=")


# At rest.


def everything_stored():
    rows = [
        f"{place} {bytes(value) if isinstance(value, memoryview) else value}"
        for place, value in stored_rows()
    ]
    from_sessions = [json.dumps(dict(session_of(key).items())) for key in session_keys()]
    return "\n".join([*rows, *from_sessions])


def session_keys():
    with database.cursor() as cursor:
        cursor.execute("SELECT session_key FROM django_session")
        return [key for (key,) in cursor.fetchall()]


def session_of(key):
    return Client().session.__class__(key)


def test_seed_and_codes_lie_nowhere_in_the_clear():
    user = make_user()
    client = confirmed(user)
    page = client.get(APP)
    seed = seed_on(page)
    # While it is being set up the session knows it.
    assert seed not in everything_stored()
    client.post(APP, {**PageForm(page).sent, "code": code_of(seed)})
    codes = re.findall(r">(\d{8})</li>", client.get("/account/security/codes").content.decode())
    stored = everything_stored()
    assert [found for found in (seed, *codes) if found in stored] == []
    data = Authenticator.objects.get(type="recovery_codes").data
    assert open_for(user.pk, data["seed"], field="second factor") not in stored


def test_a_wrong_code_keeps_the_seed_that_the_app_knows():
    client = confirmed(make_user())
    page = client.get(APP)
    again = client.post(APP, {**PageForm(page).sent, "code": "000000"})
    assert again.status_code == 200
    assert seed_on(again) == seed_on(page)
    answer = client.post(APP, {**PageForm(again).sent, "code": code_of(seed_on(page))})
    assert answer.status_code == 302


def test_a_seed_that_was_moved_to_somebody_else_does_not_open():
    one, other = make_user(), make_user()
    sealed = seal_for(one.pk, "a seed", field="second factor")
    assert open_for(one.pk, sealed, field="second factor") == "a seed"
    for user_id, field in ((other.pk, "second factor"), (one.pk, "another")):
        with pytest.raises(DecryptionFailed):
            open_for(user_id, sealed, field=field)


def test_there_is_one_key_of_accounts():
    for user in (make_user(), make_user()):
        seal_for(user.pk, "a seed", field="second factor")
    assert AccountKey.objects.count() == 1


# Staff.


@pytest.fixture
def required(settings):
    settings.STAFF_MFA_REQUIRED = True


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("path", ["/admin/", "/", "/account/sessions", "/admin/auth/user/"])
def test_staff_without_a_factor_get_to_its_set_up_only(path):
    client = signed_in(make_user(is_staff=True, is_superuser=True))
    for answer in (client.get(path), client.post(path)):
        assert (answer.status_code, answer["Location"]) == (302, "/account/security")
    assert "second factor here" in client.get("/account/security").content.decode()
    assert client.get(APP)["Location"].startswith("/account/confirm")
    assert client.post("/sign-out")["Location"] == "/sign-in"


@pytest.mark.usefixtures("required")
def test_staff_with_a_factor_get_everywhere():
    client, _seed, _codes = with_app(make_user(is_staff=True, is_superuser=True))
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("required")
def test_recovery_codes_are_no_second_factor():
    client, _seed, _codes = with_app(make_user(is_staff=True, is_superuser=True))
    Authenticator.objects.filter(type="totp").delete()
    assert client.get("/admin/")["Location"] == "/account/security"


@pytest.mark.usefixtures("required")
def test_others_need_none():
    assert signed_in(make_user()).get("/account/sessions").status_code == 200


def test_a_demo_asks_staff_for_none():
    client = signed_in(make_user(is_staff=True, is_superuser=True))
    assert client.get("/admin/").status_code == 200


# Staff help who lost theirs.


def test_staff_take_a_factor_away_and_see_nothing_of_it():
    user = make_user()
    _client, seed, _codes = with_app(user)
    staff = signed_in(make_user(is_staff=True, is_superuser=True))
    listed = staff.get("/admin/mfa/authenticator/")
    row = Authenticator.objects.get(type="totp")
    page = staff.get(f"/admin/mfa/authenticator/{row.pk}/change/")
    for shown in (listed, page):
        assert shown.status_code == 200
        text = shown.content.decode()
        assert seed not in text
        assert row.data["secret"][:20] not in text
    staff.post(f"/admin/mfa/authenticator/{row.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.filter(type="totp").exists()


@pytest.mark.parametrize("model", ["account/emailaddress", "usersessions/usersession"])
def test_pages_of_allauth_that_show_what_is_stored_are_gone(model):
    staff = signed_in(make_user(is_staff=True, is_superuser=True))
    assert staff.get(f"/admin/{model}/").status_code == 404
