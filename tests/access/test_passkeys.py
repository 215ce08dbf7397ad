"""Passkeys: as a second step, in place of a password, and to confirm."""

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.access.passkey import PRESENT, Passkey
from tests.access.test_second_factor import confirmed
from tests.factories import make_member, make_user, make_workspace
from tests.web.browser import signed_in

pytestmark = pytest.mark.django_db
NEW = "/account/security/passkeys/new"
LOGIN = "/sign-in/passkey"


def options_on(page):
    found = re.search(r'<script id="passkey-options"[^>]*>(.*?)</script>', page.content.decode())
    return json.loads(found[1])


def with_passkey(user):
    client, passkey = confirmed(user), Passkey()
    asked = options_on(client.get(NEW))["creation_options"]
    answer = client.post(NEW, {"name": "Mine", "credential": passkey.create(asked)})
    assert answer["Location"] == "/account/security/codes"
    return client, passkey


def options_to_sign_in(client):
    return client.get(LOGIN, headers={"accept": "application/json"}).json()["request_options"]


def test_passkey_signs_in_alone():
    user = make_member(make_workspace()).user
    _client, passkey = with_passkey(user)
    client = Client()
    sent = {"credential": passkey.get(options_to_sign_in(client)), "next": "/account/sessions"}
    answer = client.post(LOGIN, sent)
    assert answer["Location"] == "/account/sessions"
    assert client.get("/account/sessions").status_code == 200


def test_passkey_is_the_second_step_after_the_password():
    user = make_user()
    _client, passkey = with_passkey(user)
    client = Client()
    sent = {"login": user.username, "password": "a password"}
    assert client.post("/sign-in", sent)["Location"] == "/sign-in/code"
    asked = options_on(client.get("/sign-in/code"))["request_options"]
    assert client.post("/sign-in/code", {"credential": passkey.get(asked)}).status_code == 302
    assert client.get("/account/sessions").status_code == 200


def test_passkey_confirms():
    user = make_user()
    _client, passkey = with_passkey(user)
    client = signed_in(user)
    path = "/account/confirm/passkey"
    asked = options_on(client.get(path))["request_options"]
    sent = {"credential": passkey.get(asked), "next": NEW}
    assert client.post(path, sent)["Location"] == NEW
    assert client.get(NEW).status_code == 200


def test_answer_does_not_work_twice():
    _client, passkey = with_passkey(make_user())
    client = Client()
    sent = {"credential": passkey.get(options_to_sign_in(client))}
    assert client.post(LOGIN, sent)["Location"] == "/"
    for again in (client, Client()):
        again.post("/sign-out")
        assert again.post(LOGIN, sent)["Location"] == "/sign-in"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"origin": "https://evil.com"}, id="other-origin"),
        pytest.param({"host": "evil.com"}, id="other-host"),
        pytest.param({"id": b"x" * 32}, id="other-passkey"),
    ],
)
def test_answer_for_another_place_is_refused(change, settings):
    _client, passkey = with_passkey(make_user())
    # As in production.
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
    client = Client()
    asked = options_to_sign_in(client)
    vars(passkey).update({"origin": "https://testserver", **change})
    assert client.post(LOGIN, {"credential": passkey.get(asked)})["Location"] == "/sign-in"
    assert client.get("/account/sessions").status_code == 302


def test_signature_of_another_key_is_refused():
    _client, passkey = with_passkey(make_user())
    passkey.key = Passkey().key
    client = Client()
    sent = {"credential": passkey.get(options_to_sign_in(client))}
    assert client.post(LOGIN, sent)["Location"] == "/sign-in"
    assert client.get("/account/sessions").status_code == 302


def test_passkey_alone_takes_a_finger_or_a_pin():
    _client, passkey = with_passkey(make_user())
    client = Client()
    only_there = passkey.get(options_to_sign_in(client), flags=PRESENT)
    assert client.post(LOGIN, {"credential": only_there})["Location"] == "/sign-in"


def test_passkey_of_a_locked_account_opens_nothing():
    user = make_user()
    _client, passkey = with_passkey(user)
    user.is_active = False
    user.save()
    client = Client()
    answer = client.post(
        LOGIN, {"credential": passkey.get(options_to_sign_in(client))}, follow=True
    )
    assert answer.redirect_chain[-1] == ("/sign-in", 302)
    assert client.get("/account/sessions").status_code == 302


def test_account_that_is_locked_between_the_steps_opens_nothing():
    user = make_user()
    _client, passkey = with_passkey(user)
    client = Client()
    client.post("/sign-in", {"login": user.username, "password": "a password"})
    asked = options_on(client.get("/sign-in/code"))["request_options"]
    user.is_active = False
    user.save()
    client.post("/sign-in/code", {"credential": passkey.get(asked)})
    assert client.get("/account/sessions").status_code == 302


MALFORMED = [
    "",
    "[" * 5000,
    '{"id":' * 300 + "1" + "}" * 300,
    "x",
    "1",
    "null",
    "[]",
    "{}",
    '{"id": 5}',
    '{"response": 5}',
    '{"response": {"userHandle": "!!"}}',
    '{"response": {"userHandle": "AAAA"}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA"}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": '
    '{"clientDataJSON": "AA", "attestationObject": "AA", "authenticatorData": "AA", '
    '"signature": "AA", "userHandle": "MQ"}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": '
    '{"clientDataJSON": "e30", "attestationObject": "oA", "authenticatorData": "e30", '
    '"signature": "AA", "userHandle": "MQ"}}',
    '{"id": "\\u0000", "rawId": ["a"], "type": 5, "response": {"userHandle": 5}}',
]


@pytest.mark.parametrize("credential", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_answer_is_refused(credential):
    user = make_user()
    client, _passkey = with_passkey(user)
    client.get(NEW)
    assert client.post(NEW, {"credential": credential}).status_code == 200
    confirm = "/account/confirm/passkey"
    client.get(confirm)
    assert client.post(confirm, {"credential": credential}).status_code == 200
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    stranger = Client()
    options_to_sign_in(stranger)
    assert stranger.post(LOGIN, {"credential": credential}).status_code in (200, 302)
    stranger.post("/sign-in", {"login": user.username, "password": "a password"})
    stranger.get("/sign-in/code")
    assert stranger.post("/sign-in/code", {"credential": credential}).status_code == 200
    assert stranger.get("/account/sessions").status_code == 302


def test_passkeys_are_listed_renamed_and_removed():
    user = make_user()
    client, _passkey = with_passkey(user)
    row = Authenticator.objects.get(type="webauthn")
    path = f"/account/security/passkeys/{row.pk}"
    assert client.post(path, {"name": "<Telephone>"}).status_code == 302
    assert "&lt;Telephone&gt;" in client.get("/account/security/passkeys").content.decode()
    stranger = confirmed(make_user())
    assert stranger.post(path, {"name": "Taken"}).status_code == 404
    assert stranger.post(f"{path}/remove").status_code == 404
    assert client.post(f"{path}/remove").status_code == 302
    assert not Authenticator.objects.filter(user=user).exists()
