"""What a member of a workspace does, from the gallery to an active connection and back."""

import re

import pytest
from playwright.sync_api import expect

from connections.models import Connection
from tests.e2e import words
from tests.e2e.definitions import EVERYTHING
from tests.e2e.people import Member, Person, Way
from tests.e2e.visit import DESK, PHONE
from tests.factories import make_integration, make_member, make_user, make_workspace
from tests.integrations.key_material import rsa_key
from tests.live_service import BAD, GOOD
from tests.test_databases import on_postgres

# Once is enough; the pages themselves are looked at on SQLite.
pytestmark = on_postgres

ACCOUNT = '{"type": "service_account"}'
FORM = ("everything", "keys")


@pytest.fixture
def everything(committed: None) -> None:
    make_integration(EVERYTHING)


def stored(member: Member) -> Connection:
    return Connection.objects.select_related("credential__workspace").get(owner=member.user)


def connected(member: Member, address: str) -> Connection:
    """A connection of the member, made by the form."""
    member.go_to_form("local-api", "api_key")
    member.fill("API key", GOOD)
    member.fill("Base URL", address)
    member.press(words.CONNECT)
    member.is_told(words.CONNECTED)
    return stored(member)


def test_from_the_gallery_over_a_refusal_to_an_active_connection(member, service):
    member.search_gallery("local")
    member.follow("Local")
    member.fill("API key", BAD)
    member.fill("Base URL", "nowhere")
    member.press(words.CONNECT)
    member.is_refused(config__base_url="Field 'Base URL' must be a valid URL")
    assert not Connection.objects.filter(owner=member.user).exists()
    # A secret is never shown again; the rest is.
    expect(member.field("API key")).to_have_value("")
    expect(member.field("Base URL")).to_have_value("nowhere")
    member.fill("API key", BAD)
    member.fill("Base URL", service.address)
    member.press(words.CONNECT)
    expect(member.refusal()).to_contain_text(words.NOT_ACCEPTED)
    member.fill("API key", GOOD)
    member.press(words.CONNECT)
    member.is_told(words.CONNECTED)
    member.has_status(words.ACTIVE)
    # Gallery, form, connection: no page more.
    assert len(member.seen) == 3
    assert stored(member).status == Connection.Status.ACTIVE
    assert service.keys == [BAD, GOOD]


@pytest.mark.parametrize(
    "way", [Way(DESK, True, language="ar"), Way(PHONE, False, language="ar")], ids=str
)
def test_from_the_gallery_right_to_left(member, service):
    member.search_gallery("local")
    expect(member.page.locator("html")).to_have_attribute("dir", "rtl")
    member.follow("Local")
    expect(member.page.locator("html")).to_have_attribute("dir", "rtl")
    member.fill("API key", BAD)
    member.fill("Base URL", service.address)
    member.press(words.CONNECT)
    expect(member.refusal()).to_contain_text(member.text(words.REFUSED))
    member.fill("API key", GOOD)
    member.press(words.CONNECT)
    member.is_told(words.CONNECTED)
    member.has_status(words.ACTIVE)
    expect(member.page.locator("html")).to_have_attribute("dir", "rtl")


def test_key_files_are_chosen_in_place_of_typing(member, everything):
    member.go_to_form(*FORM)
    fill_required(member)
    member.field("Mode").select_option("signed")
    files = {"Private key": ("key.pem", rsa_key()), "Service account": ("a.json", ACCOUNT)}
    for label, (name, text) in files.items():
        chosen = {"name": name, "mimeType": "application/octet-stream", "buffer": text.encode()}
        member.page.get_by_label(words.file_of(label)).set_input_files(chosen)
    member.press(words.CONNECT)
    member.is_told(words.CONNECTED)
    values = stored(member).credential.get_values()
    assert values["key_file"].startswith("-----BEGIN PRIVATE KEY-----")
    assert values["account"] == {"type": "service_account"}


def fill_required(member: Member) -> None:
    member.fill("API key", "12345678")
    member.fill("Email", "ann@example.com")
    member.fill("Host", "api.example.com")


def test_conditional_field_shows_when_it_applies(member, everything):
    member.go_to_form(*FORM)
    key = member.page.locator("[name='credentials.key_file']")
    condition = member.page.get_by_text("Only if Mode is Signed.")
    if member.way.has_scripts:
        expect(key).to_be_hidden()
    else:
        expect(key).to_be_visible()
        expect(condition).to_be_visible()
    fill_required(member)
    member.field("Mode").select_option("signed")
    expect(key).to_be_visible()
    member.press(words.CONNECT)
    member.is_refused(credentials__key_file="Field 'Private key' is required")
    member.field("Mode").select_option("simple")
    member.fill("API key", "12345678")
    member.press(words.CONNECT)
    member.is_told(words.CONNECTED)


def test_blank_secret_keeps_the_stored_one(member, service):
    row = connected(member, service.address)
    member.follow(words.EDIT)
    expect(member.field("API key")).to_have_value("")
    member.fill("Label", "Renamed")
    member.press(words.SAVE)
    member.is_told(words.SAVED)
    expect(member.page.get_by_role("heading", level=1)).to_have_text("Renamed")
    assert stored(member).credential.get_values() == {"api_key": GOOD}
    assert stored(member).pk == row.pk


def test_failing_test_tells_cause_and_remedy(member, service):
    connected(member, service.address)
    service.status = 403
    member.press(words.TEST_NOW)
    member.has_status(words.ERROR)
    reason = stored(member).status_reason
    assert reason["message"]
    assert reason["hint"]
    for text in (reason["message"], reason["hint"]):
        expect(member.page.get_by_text(text).first).to_be_visible()
    service.status = None
    member.press(words.TEST_NOW)
    member.has_status(words.ACTIVE)


def test_deleted_connection_is_gone(member, service):
    row = connected(member, service.address)
    member.follow(words.DELETE)
    member.press(words.DELETE_IT)
    member.is_told(words.DELETED)
    expect(member.page).to_have_url(re.compile("/connections$"))
    expect(member.page.get_by_role("link", name=row.label, exact=True)).to_have_count(0)


def test_deleted_connection_is_brought_back_with_its_secret(member, service):
    row = connected(member, service.address)
    member.follow(words.DELETE)
    member.press(words.DELETE_IT)
    member.is_told(words.DELETED)
    assert not Connection.objects.filter(owner=member.user).exists()
    member.press(words.undo(row.label))
    member.is_told(words.IS_BACK)
    member.has_status(words.ACTIVE)
    assert stored(member).pk == row.pk
    assert stored(member).credential.get_values() == {"api_key": GOOD}
    service.keys.clear()
    member.press(words.TEST_NOW)
    member.has_status(words.ACTIVE)
    assert service.keys == [GOOD]


def test_sign_in_and_out(visits, way, house):
    user = make_user()
    workspace = make_member(make_workspace(), user).workspace
    person = Person(visits, way)
    person.page.goto("/")
    person.fill(words.USER_NAME, user.username)
    person.fill(words.PASSWORD, "wrong")
    person.press(words.SIGN_IN)
    expect(person.page.get_by_role("alert")).to_be_visible()
    person.fill(words.USER_NAME, user.username)
    person.fill(words.PASSWORD, "a password")
    person.press(words.SIGN_IN)
    expect(person.page).to_have_url(re.compile(f"/w/{workspace.slug}/connections$"))
    person.page.locator("summary").filter(has_text=user.username).click()
    person.press(words.SIGN_OUT)
    person.page.goto(f"/w/{workspace.slug}/connections")
    expect(person.page.get_by_role("button", name=words.SIGN_IN, exact=True)).to_be_visible()
