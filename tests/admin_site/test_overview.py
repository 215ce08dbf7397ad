"""The first page of the admin: what is broken and what will break, in numbers that are links."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connections.admin.overview import Standing
from connections.models import AuditEvent, Connection, Credential
from tests.admin_site.pages import CONNECTIONS, THREE_WAYS, staff
from tests.admin_site.test_changing import connect
from tests.admin_site.test_lists import listed
from tests.factories import make_integration, make_workspace

pytestmark = pytest.mark.django_db

INDEX = "/admin/"
SEES = "connections.view_connection"


def ago(**age: float) -> str:
    moment = datetime.now(UTC) - timedelta(**age)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def change(row: Connection, **columns: Any) -> None:
    Connection.objects.filter(pk=row.pk).update(**columns)


def broken(row: Connection, status: str, since: str) -> None:
    reason = {"code": "x", "message": f"Because of {row.label}.", "hint": None, "since": since}
    change(row, status=status, status_reason=reason)


@pytest.fixture
def rows() -> dict[str, Connection]:
    make_integration(THREE_WAYS)
    here = make_workspace("here")
    names = ("fine", "old", "new", "over", "off", "ends", "renews", "later")
    rows = {name: connect(here, label=name.title()) for name in names}
    broken(rows["old"], "error", ago(days=30))
    broken(rows["new"], "error", ago(hours=1))
    broken(rows["over"], "expired", ago(days=2))
    change(rows["off"], status="inactive")
    now = datetime.now(UTC)
    change(rows["ends"], expires_at=now + timedelta(days=3), last_test_ms=900)
    change(rows["fine"], last_test_ms=30)
    change(rows["later"], expires_at=now + timedelta(days=20))
    change(rows["renews"], expires_at=now + timedelta(days=3))
    renewed = Credential.objects.filter(pk=rows["renews"].credential_id)
    renewed.update(next_refresh_at=now + timedelta(days=2))
    return rows


def numbers(page: str, section: str) -> dict[str, str]:
    """The rows of a card: what its first cell says, and its number."""
    card = page.split(f'aria-labelledby="{section}"')[1].split("</section>")[0]
    found = re.findall(
        r'<th scope="row"><a href="[^"]*">(.*?)</a>.*?class="number">(.*?)<', card, re.S
    )
    return {unescape(name): number for name, number in found}


def test_counts_are_of_what_there_is(rows):
    client, _user = staff()
    page = client.get(INDEX).content.decode()
    assert numbers(page, "by-status") == {
        "Active": "4",
        "Switched off": "1",
        "Testing": "0",
        "Error": "2",
        "Expired": "1",
    }
    assert numbers(page, "by-type") == {"APIs": "8"}
    assert numbers(page, "worst") == {"Three ways": "3"}
    assert numbers(page, "slowest") == {"Ends": "900 ms", "Fine": "30 ms"}


def test_what_failed_last_and_longest_stands_first(rows):
    client, _user = staff()
    context = client.get(INDEX).context
    assert [row["label"] for row in context["lists"]["last"]] == ["New", "Over", "Old"]
    assert [row["label"] for row in context["lists"]["longest"]] == ["Old", "Over", "New"]


def test_what_renews_itself_does_not_end(rows):
    client, _user = staff()
    context = client.get(INDEX).context
    assert [row["label"] for row in context["lists"]["ending"]] == ["Ends"]
    assert context["ending_count"] == 1
    assert listed(client, "ends=14") == {"Ends"}
    assert listed(client, "ends=30") == {"Ends", "Later"}


def test_every_number_leads_to_as_many_rows(rows):
    client, _user = staff()
    page = client.get(INDEX).content.decode()
    cards = page.split('<div class="overview">')[1].split('id="content-main"')[0]
    links = re.findall(
        r'href="(/admin/connections/connection/\?[^"]+)"[^>]*>\s*(?:<strong>)?(\d+)', cards
    )
    links += re.findall(
        r'<a href="(/admin/connections/connection/\?[^"]+)">[^<]+</a></th>.*?class="number">(\d+)<',
        cards,
        re.S,
    )
    assert len(links) >= 10
    for url, count in links:
        assert len(listed(client, unescape(url).partition("?")[2])) == int(count), url


def test_bars_are_drawn_without_styles_and_say_nothing_alone(rows):
    client, _user = staff()
    page = client.get(INDEX).content.decode()
    assert "style=" not in page
    drawings = re.findall(r"<svg[^>]*(?:bar|column)[^>]*>", page)
    assert drawings
    assert [one for one in drawings if 'aria-hidden="true"' not in one] == []


@pytest.mark.parametrize(
    ("permissions", "seen", "unseen"),
    [
        (["auth.view_group"], [], ["By status", "Work due", "Latest audit events"]),
        ([SEES], ["By status"], ["Work due", "Latest audit events"]),
        ([SEES, "connections.view_credential"], ["By status", "Work due"], ["Latest audit"]),
        ([SEES, "connections.view_auditevent"], ["By status", "Latest audit events"], ["Work due"]),
    ],
    ids=["a stranger", "connections", "work", "events"],
)
def test_everybody_sees_what_they_may_see(rows, permissions, seen, unseen):
    client, _user = staff(*permissions)
    page = client.get(INDEX)
    assert page.status_code == 200
    text = page.content.decode()
    assert [one for one in seen if one not in text] == []
    assert [one for one in unseen if one in text] == []
    assert "Site administration" in text


def test_index_asks_as_much_for_a_hundred_rows_as_for_few(rows):
    client, _user = staff()
    client.get(INDEX)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(INDEX)
    for number in range(100):
        row = connect(rows["fine"].workspace, label=f"Row {number}")
        broken(row, "error", ago(days=number))
        change(row, last_test_ms=number, expires_at=datetime.now(UTC) + timedelta(hours=number))
    with CaptureQueriesContext(connection) as many:
        client.get(INDEX)
    assert len(many) == len(few)
    assert len(few) <= 27


def test_index_of_an_empty_installation_says_what_to_do_next():
    client, _user = staff()
    page = client.get(INDEX).content.decode()
    assert "Add the first connection" in page
    assert Standing().total == 0


def test_events_name_people(rows):
    client, user = staff()
    client.post(f"{CONNECTIONS}{rows['fine'].pk}/switch/", {"status": "inactive"})
    events = client.get(INDEX).context["events"]
    assert (events[0]["row"], events[0]["who"]) == (AuditEvent.objects.first(), user.username)
    assert events[0]["url"] == f"{CONNECTIONS}{rows['fine'].pk}/change/"


@pytest.mark.parametrize("value", ["x", "2026-13-01", "9999-12-31", "0001-01-01", "", "-1"])
def test_odd_days_are_no_error(rows, value):
    client, _user = staff()
    assert client.get(f"{CONNECTIONS}?ends={value}").status_code in (200, 302)
