"""How often somebody may try: per name and per address, whichever process counts."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connections
from django.test import Client

from tests.factories import make_user

pytestmark = pytest.mark.django_db
PER_NAME, PER_ADDRESS = 5, 20


@pytest.fixture
def hashed(db, monkeypatch):
    """The passwords that were looked at."""
    # The factory hashes once for the whole run, and not by what comes in the place of hashing.
    make_user()
    seen = []

    def encode(self, password, salt, iterations=None):
        seen.append(password)
        return "pbkdf2_sha256$1$salt$hash"

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    return seen


def attempt(name, password="wrong", **headers):
    return Client().post("/sign-in", {"login": name, "password": password}, **headers)


def said(answer):
    return [str(one) for found in answer.context["form"].errors.values() for one in found]


def test_right_password_comes_too_late(hashed):
    user = make_user()
    for _each in range(PER_NAME):
        attempt(user.username)
    answer = attempt(user.username, "a password")
    assert (answer.status_code, len(hashed)) == (200, PER_NAME)
    assert said(answer) == ["Too many attempts. Wait five minutes, then try again."]


def test_names_that_do_not_exist_are_limited_alike(hashed):
    for _each in range(PER_NAME):
        attempt("nobody")
    assert said(attempt("nobody")) == ["Too many attempts. Wait five minutes, then try again."]
    assert len(hashed) == PER_NAME


def test_an_address_tries_so_many_names(hashed):
    for number in range(PER_ADDRESS + 5):
        attempt(f"name-{number}")
    assert len(hashed) == PER_ADDRESS
    attempt("somebody", REMOTE_ADDR="198.51.100.7")
    assert len(hashed) == PER_ADDRESS + 1


@pytest.mark.parametrize(
    ("proxies", "looked_at"),
    [
        pytest.param([], PER_ADDRESS, id="made-up"),
        pytest.param(["127.0.0.1"], PER_ADDRESS + 5, id="by-a-listed-proxy"),
    ],
)
def test_forwarded_addresses_count_from_listed_proxies_only(hashed, settings, proxies, looked_at):
    settings.TRUSTED_PROXIES = proxies
    for number in range(PER_ADDRESS + 5):
        attempt(f"name-{number}", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert len(hashed) == looked_at


@pytest.mark.parametrize("address", ["", "unix:", "nonsense"])
def test_an_address_that_is_none_is_no_error(address, hashed):
    assert attempt("nobody", REMOTE_ADDR=address).status_code == 200


def test_right_sign_ins_use_up_nothing():
    user = make_user()
    for _each in range(PER_NAME + 3):
        assert attempt(user.username, "a password").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_get_more_attempts_than_one(hashed):
    user = make_user()

    def one(_number):
        try:
            return attempt(user.username).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(one, range(24)))
    # Who does not get hold of the count in time is refused, not let through.
    assert set(answers) <= {200, 429}
    assert len(hashed) <= PER_NAME
    assert hashed
