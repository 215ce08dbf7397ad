"""Second factors, sessions and preferences, as somebody sets them up and uses them."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.access.test_second_factor import code_of
from tests.e2e import words
from tests.e2e.people import Person
from tests.factories import make_member, make_user, make_workspace
from tests.test_databases import on_postgres

# Once is enough; the pages themselves are looked at on SQLite.
pytestmark = on_postgres

SEED = re.compile("^[A-Z2-7]{32}$")


@pytest.fixture
def user(committed: None) -> Any:
    return make_member(make_workspace(), make_user()).user


@pytest.fixture
def person(visits, way, user) -> Person:
    return Person(visits, way, user)


def confirm(person: Person) -> None:
    person.fill(words.PASSWORD, "a password")
    person.press(words.CONFIRM)


def sign_in(person: Person, user: Any) -> None:
    person.page.goto("/sign-in")
    person.fill(words.USER_NAME, user.username)
    person.fill(words.PASSWORD, "a password")
    person.press(words.SIGN_IN)


def test_app_is_set_up_and_asked_for(visits, way, person, user):
    page = person.page
    page.goto("/account/security")
    person.follow(words.SET_UP_APP)
    confirm(person)
    person.fill(words.CODE, "wrong")
    person.press(words.SET_UP)
    expect(person.field(words.CODE)).to_have_attribute("aria-invalid", "true")
    seed = page.get_by_text(SEED).inner_text()
    person.fill(words.CODE, code_of(seed))
    person.press(words.SET_UP)
    shown = page.get_by_text(re.compile(r"^\s*\d{8}\s*$"))
    expect(shown).to_have_count(10)
    codes = shown.all_inner_texts()
    assert len(set(codes)) == 10
    again = Person(visits, way)
    sign_in(again, user)
    again.page.goto("/account/sessions")
    # The password alone opens nothing.
    expect(again.page.get_by_role("heading", name=words.SESSIONS)).to_have_count(0)
    again.fill(words.LOGIN_CODE, codes[0].strip())
    again.press(words.SIGN_IN)
    again.page.goto("/account/sessions")
    expect(again.page.get_by_role("heading", name=words.SESSIONS)).to_be_visible()


def test_session_elsewhere_is_ended(visits, way, person, user):
    other = Person(visits, way, user)
    other.page.goto("/account/sessions")
    person.page.goto("/account/sessions")
    person.press(words.END_OTHERS)
    expect(person.page.get_by_role("button", name=words.END_OTHERS)).to_have_count(0)
    other.page.goto("/account/sessions")
    expect(other.page).to_have_url(re.compile("/sign-in"))


def test_language_and_colours_are_chosen(person):
    page = person.page
    page.goto("/account/sessions")
    person.field("Language").select_option("ar")
    person.field("Colours").select_option("dark")
    person.press(words.APPLY)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.locator("[name=language]").select_option("en")
    page.locator("[name=theme]").locator("xpath=ancestor::form").get_by_role("button").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def with_authenticator(page: Page) -> None:
    """A device that keeps passkeys and says yes, in place of one of flesh and steel."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


class TestPasskey:
    """Browsers know passkeys of names only, and by scripts only."""

    @pytest.fixture
    def way(self, way):
        if not way.has_scripts:
            pytest.skip("a passkey is asked for by a script")
        return way

    def test_passkey_is_set_up_and_signs_in(self, person, user):
        page = person.page
        with_authenticator(page)
        page.goto("/account/security")
        person.follow(words.ADD_PASSKEY)
        confirm(person)
        person.fill("Name of the passkey", "This computer")
        page.locator("[name=passwordless]").check()
        person.press(words.ADD_IT)
        expect(page.get_by_text(re.compile(r"^\s*\d{8}\s*$")).first).to_be_visible()
        page.context.clear_cookies()
        page.goto("/sign-in")
        person.press(words.SIGN_IN_WITH_PASSKEY)
        expect(page).to_have_url(re.compile("/w/"))
        expect(page.locator("summary").filter(has_text=user.username)).to_be_visible()
