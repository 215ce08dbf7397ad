"""What owners of a workspace do without staff rights."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from connections.models import ApiKey, Membership
from tests.e2e import words
from tests.e2e.people import Person
from tests.factories import api_client, make_member, make_workspace
from tests.test_databases import on_postgres

# Once is enough; the pages themselves are looked at on SQLite.
pytestmark = on_postgres

SECRET = re.compile(r"^\s*mk_\w+\s*$")


@pytest.fixture
def workspace(committed: None) -> Any:
    return make_workspace()


@pytest.fixture
def owner(visits, way, workspace) -> Person:
    return Person(visits, way, make_member(workspace, role=Membership.Role.OWNER).user)


def answer_to(secret: str) -> int:
    return api_client(secret).get_json("/connections").status_code


def test_key_is_made_used_rotated_and_revoked(owner, workspace):
    page = owner.page
    page.goto(f"/w/{workspace.slug}/settings/keys")
    owner.follow(words.NEW_KEY)
    owner.press(words.MAKE_KEY)
    expect(page.get_by_role("alert").first).to_be_visible()
    assert not ApiKey.objects.within(workspace.id).exists()
    owner.fill("Label", "Nightly sync")
    page.get_by_role("checkbox").first.check()
    owner.press(words.MAKE_KEY)
    first = page.get_by_text(SECRET).inner_text().strip()
    assert answer_to(first) == 200
    # It is shown this once.
    owner.follow(words.COPIED)
    expect(page.get_by_role("link", name="Rotate Nightly sync")).to_be_visible()
    assert first not in page.content()
    owner.follow("Rotate Nightly sync")
    page.get_by_role("combobox", name=words.OLD_SECRET_ENDS).select_option(index=0)
    owner.press(words.MAKE_SECRET)
    second = page.get_by_text(SECRET).inner_text().strip()
    assert (answer_to(first), answer_to(second)) == (401, 200)
    owner.follow(words.COPIED)
    owner.press("Revoke Nightly sync")
    expect(page.get_by_role("button", name="Let it work again Nightly sync")).to_be_visible()
    assert answer_to(second) == 401


def test_member_is_given_another_role_and_removed(owner, workspace):
    other = make_member(workspace)
    name = other.user.get_username()
    page = owner.page
    page.goto(f"/w/{workspace.slug}/settings/members")
    owner.field(f"Role of {name}").select_option("viewer")
    owner.press(f"Change the role of {name}")
    owner.is_told(words.ROLE_CHANGED)
    expect(owner.field(f"Role of {name}")).to_have_value("viewer")
    other.refresh_from_db()
    assert other.role == Membership.Role.VIEWER
    owner.follow(f"Remove {name}")
    page.get_by_role("main").get_by_role("button").last.click()
    expect(page).to_have_url(re.compile("/settings/members$"))
    assert not Membership.objects.filter(pk=other.pk).exists()


def test_accent_that_cannot_be_read_is_refused(owner, workspace):
    page = owner.page
    page.goto(f"/w/{workspace.slug}/settings/branding")
    accent = page.locator("[name=brand_accent]")
    accent.fill("#ffff00")
    owner.press(words.SAVE)
    expect(accent).to_have_attribute("aria-invalid", "true")
    # What is to be done is said: the nearest that fits.
    [nearest] = re.findall("#[0-9a-f]{6}", page.get_by_role("alert").inner_text())
    accent.fill(nearest)
    owner.press(words.SAVE)
    owner.is_told(words.SAVED)
    workspace.refresh_from_db()
    assert workspace.brand_accent == nearest
