"""What scripts add to the pages: messages on the way, mended pastes, a look at what was typed."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import words
from tests.e2e.definitions import EVERYTHING
from tests.e2e.people import Member, Way
from tests.e2e.visit import DESK
from tests.factories import load_builtin, make_integration
from tests.integrations.key_material import rsa_key
from tests.test_databases import on_postgres
from tests.web.test_connecting import MANY

# Once is enough; the pages themselves are looked at on SQLite.
pytestmark = on_postgres

PASTE = """(input, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", text);
  input.focus();
  input.select();
  const options = {clipboardData, bubbles: true, cancelable: true};
  return input.dispatchEvent(new ClipboardEvent("paste", options));
}"""


@pytest.fixture
def member(visits):
    return Member(visits, Way(DESK, True))


@pytest.fixture
def everything(committed):
    make_integration(EVERYTHING)
    make_integration(MANY)
    load_builtin("zendesk", "gmail", "s3")


def messages(member, name):
    return member.page.locator(f"[id='id_{name}_error']")


def test_field_says_what_is_wrong_when_it_is_left_and_is_quiet_once_mended(member, everything):
    member.go_to_form("zendesk", "api_token")
    member.fill("Email", "a@b")
    member.field("API token").focus()
    message = "Field 'Email' must be a valid email address"
    expect(messages(member, "credentials.email")).to_have_text(message)
    expect(member.field("Email")).to_have_attribute("aria-invalid", "true")
    expect(member.field("Email")).to_have_accessible_description(re.compile(message))
    # Nobody has been at the others yet.
    expect(messages(member, "config.subdomain")).to_be_empty()
    expect(messages(member, "credentials.api_token")).to_be_empty()
    member.fill("Email", "a@example.com")
    member.field("Subdomain").focus()
    expect(messages(member, "credentials.email")).to_be_empty()
    expect(member.field("Email")).to_have_attribute("aria-invalid", "false")
    expect(messages(member, "credentials.api_token")).to_have_text(re.compile("is required"))


def test_message_that_another_field_caused_goes_with_its_cause(member, everything):
    member.go_to_form("many", "custom")
    member.field("Mode").select_option("wide")
    member.fill("Width", "many")
    member.field("Label").first.focus()
    expect(messages(member, "config.width")).to_have_text(re.compile("must be a whole number"))
    member.field("Mode").select_option("plain")
    expect(messages(member, "config.width")).to_be_empty()


@pytest.mark.parametrize(
    ("pasted", "left", "taken"),
    [
        ("  key-1234\n", "key-1234", "spaces and line breaks around it"),
        ('"key-1234"', "key-1234", "the quotes around it"),
        ("Bearer key-1234", "key-1234", "“Bearer”"),
        (" 'Bearer key-1234' ", "key-1234", "spaces and line breaks around it, the quotes"),
    ],
)
def test_paste_into_a_secret_is_mended_and_says_so(member, everything, pasted, left, taken):
    member.go_to_form("many", "custom")
    input_ = member.field("API Key")
    assert input_.evaluate(PASTE, pasted) is False
    expect(input_).to_have_value(left)
    member.is_told(f"Taken off what you pasted: {taken}")
    member.press("Put it back")
    # An input of one line has no line breaks.
    expect(input_).to_have_value(pasted.replace("\n", ""))
    expect(member.page.get_by_role("status").filter(has_text="Taken off")).to_have_count(0)


@pytest.mark.parametrize("pasted", ["key-1234", "Bearer ", '"', "two words"])
def test_paste_that_is_sound_or_would_be_empty_is_left_alone(member, everything, pasted):
    member.go_to_form("many", "custom")
    was_left = member.field("API Key").evaluate(PASTE, pasted)
    assert was_left is (pasted != "Bearer ")


def test_paste_of_a_whole_address_keeps_the_part_that_is_asked_for(member, everything):
    member.go_to_form("zendesk", "api_token")
    input_ = member.field("Subdomain")
    input_.evaluate(PASTE, "acme.zendesk.com ")
    expect(input_).to_have_value("acme")
    member.is_told("Taken off what you pasted: spaces and line breaks around it, “.zendesk.com”")


def test_typed_secret_can_be_looked_at_until_it_is_sent(member, everything):
    member.go_to_form("many", "custom")
    input_ = member.field("API Key")
    show = member.page.get_by_role("button", name="Show API Key", exact=True)
    expect(show).to_be_hidden()
    input_.fill("key-1234")
    show.click()
    expect(input_).to_have_attribute("type", "text")
    hide = member.page.get_by_role("button", name="Hide API Key", exact=True)
    expect(hide).to_be_visible()
    member.page.evaluate(
        """() => document.querySelector("form[data-conditions]").addEventListener(
            "submit", (event) => { event.preventDefault(); })"""
    )
    member.press(words.CONNECT)
    expect(input_).to_have_attribute("type", "password")


def test_chosen_file_takes_the_place_of_typing_and_can_be_given_back(member, everything):
    member.go_to_form("many", "custom")
    chooser = member.page.get_by_label(words.file_of("Key file"))
    area = member.page.locator("textarea[name='credentials.key_file']")
    name = {"name": "key.pem", "mimeType": "application/x-pem-file"}
    chooser.set_input_files({**name, "buffer": rsa_key().encode()})
    assert area.evaluate("area => area.readOnly")
    # The file is judged too: a sound one is no missing value.
    area.focus()
    with member.page.expect_response(re.compile("/check$")):
        member.field("Label").first.focus()
    expect(messages(member, "credentials.key_file")).to_be_empty()
    chooser.set_input_files({**name, "buffer": b"no key"})
    expect(messages(member, "credentials.key_file")).to_have_text(re.compile("must be a PEM"))
    member.page.get_by_role("button", name="Do not use this file").first.click()
    assert not area.evaluate("area => area.readOnly")
    expect(messages(member, "credentials.key_file")).to_be_empty()


def test_gallery_is_searched_as_one_types(member, everything):
    member.go("integrations")
    page = member.page
    page.evaluate("window.isSamePage = true")
    member.fill(words.SEARCH, "gmai")
    expect(page.get_by_role("listitem").filter(has_text="Gmail").first).to_be_visible()
    expect(page.locator("#count")).to_have_text("1 integration")
    expect(page).to_have_url(re.compile("search=gmai"))
    member.fill(words.SEARCH, "")
    member.field("Category").select_option("object-storage")
    expect(page.get_by_role("heading", name="Gmail")).to_have_count(0)
    expect(page).to_have_url(re.compile("category=object-storage"))
    expect(member.field(words.SEARCH).first).to_be_focused()
    assert page.evaluate("window.isSamePage")
    page.go_back()
    expect(page.locator("#count")).to_have_text(re.compile("integration"))
