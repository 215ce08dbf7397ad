"""What staff do in the admin."""

import re

from playwright.sync_api import expect

from connections.models import Connection
from tests.e2e import words
from tests.e2e.people import Staff
from tests.factories import make_user, make_workspace
from tests.live_service import BAD, GOOD


def test_connection_is_created_and_switched_off(visits, way, service):
    workspace = make_workspace()
    staff = Staff(visits, way, make_user(is_staff=True, is_superuser=True))
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
