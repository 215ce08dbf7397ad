"""What an edited definition would do to stored connections: counted, named, never shown."""

from dataclasses import replace
from typing import Any

import pytest

from connections.models import Connection, Workspace
from connections.services import impact as impacts
from connections.services.impact import impact_of
from integrations.drafts import stored_definition
from integrations.files import parse
from integrations.models import Integration
from integrations.specs import IntegrationDefinition
from tests.admin_site.pages import THREE_WAYS
from tests.admin_site.test_changing import connect
from tests.factories import make_integration, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored() -> IntegrationDefinition:
    row = make_integration(THREE_WAYS)
    first, second = make_workspace(), make_workspace()
    connect(first, label="One")
    connect(first, label="Two")
    connect(second, label="Three")
    return stored_definition(Integration.objects.get(pk=row.pk))


def edited(old: str, new: str) -> IntegrationDefinition:
    assert old in THREE_WAYS
    return parse(THREE_WAYS.replace(old, new))


CHANGES = {
    "nothing": ("name: Three ways", "name: Other", 0, []),
    "longer": ("min_length: 10", "min_length: 99", 3, [("min_length", "credentials.api_key")]),
    "gone field": (
        "      - {key: region, target: config, label: Region, required: false}\n",
        "",
        3,
        [("unknown", "config.region")],
    ),
    "new field": (
        "{key: email, type: email",
        "{key: team, label: Team, secure: false}\n      - {key: email, type: email",
        3,
        [("required", "credentials.team")],
    ),
    "gone method": ("  - id: api_key\n", "  - id: other_key\n", 3, [("method_gone", "")]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_change_is_counted_by_code_and_field(stored, name):
    old, new, newly, counts = CHANGES[name]
    found = impact_of(edited(old, new), stored)
    assert (found.total, found.examined, found.newly, found.already) == (3, 3, newly, 0)
    assert [(row["code"], row["field"]) for row in found.counts] == counts
    assert all(row["count"] == 3 for row in found.counts)
    assert [one.label for one in found.named] == (["One", "Two", "Three"] if newly else [])


def test_what_is_refused_today_is_told_apart(stored):
    broken = Connection.objects.get(label="Two")
    broken.config = {"region": "eu", "old": "value"}
    broken.save()
    found = impact_of(edited("name: Three ways", "name: Other"), stored)
    assert (found.newly, found.already) == (0, 1)
    # A name that no definition declares is a part of what is stored.
    assert found.counts == [{"code": "unknown", "field": "config", "count": 1, "is_new": False}]
    found = impact_of(edited("min_length: 10", "min_length: 99"), stored)
    assert (found.newly, found.already) == (2, 1)


def test_value_that_does_not_open_is_counted(stored):
    row = Connection.objects.get(label="One")
    row.credential.sealed_values = b"\x01" + bytes(100)
    row.credential.save()
    found = impact_of(stored, stored)
    assert [(row["code"], row["is_new"]) for row in found.counts] == [("unreadable", False)]


def test_run_is_bounded_and_says_so(stored, monkeypatch):
    monkeypatch.setattr(impacts, "BATCH", 2)
    strict = edited("min_length: 10", "min_length: 99")
    assert impact_of(strict, stored).newly == 3
    found = impact_of(strict, stored, limit=2)
    assert (found.total, found.examined, found.newly, found.is_partial) == (3, 2, 2, True)


def test_names_are_bounded(stored, monkeypatch):
    monkeypatch.setattr(impacts, "MOST_NAMED", 1)
    found = impact_of(edited("min_length: 10", "min_length: 99"), stored)
    assert (len(found.named), found.newly) == (1, 3)


def test_number_of_queries_does_not_grow_with_connections(stored, django_assert_num_queries):
    workspace = Workspace.objects.first()
    strict = replace(edited("min_length: 10", "min_length: 99"), pk=stored.pk)
    impact_of(strict, stored)
    for number in range(5):
        connect(workspace, label=f"More {number}")
    # One counts, one reads the batch.
    with django_assert_num_queries(2):
        impact_of(strict, stored)


def test_nothing_is_changed(stored):
    def rows() -> list[Any]:
        return list(Connection.objects.order_by("id").values())

    before = rows()
    impact_of(edited("min_length: 10", "min_length: 99"), stored)
    assert rows() == before


def test_report_holds_no_value(stored):
    found = impact_of(edited("min_length: 10", "min_length: 99"), stored)
    assert "canary" not in repr(found)
