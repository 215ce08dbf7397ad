"""What staff do in the admin."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from connections.models import Connection
from integrations.models import Integration
from tests.admin_site.pages import THREE_WAYS
from tests.admin_site.test_changing import KEY, connect
from tests.e2e import words
from tests.e2e.people import Staff
from tests.factories import make_integration, make_user, make_workspace
from tests.live_service import BAD, GOOD
from tests.test_databases import on_postgres

# Once is enough; the pages themselves are looked at on SQLite.
pytestmark = on_postgres


@pytest.fixture
def staff(visits, way) -> Staff:
    return Staff(visits, way, make_user(is_staff=True, is_superuser=True))


@pytest.fixture
def rows(committed: None) -> list[Connection]:
    """Two that pass the rules of today; there are no others."""
    Connection.objects.all().delete()
    # An edit of another test stays otherwise.
    Integration.objects.filter(slug="three-ways").delete()
    make_integration(THREE_WAYS)
    workspace = make_workspace()
    for label in ("First", "Second"):
        connect(workspace, label=label, config={})
    return list(Connection.objects.within(workspace.id).order_by("label"))


def test_connection_is_created_and_switched_off(staff, service):
    workspace = make_workspace()
    add = f"workspace={workspace.slug}&integration=local-api&method=api_key"
    staff.page.goto(f"/admin/connections/connection/add/?{add}")
    staff.type("API key", BAD)
    staff.type("Base URL", service.address)
    staff.press(words.SAVE)
    expect(staff.page.locator(".errornote")).to_be_visible()
    assert not Connection.objects.filter(workspace=workspace).exists()
    staff.type("API key", GOOD)
    staff.press(words.SAVE)
    expect(staff.page).to_have_url(re.compile("/admin/connections/connection/$"))
    row = Connection.objects.get(workspace=workspace)
    assert row.status == Connection.Status.ACTIVE
    staff.page.goto(f"/admin/connections/connection/{row.pk}/change/")
    staff.press(words.SWITCH_OFF)
    staff.is_told(words.SWITCHED_OFF)
    row.refresh_from_db()
    assert row.status == Connection.Status.INACTIVE


def test_first_page_leads_to_what_fails(staff, rows):
    row = rows[0]
    Connection.objects.filter(pk=row.pk).update(status=Connection.Status.ERROR)
    failing = Connection.objects.failing().count()
    page = staff.page
    page.goto("/admin/")
    named = re.compile(rf"^\s*{failing}\s+failing\s*$")
    page.locator(".tiles").get_by_role("link", name=named).click()
    expect(page.locator("#result_list tbody tr")).to_have_count(failing)
    page.get_by_role("link", name=row.label, exact=True).first.click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()


def test_many_are_switched_off_at_once(staff, rows):
    page = staff.page
    page.goto(f"/admin/connections/connection/?workspace={rows[0].workspace.slug}")
    for box in page.locator("tbody input[type=checkbox]").all():
        box.check()
    page.locator("select[name=action]").select_option(label=words.SWITCH_OFF)
    page.get_by_role("button", name=re.compile("^(Go|Run)")).click()
    staff.is_told("2")
    found = Connection.objects.filter(pk__in=[row.pk for row in rows])
    assert {row.status for row in found} == {Connection.Status.INACTIVE}


def test_secret_is_shown_once_after_a_confirmation(staff, rows):
    page, address = staff.page, f"/admin/connections/connection/{rows[0].pk}/reveal/"
    page.goto(address)
    staff.fill(words.PASSWORD, "a password")
    staff.press(words.CONFIRM)
    expect(page.get_by_role("button", name=words.SHOW_SECRETS)).to_be_visible()
    assert KEY not in page.content()
    staff.press(words.SHOW_SECRETS)
    expect(page.get_by_text(KEY)).to_be_visible()
    page.goto(address)
    assert KEY not in page.content()


def required_box(page: Any, key: str) -> Locator:
    """The box of a field in the editor, whose row is opened."""
    row = page.locator("details").filter(has=page.locator(f"input[name$='-key'][value='{key}']"))
    box = row.locator("input[name$='-required']").first
    if not box.is_visible():
        row.locator("summary").first.click()
    return box


def test_edit_is_previewed_and_asks_before_it_breaks_what_is_stored(staff, rows):
    page, method = staff.page, rows[0].auth_method
    preview = page.frame_locator("iframe[name=preview]")
    address = f"/admin/integrations/authmethod/{method.pk}/change/"
    page.goto(address)
    expect(preview.get_by_text("This is what is stored.")).to_be_visible()
    required_box(page, "region").check()
    if not staff.way.has_scripts:
        staff.press(words.PREVIEW)
    expect(preview.get_by_text("With your changes; nothing of this is stored.")).to_be_visible()
    staff.press(words.WHAT_WILL_BREAK)
    expect(preview.get_by_role("region", name=words.WHAT_WILL_BREAK)).to_contain_text("2")
    staff.press(words.SAVE)
    expect(page.get_by_role("heading", name="Save anyway?")).to_be_visible()
    staff.follow("Do not save")
    expect(required_box(page, "region")).not_to_be_checked()
    assert not method.fields.get(key="region").required
    required_box(page, "region").check()
    staff.press(words.SAVE)
    staff.press(words.SAVE_ANYWAY)
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert method.fields.get(key="region").required
    assert Integration.objects.get(slug="three-ways").revisions.count() >= 2


def test_fields_are_added_and_taken_back_before_anything_is_saved(staff, rows):
    page, method = staff.page, rows[0].auth_method
    stored = method.fields.count()
    new = page.locator(f"[name=fields-{stored}-key]")
    page.goto(f"/admin/integrations/authmethod/{method.pk}/change/")
    region = page.locator("details", has=page.locator("input[value=region]"))
    region.locator("summary").first.click()
    for number, key in ((stored, "mistaken"), (stored + 1, "team")):
        staff.press(words.ADD_FIELD)
        page.locator(f"[name=fields-{number}-key]").fill(key)
        page.locator(f"[name=fields-{number}-label]").fill(key)
    page.locator(f"#fields-{stored}").get_by_role("button", name=words.REMOVE).click()
    expect(new).to_have_value("team")
    expect(page.locator(f"[name=fields-{stored + 1}-key]")).to_have_count(0)
    if staff.way.has_scripts:
        # What was open stays open, and the preview follows.
        expect(region.locator("[name$=-key]")).to_be_visible()
        preview = page.frame_locator("iframe[name=preview]")
        expect(preview.locator("[name='credentials.team']")).to_be_visible()
    assert method.fields.count() == stored
    # Saves, as the button does: it adds no row. What is stored has no such field yet.
    new.press("Enter")
    staff.press(words.SAVE_ANYWAY)
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert method.fields.get(key="team").label == "team"
    assert method.fields.count() == stored + 1
