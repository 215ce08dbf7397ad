"""The audit log for staff: found by who, what, where and when; exported as a file."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry

from connections.admin import exports
from connections.admin.audit import page_of
from connections.admin.exports import guarded
from connections.admin.lists import CappedPaginator
from connections.ids import first_id
from connections.models import AuditEvent
from tests.admin_site.pages import change_url, staff
from tests.factories import make_key_row, make_user, make_workspace

pytestmark = pytest.mark.django_db

EVENTS = "/admin/connections/auditevent/"
EXPORT = f"{EVENTS}export/"
DAY = datetime(2026, 3, 10, 12, tzinfo=UTC)
CONNECTION = "conn_00000000000070008000000000000001"


def at(moment: datetime, number: int = 1) -> dict[str, Any]:
    """An event's moment, with an id as it is made then."""
    base = first_id(moment).int
    return {"at": moment, "id": UUID(int=base | 0x7 << 76 | 0x8 << 60 | number)}


@pytest.fixture
def log() -> dict[str, Any]:
    here, there = make_workspace("here"), make_workspace("there")
    olga = make_user("olga")
    key, _secret = make_key_row(here, label="Backend")
    rows = [
        (here, f"user_{olga.pk}", "connection.created", CONNECTION, ["label"], DAY),
        (here, key.public_id, "connection.revealed", CONNECTION, ["credentials.token"], DAY),
        (there, "worker", "connection.broke", "conn_" + "0" * 32, [], DAY + timedelta(days=1)),
        (there, "worker", "connection.recovered", "conn_" + "0" * 32, [], DAY + timedelta(days=5)),
    ]
    for number, (workspace, actor, action, subject, fields, moment) in enumerate(rows):
        AuditEvent.objects.create(
            workspace=workspace,
            actor=actor,
            action=action,
            subject=subject,
            fields=fields,
            **at(moment, number),
        )
    return {"olga": olga, "key": key, "here": here}


def found(client: Any, query: str) -> set[str]:
    answer = client.get(f"{EVENTS}?{query}")
    assert answer.status_code == 200, answer
    return {row.action.partition(".")[2] for row in answer.context["cl"].result_list}


EVERYTHING = {"created", "revealed", "broke", "recovered"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", EVERYTHING),
        ("workspace=here", {"created", "revealed"}),
        ("actor=olga", {"created"}),
        ("actor=worker", {"broke", "recovered"}),
        ("actor=nobody", set()),
        ("action_name=connection.broke", {"broke"}),
        (f"subject={CONNECTION}", {"created", "revealed"}),
        (f"q={CONNECTION}", {"created", "revealed"}),
        ("from=2026-03-11", {"broke", "recovered"}),
        ("until=2026-03-10", {"created", "revealed"}),
        ("from=2026-03-11&until=2026-03-11", {"broke"}),
        ("from=2026-03-12&until=2026-03-11", set()),
        ("from=2026-03-10&until=2026-03-10&workspace=here&actor=olga", {"created"}),
        ("from=0001-01-01&until=9999-12-31", EVERYTHING),
        ("from=&until=", EVERYTHING),
    ],
)
def test_events_are_found(log, query, expected):
    client, _user = staff()
    assert found(client, query) == expected


def test_events_of_a_key_are_found_by_its_id(log):
    client, _user = staff()
    assert found(client, f"actor={log['key'].public_id}") == {"revealed"}


@pytest.mark.parametrize("query", ["from=x", "until=2026-02-30", "from=%00", "q=%00", "o=1"])
def test_odd_addresses_are_no_error(log, query):
    client, _user = staff()
    assert client.get(f"{EVENTS}?{query}").status_code in (200, 302, 400)


def test_dates_are_typed_into_date_inputs_that_keep_the_other_filters(log):
    client, _user = staff()
    page = client.get(f"{EVENTS}?from=2026-03-11&workspace=there").content.decode()
    assert '<input type="date" name="from" value="2026-03-11">' in page
    dates = page.split('data-filter-title="date"')[1].split("</form>")[0]
    assert '<input type="hidden" name="workspace" value="there">' in dates
    assert 'type="hidden" name="from"' not in dates


def test_people_and_keys_are_named(log):
    client, _user = staff()
    page = client.get(EVENTS).content.decode()
    assert f'{change_url(log["olga"])}">olga</a> <span class="quiet">user</span>' in page
    assert f'{change_url(log["key"])}">Backend</a> <span class="quiet">key</span>' in page
    assert f'<a href="{page_of(CONNECTION)}">{CONNECTION}</a>' in page


def test_list_asks_as_much_for_a_page_as_for_few(log, django_assert_max_num_queries):
    AuditEvent.objects.bulk_create(
        AuditEvent(workspace=log["here"], actor=f"user_{n}", action="x", subject=CONNECTION)
        for n in range(150)
    )
    client, _user = staff()
    with django_assert_max_num_queries(8):
        client.get(EVENTS)


def test_nothing_is_counted_past_the_end_of_patience(log, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "MOST", 2)
    client, _user = staff()
    page = client.get(EVENTS)
    assert page.context["cl"].result_count == 3
    assert "More than 2 audit events: narrow the dates" in page.content.decode()


# Exports.


def exported(client: Any, form: str, query: str = "") -> str:
    answer = client.post(f"{EXPORT}?{query}", {"format": form})
    assert answer.status_code == 200, answer
    assert answer["Content-Disposition"] == f'attachment; filename="audit.{form}"'
    assert "no-store" in answer["Cache-Control"]
    return b"".join(answer.streaming_content).decode()


@pytest.mark.parametrize("at_once", [1, 2, 1000], ids=["one by one", "in pairs", "at once"])
def test_csv_holds_the_filtered_rows_newest_first(log, monkeypatch, at_once):
    monkeypatch.setattr(exports, "AT_ONCE", at_once)
    client, _user = staff()
    rows = list(csv.DictReader(io.StringIO(exported(client, "csv", "workspace=here"))))
    assert [row["action"] for row in rows] == ["connection.revealed", "connection.created"]
    event = AuditEvent.objects.get(action="connection.created")
    assert rows[1] == {
        "id": event.public_id,
        "at": "2026-03-10T12:00:00Z",
        "workspace": "here",
        "actor": f"user_{log['olga'].pk}",
        "actor_name": "olga",
        "action": "connection.created",
        "subject": CONNECTION,
        "fields": "label",
    }


def test_json_lines_hold_everything(log):
    client, _user = staff()
    rows = [json.loads(line) for line in exported(client, "jsonl").splitlines()]
    assert [row["action"].partition(".")[2] for row in rows] == [
        *("recovered", "broke", "revealed", "created")
    ]
    assert (rows[2]["actor_name"], rows[2]["fields"]) == ("Backend", ["credentials.token"])


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_a_formula(log, sign):
    assert guarded(f"{sign}1+1") == f"'{sign}1+1"
    log["key"].label = f"{sign}cmd|' /C calc'!A0"
    log["key"].save()
    client, _user = staff()
    rows = list(csv.DictReader(io.StringIO(exported(client, "csv", "workspace=here"), newline="")))
    assert rows[0]["actor_name"] == f"'{log['key'].label}"


def test_export_is_written_down_with_the_names_of_its_filters(log):
    client, user = staff()
    exported(client, "csv", "workspace=here&q=canary-secret")
    entry = LogEntry.objects.get()
    assert entry.user_id == user.pk
    assert entry.change_message == "Exported as csv; filters: q, workspace."
    event = AuditEvent.objects.first()
    assert (event.action, event.actor) == ("audit.exported", f"user_{user.pk}")
    assert (event.subject, event.workspace) == (log["here"].public_id, log["here"])
    assert event.fields == ["q", "workspace"]


def test_export_of_every_workspace_is_in_the_admins_log(log):
    client, _user = staff()
    exported(client, "jsonl")
    assert LogEntry.objects.get().change_message == "Exported as jsonl; filters: none."


SEES = "connections.view_auditevent"


@pytest.mark.parametrize(
    ("permissions", "status"),
    [
        ([SEES], 403),
        (["connections.export_auditevent"], 403),
        ([SEES, "connections.export_auditevent"], 200),
    ],
)
def test_export_needs_both_permissions(log, permissions, status):
    client, _user = staff(*permissions)
    assert client.post(EXPORT, {"format": "csv"}).status_code == status
    assert LogEntry.objects.exists() is (status == 200)
    page = client.get(EVENTS)
    assert (b"Export as CSV" in page.content) is (status == 200)


@pytest.mark.parametrize("form", ["", "xml", "../csv"])
def test_unknown_format_is_not_found(log, form):
    client, _user = staff()
    assert client.post(EXPORT, {"format": form}).status_code == 404


def test_export_is_not_fetched_by_a_link(log):
    client, _user = staff()
    assert client.get(EXPORT).status_code == 405
