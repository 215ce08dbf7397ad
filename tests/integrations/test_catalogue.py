"""The catalogue as values: no query while nothing changed, and right after every edit."""

import threading
import uuid
from typing import Any

import pytest
from django.db import connection

from integrations.catalogue import (
    Catalogue,
    catalogue_at,
    current_catalogue,
    current_version,
    integration_definition,
    listed_integrations,
    with_fields,
)
from integrations.files import parse
from integrations.models import FieldSpec, Integration
from integrations.services import load_definition, mark_changed

pytestmark = pytest.mark.django_db

ACME = """
slug: acme
name: Acme
type: api
auth_methods:
  - {id: bearer, name: Token, kind: bearer, fields: [{key: extra, required: false}]}
  - {id: key, name: Key, kind: custom, default: true, fields: [{key: api_key}]}
"""
HERE, ELSEWHERE = uuid.UUID(int=1), uuid.UUID(int=2)


def make(workspace_id: Any = None, **columns: Any) -> Integration:
    """A row of its own beside what was loaded before."""
    name = columns.pop("name", "Own")
    row = Integration.objects.create(
        slug="acme", name=name, type="api", workspace_id=workspace_id, **columns
    )
    mark_changed(row.pk)
    return row


def name_in(workspace_id: Any) -> str | None:
    found = current_catalogue().get("acme", workspace_id)
    return found.name if found else None


def test_nothing_is_asked_while_nothing_changes(django_assert_num_queries: Any) -> None:
    load_definition(parse(ACME))
    version = current_version()
    first = catalogue_at(version).get("acme", HERE)
    with django_assert_num_queries(0):
        assert catalogue_at(version).get("acme", HERE) is first
        assert catalogue_at(version).by_pk(first.pk) is first
    with django_assert_num_queries(1):
        assert current_catalogue().get("acme", HERE) is first


def test_missing_integration_is_remembered_too(django_assert_num_queries: Any) -> None:
    load_definition(parse(ACME))
    catalogue = current_catalogue()
    assert catalogue.get("nope", HERE) is None
    with django_assert_num_queries(0):
        assert catalogue.get("nope", HERE) is None


def test_one_definition_serves_every_workspace() -> None:
    load_definition(parse(ACME))
    catalogue = current_catalogue()
    assert catalogue.get("acme", HERE) is catalogue.get("acme", ELSEWHERE)


def test_number_of_queries_does_not_grow_with_the_definition(
    django_assert_num_queries: Any,
) -> None:
    load_definition(parse(ACME))
    with django_assert_num_queries(4):
        Catalogue(None).get("acme", None)


def test_edit_is_seen_once_it_is_marked() -> None:
    load_definition(parse(ACME))
    before = current_catalogue().get("acme", HERE)
    FieldSpec.objects.filter(key="api_key").update(label="Edited")
    assert current_catalogue().get("acme", HERE) is before
    mark_changed(before.pk)
    after = current_catalogue().get("acme", HERE)
    assert after.method("key").spec("api_key").label == "Edited"
    assert after.revision == before.revision + 1


def test_catalogue_that_was_never_edited_is_not_kept() -> None:
    row = Integration.objects.create(slug="acme", name="Acme", type="api")
    assert current_version() is None
    assert name_in(HERE) == "Acme"
    Integration.objects.filter(pk=row.pk).update(name="Other")
    assert name_in(HERE) == "Other"


def test_workspace_s_own_stands_in_for_everybody_s_only_there() -> None:
    load_definition(parse(ACME))
    make(HERE)
    assert (name_in(HERE), name_in(ELSEWHERE), name_in(None)) == ("Own", "Acme", "Acme")


def test_own_integration_of_a_workspace_is_unknown_elsewhere() -> None:
    make(HERE)
    assert (name_in(HERE), name_in(ELSEWHERE), name_in(None)) == ("Own", None, None)


@pytest.mark.parametrize("columns", [{"status": "draft"}, {"is_enabled": False}])
def test_draft_or_disabled_integration_is_hidden(columns: dict[str, Any]) -> None:
    row = make(None, **columns)
    assert (name_in(HERE), name_in(None)) == (None, None)
    assert list(listed_integrations(HERE, {})) == []
    assert current_catalogue().by_pk(row.pk).slug == "acme"


@pytest.mark.parametrize("columns", [{"status": "draft"}, {"is_enabled": False}])
def test_own_draft_does_not_hide_everybody_s(columns: dict[str, Any]) -> None:
    load_definition(parse(ACME))
    make(HERE, **columns)
    assert name_in(HERE) == "Acme"
    assert [row.name for row in listed_integrations(HERE, {})] == ["Acme"]


def test_deprecated_integration_is_still_there() -> None:
    make(None, status="deprecated")
    assert name_in(HERE) == "Own"


def test_list_names_each_slug_once() -> None:
    load_definition(parse(ACME))
    make(HERE)
    assert [row.name for row in listed_integrations(HERE, {})] == ["Own"]
    assert [row.name for row in listed_integrations(ELSEWHERE, {})] == ["Acme"]


def test_row_says_what_the_file_said() -> None:
    definition = parse(ACME)
    load_definition(definition)
    stored = integration_definition(with_fields().get(slug="acme"))
    assert [method.id for method in stored.methods] == ["bearer", "key"]
    assert stored.default_method.id == "key"
    assert [spec.key for spec in stored.method("bearer").specs] == ["token", "extra"]
    for read, kept in zip(definition.methods, stored.methods, strict=True):
        assert kept.specs == read.specs


def test_method_asks_for_what_its_kind_brings_without_a_row() -> None:
    load_definition(parse(ACME))
    FieldSpec.objects.filter(key="token").delete()
    stored = integration_definition(with_fields().get(slug="acme"))
    assert [spec.key for spec in stored.method("bearer").specs] == ["token", "extra"]


def test_unknown_method_and_no_method() -> None:
    load_definition(parse(ACME))
    definition = current_catalogue().get("acme", HERE)
    assert definition.method("nope") is None
    assert definition.method(None).id == "key"
    make_empty = parse("slug: empty\nname: Empty\ntype: api\n")
    assert make_empty.default_method is None


@pytest.mark.django_db(transaction=True)
def test_many_threads_see_one_catalogue() -> None:
    load_definition(parse(ACME))
    version, seen = current_version(), []

    def look() -> None:
        seen.append(catalogue_at(version))
        connection.close()

    threads = [threading.Thread(target=look) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, seen))) == 1
