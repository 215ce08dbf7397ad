"""What people do who were sent a link: connect without an account, hand over one secret, join."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from connections.models import Connection, ConnectSession, Membership
from tests.e2e import words
from tests.e2e.people import Person
from tests.factories import make_member, make_workspace
from tests.links.linking import make_link
from tests.live_service import BAD, GOOD
from tests.test_databases import on_postgres

# Once is enough; the pages themselves are looked at on SQLite.
pytestmark = on_postgres

NEW_PASSWORD = "a long enough password"


@pytest.fixture
def workspace(committed: None) -> Any:
    return make_workspace()


@pytest.fixture
def guest(visits, way) -> Person:
    return Person(visits, way)


def one_time_link(page: Page, start: str) -> str:
    """The link that a page shows for copying."""
    return page.get_by_text(re.compile(rf"^\s*http\S+{start}\S+\s*$")).inner_text().strip()


def test_guest_connects_by_a_link(guest, workspace, service):
    link = make_link(workspace, integrations=["local-api"], user_id="user 7", label="From a link")
    guest.page.goto(link)
    guest.fill("API key", BAD)
    guest.fill("Base URL", service.address)
    guest.press(words.CONNECT)
    expect(guest.refusal()).to_contain_text(words.NOT_ACCEPTED)
    assert not Connection.objects.within(workspace.id).exists()
    expect(guest.field("API key")).to_have_value("")
    guest.fill("API key", GOOD)
    guest.press(words.CONNECT)
    expect(guest.page.get_by_role("heading", name=words.IS_CONNECTED)).to_be_visible()
    row = Connection.objects.within(workspace.id).get()
    assert (row.status, row.label) == (Connection.Status.ACTIVE, "From a link")
    # The link, its form, how it ended.
    assert len(guest.seen) <= 3
    # Once used it leads nowhere but to how it ended, and nothing is made again.
    guest.visits.watch.expected_status = 410
    guest.page.goto(link)
    expect(guest.page.get_by_role("button", name=words.CONNECT)).to_have_count(0)
    assert Connection.objects.within(workspace.id).count() == 1


def test_guest_cancels_a_link(guest, workspace, service):
    link = make_link(workspace, integrations=["local-api"])
    guest.page.goto(link)
    guest.press(words.CANCEL_LINK)
    expect(guest.page.get_by_role("heading", name="Cancelled")).to_be_visible()
    session = ConnectSession.objects.within(workspace.id).get()
    assert session.status == ConnectSession.Status.CANCELLED


def test_secret_is_asked_for_and_handed_over_unseen(visits, way, member, service):
    member.go_to_form("local-api", "api_key")
    member.fill("Base URL", service.address)
    member.press(words.ask_for("API key"))
    link = one_time_link(member.page, "/ask/")
    holder = Person(visits, way)
    holder.page.goto(link)
    # Of the rest of the form the holder sees nothing.
    expect(holder.page.get_by_label("Base URL")).to_have_count(0)
    assert service.address not in holder.page.content()
    holder.fill("API key", BAD)
    holder.press(words.HAND_OVER)
    expect(holder.refusal()).to_contain_text(words.NOT_ACCEPTED)
    holder.fill("API key", GOOD)
    holder.press(words.HAND_OVER)
    expect(holder.page.get_by_role("heading", name=words.THANK_YOU)).to_be_visible()
    member.follow(words.ALL_ASKED)
    member.page.get_by_role("link", name=re.compile("API key")).click()
    expect(member.page.get_by_role("link", name=words.GO_TO_CONNECTION)).to_be_visible()
    assert link not in member.page.content()
    assert GOOD not in member.page.content()
    member.follow(words.GO_TO_CONNECTION)
    member.has_status(words.ACTIVE)
    assert GOOD not in member.page.content()
    row = Connection.objects.get(owner=member.user)
    assert row.credential.get_values() == {"api_key": GOOD}


def test_invited_person_joins_and_sees_the_workspace(visits, way, workspace):
    owner = Person(visits, way, make_member(workspace, role=Membership.Role.OWNER).user)
    owner.page.goto(f"/w/{workspace.slug}/settings/members")
    owner.fill(words.EMAIL_ADDRESS, "nobody")
    owner.press(words.INVITE)
    expect(owner.field(words.EMAIL_ADDRESS)).to_have_attribute("aria-invalid", "true")
    owner.fill(words.EMAIL_ADDRESS, f"new-{workspace.slug}@example.com")
    owner.page.locator("#id_role").select_option("viewer")
    owner.press(words.INVITE)
    link = one_time_link(owner.page, "/invitation")
    invited = Person(visits, way)
    invited.page.goto(link)
    invited.fill(words.CHOOSE_PASSWORD, "123")
    invited.press(words.JOIN)
    expect(invited.page.get_by_role("alert").first).to_be_visible()
    invited.fill(words.CHOOSE_PASSWORD, NEW_PASSWORD)
    invited.press(words.JOIN)
    expect(invited.page).to_have_url(re.compile(f"/w/{workspace.slug}/"))
    row = Membership.objects.get(workspace=workspace, role="viewer")
    assert row.user.email == f"new-{workspace.slug}@example.com"
    again = Person(visits, way)
    visits.watch.expected_status = 410
    again.page.goto(link)
    expect(again.page.get_by_role("button", name=words.JOIN)).to_have_count(0)
