"""The page of a connection: what it is, how it stands, who used it last, where it is used."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connections.access.actors import Actor, person, program
from connections.admin.detail import EVENTS
from connections.models import Connection
from connections.services.audit import record
from integrations.services import mark_changed
from tests.admin_site.pages import THREE_WAYS, page_of, staff
from tests.admin_site.test_changing import connect
from tests.factories import make_integration, make_key_row, make_user, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> Connection:
    make_integration(THREE_WAYS)
    return connect(make_workspace("here"), label="Mine")


def about(row: Connection, *permissions: str) -> dict[str, Any]:
    client, _user = staff(*permissions)
    page = client.get(page_of(row))
    assert page.status_code == 200
    return {**page.context["about"], "page": page.content.decode()}


def test_reason_and_remedy_stand_first(row):
    since = "2026-03-10T12:00:00Z"
    reason = {"code": "x", "message": "It is refused.", "hint": "Send <another>.", "since": since}
    Connection.objects.filter(pk=row.pk).update(status="error", status_reason=reason)
    page = about(row)["page"]
    standing = page.split('class="standing standing-error"')[1].split("</div>")[0]
    assert "It is refused." in standing
    assert "Send &lt;another&gt;." in standing
    assert page.index("It is refused.") < page.index('id="connection_form"')


def test_revision_that_it_was_checked_against_is_compared(row):
    assert "which is the one of today" in about(row)["page"]
    mark_changed(row.integration_id)
    found = about(row)
    assert found["is_older"]
    assert f"Checked against revision {row.definition_revision};" in found["page"]


def test_who_had_the_secrets_last_is_named(row):
    key, _secret = make_key_row(row.workspace, label="Backend")
    olga = make_user("olga")
    record(person(olga, row.workspace), "connection.revealed", row.public_id)
    record(program(key, set(), None), "connection.revealed", row.public_id)
    record(Actor(name="worker", workspace=row.workspace), "connection.refreshed", row.public_id)
    record(person(olga, row.workspace), "connection.changed", row.public_id)
    use = about(row)["last_use"]
    assert (use.who.name, use.who.id, use.action) == (
        "Backend",
        key.public_id,
        "connection.revealed",
    )


def test_history_is_newest_first_and_ends_somewhere(row):
    actor = Actor(name="worker", workspace=row.workspace)
    for number in range(EVENTS + 3):
        record(actor, f"x.{number}", row.public_id, ["label"])
    found = about(row)
    shown = [event.action for event, _who in found["events"]]
    assert shown == [f"x.{number}" for number in range(EVENTS + 2, 2, -1)]
    assert found["has_more_events"]
    assert f"/admin/connections/auditevent/?subject={row.public_id}" in found["page"]


def test_history_of_another_connection_is_not_shown(row):
    other = connect(row.workspace, label="Other")
    record(Actor(name="worker", workspace=row.workspace), "x.other", other.public_id)
    assert "x.other" not in [event.action for event, _who in about(row)["events"]]


def test_history_takes_the_permission_on_the_log(row):
    found = about(row, "connections.view_connection")
    assert "events" not in found
    assert "last_use" not in found
    assert "connection.created" not in found["page"]


def test_connections_with_the_same_credential_are_listed(row):
    other = connect(row.workspace, label="Sharing")
    strange = connect(make_workspace("there"), label="Strange")
    assert "Its own: no other connection uses it." in about(row)["page"]
    Connection.objects.filter(pk=other.pk).update(credential=row.credential_id)
    found = about(row)
    assert [one.label for one in found["sharing"]] == ["Sharing"]
    assert strange.label not in found["page"]


def test_schedule_and_use_are_told(row):
    now = datetime.now(UTC)
    Connection.objects.filter(pk=row.pk).update(
        last_tested_at=now,
        last_test_ms=321,
        next_test_at=now + timedelta(days=1),
        test_attempts=2,
        last_used_at=now,
        user_id="customer-7",
        metadata={"team": "<sales>"},
    )
    page = about(row)["page"]
    assert "321 ms" in page
    assert "Without success 2 times in a row." in page
    assert "customer-7" in page
    assert "team: &lt;sales&gt;" in page


def test_page_asks_as_much_for_a_long_history_as_for_none(row, django_assert_max_num_queries):
    client, _user = staff()
    for number in range(30):
        user = make_user()
        record(person(user, row.workspace), f"x.{number}", row.public_id)
        other = connect(row.workspace, label=f"Other {number}")
        Connection.objects.filter(pk=other.pk).update(credential=row.credential_id)
    with django_assert_max_num_queries(32):
        client.get(page_of(row))
