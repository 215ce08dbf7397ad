"""Staff define integrations, methods and fields; what does not hold is refused in the form."""

from typing import Any
from unittest.mock import ANY

import pytest
from django.contrib.admin.models import LogEntry

from integrations.admin import definitions
from integrations.catalogue import current_version
from integrations.files import read_file
from integrations.forms import FieldSpecForm, MethodRowForm
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.models import AuthMethod, FieldSpec, Integration
from integrations.services import load_definition
from tests.admin_site.pages import (
    INTEGRATIONS,
    METHODS,
    AdminForm,
    change_url,
    errors_of,
    messages_of,
    send,
    staff,
)
from tests.admin_site.test_changing import connect
from tests.factories import load_builtin, make_workspace
from tests.test_databases import on_postgres

pytestmark = pytest.mark.django_db


@pytest.fixture
def raised(monkeypatch) -> list[int]:
    """The integrations whose revision was raised, as often as it was."""
    calls: list[int] = []

    def mark(integration_id: int, **more: Any) -> None:
        calls.append(integration_id)
        original(integration_id, **more)

    original = definitions.mark_changed
    monkeypatch.setattr(definitions, "mark_changed", mark)
    return calls


ROW_FORMS = {"fields": FieldSpecForm, "common_fields": FieldSpecForm, "auth_methods": MethodRowForm}


def new_rows(prefix: str, page: Any, **values: Any) -> dict[str, Any]:
    """What a row that is added sends beside those that the page draws already."""
    total = int(page[f"{prefix}-TOTAL_FORMS"][0])
    drawn = {
        bound.html_name: bound.value() for bound in ROW_FORMS[prefix](prefix=f"{prefix}-{total}")
    }
    sent = {
        name: "on" if value is True else str(value)
        for name, value in drawn.items()
        if value is not None and value is not False
    }
    named = {f"{prefix}-{total}-{name}": value for name, value in values.items()}
    return {**sent, f"{prefix}-TOTAL_FORMS": total + 1, **named}


def page_form(client: Any, url: str) -> dict[str, Any]:
    return AdminForm(client.get(url)).sent


# What is refused, and what is said.


def test_list_counts_methods_and_findings(row):
    client, _user = staff()
    shown = client.get(INTEGRATIONS).content.decode()
    assert '<td class="field-methods">3</td>' in shown
    assert '<td class="field-findings">0</td>' in shown


def test_list_of_the_whole_catalogue_asks_little(django_assert_max_num_queries):
    load_builtin("gmail", "zendesk", "postgres", "kafka", "slack")
    client, _user = staff()
    with django_assert_max_num_queries(10):
        client.get(INTEGRATIONS)


def test_integration_is_defined_without_code():
    client, _user = staff()
    typed = {"slug": "mine", "name": "Mine", "type": "api", "categories": "support\nsales"}
    answer = send(client, f"{INTEGRATIONS}add/", typed, follow=True)
    row = Integration.objects.get()
    assert (row.slug, row.categories, row.origin) == ("mine", ["support", "sales"], "staff")
    assert "It has no auth method: nobody can connect it." in messages_of(answer)
    add = f"{METHODS}add/?integration={row.pk}"
    fields = new_rows(
        "fields", page_form(client, add), key="api_key", label="API Key", type="password"
    )
    typed = {
        "slug": "key",
        "name": "Key",
        "kind": "api_key",
        "request": '{"base_url": "https://api.example.com", "headers": {"X-Key": "{api_key}"}}',
    }
    answer = send(client, add, typed | fields)
    assert answer.status_code == 302, errors_of(answer)
    method = row.auth_methods.get()
    assert method.request["headers"] == {"X-Key": "{api_key}"}
    assert [(spec.key, spec.type) for spec in method.fields.all()] == [("api_key", "password")]


def test_every_column_of_a_field_can_be_typed(method):
    client, _user = staff()
    typed = {
        "key": "mode",
        "label": "Mode",
        "type": "select",
        "target": "config",
        "order": "7",
        "options": "a = First\nb = Second",
        "default": "a",
        "examples": "a\nb",
        "bad_examples": "c",
        "visible_if": '{"field": "region", "equals": "eu"}',
        "help_text": "Which one.",
    }
    url = change_url(method)
    answer = send(client, url, new_rows("fields", page_form(client, url), **typed))
    assert answer.status_code == 302, errors_of(answer)
    spec = method.fields.get(key="mode")
    assert spec.options == [{"value": "a", "label": "First"}, {"value": "b", "label": "Second"}]
    assert (spec.default, spec.examples, spec.bad_examples) == ("a", ["a", "b"], ["c"])
    assert (spec.visible_if, spec.order) == ({"field": "region", "equals": "eu"}, 7)


@pytest.mark.parametrize(
    ("type_", "typed", "stored"),
    [
        ("integer", "5", 5),
        ("boolean", "false", False),
        ("string", "5", "5"),
        ("scopes", "read write", ["read", "write"]),
        ("list", "a\nb", ["a", "b"]),
        ("json", '{"a": [1]}', {"a": [1]}),
        ("key_values", "a: b", {"a": "b"}),
    ],
)
def test_default_is_typed_as_its_type_reads_it(method, type_, typed, stored):
    client, _user = staff()
    url = change_url(method)
    values = {"key": "extra", "label": "Extra", "type": type_, "secure": "false", "default": typed}
    answer = send(client, url, new_rows("fields", page_form(client, url), **values))
    assert answer.status_code == 302, errors_of(answer)
    assert method.fields.get(key="extra").default == stored
    send(client, url)
    assert method.fields.get(key="extra").default == stored


@pytest.mark.parametrize("slug", ["kafka", "postgres", "gmail", "snowflake", "http-api", "twilio"])
def test_saving_a_method_as_it_is_drawn_changes_no_definition(slug):
    load_builtin(slug)
    client, _user = staff()
    for method in AuthMethod.objects.all():
        answer = send(client, change_url(method))
        assert answer.status_code == 302, errors_of(answer)
    send(client, change_url(Integration.objects.get()))
    assert load_definition(read_file(BUILT_IN / f"{slug}.yaml")) == "unchanged"


def test_errors_of_the_lint_refuse_the_save_and_name_the_field(method):
    client, _user = staff()
    url = change_url(method)
    typed = {"key": "client_secret", "label": "Client secret", "secure": "false"}
    page = send(client, url, new_rows("fields", page_form(client, url), **typed))
    text = "Its name looks secret, but it is not marked as secret."
    found = errors_of(page)
    assert found["__all__"] == [f"api_key.client_secret: {text}"]
    assert [name for name, texts in found.items() if texts == [text]] == ["fields-4-secure"]
    assert not FieldSpec.objects.filter(key="client_secret").exists()
    assert LogEntry.objects.count() == 0


def test_warnings_of_the_lint_are_shown_and_do_not_refuse(method):
    client, _user = staff()
    url = change_url(method)
    typed = {"key": "team", "label": "Team", "secure": "false", "pattern": "[a-z]+"}
    answer = send(client, url, new_rows("fields", page_form(client, url), **typed), follow=True)
    assert "api_key.team: A pattern without examples is not tested." in messages_of(answer)
    assert method.fields.filter(key="team").exists()


def test_error_in_a_common_field_stands_at_its_row(row):
    client, _user = staff()
    url = change_url(row)
    form = page_form(client, url)
    typed = {"key": "size", "label": "Size", "target": "config", "pattern": "("}
    found = errors_of(send(client, url, new_rows("common_fields", form, **typed)))
    assert "common_fields-0-pattern" in found
    assert row.common_fields.count() == 0


def test_error_of_one_method_does_not_stand_in_the_way_of_another(row, method):
    FieldSpec.objects.create(auth_method=method, key="old_secret", secure=False)
    client, _user = staff()
    answer = send(client, change_url(row.auth_methods.get(slug="basic")), {"name": "Renamed"})
    assert answer.status_code == 302, errors_of(answer)
    assert send(client, change_url(row), {"name": "Renamed"}).status_code == 200


ANY_TOKEN = {"csrfmiddlewaretoken": ANY}
JSON_COLUMNS = ("rules", "request", "oauth", "test")
MALFORMED = {
    "open": "{",
    "a list": '["a"]',
    "a number": "5",
    "a text": '"x"',
    "null": "null",
    "no number": "NaN",
    "no number inside": '{"a": NaN}',
    "a member twice": '{"a": 1, "a": 2}',
    "a NUL": '{"a": "\\u0000"}',
    "half a pair": '{"a": "\\ud800"}',
    "endless lists": "[" * 5000,
    "too deep": '{"a":' * 200 + "1" + "}" * 200,
}


# What is malformed reaches no database: once is enough.
@on_postgres
@pytest.mark.parametrize("column", JSON_COLUMNS)
def test_malformed_json_of_a_method_is_an_error_of_its_column(method, column):
    client, _user = staff()
    url = change_url(method)
    # What is refused is not stored: the page stays what it was.
    page = page_form(client, url)
    for case, typed in MALFORMED.items():
        found = errors_of(client.post(url, {**page, column: typed}))
        assert list(found) == [column], case
    assert page_form(client, url) | ANY_TOKEN == page | ANY_TOKEN


@pytest.mark.parametrize(
    ("column", "typed"),
    [
        ("request", '{"base_uri": "x"}'),
        ("request", '{"headers": ["x"]}'),
        ("request", '{"headers": {"X": 5}}'),
        ("oauth", '{"scopes": "read"}'),
        ("oauth", '{"pkce": "yes"}'),
        ("oauth", '{"client_auth": "magic"}'),
        ("test", '{"method": "BREW"}'),
        ("test", '{"path": 5}'),
        ("test", '{"headers": {"a b": "c"}}'),
        ("docs_url", "javascript:alert(1)"),
        ("name", "\0"),
    ],
)
def test_json_of_another_shape_is_an_error_of_its_column(method, column, typed):
    client, _user = staff()
    found = errors_of(send(client, change_url(method), {column: typed}))
    assert list(found) == [column]


@pytest.mark.parametrize(
    "typed", ['{"some_of": []}', '{"any_of": 5}', '{"any_of": [["a"]]}', '{"any_of": [[1, 2]]}',
              '{"any_of": [["api_key", "nobody"]]}', '{"any_of": {"a": "b"}}'],
)  # fmt: skip
def test_rules_of_another_shape_are_refused(method, typed):
    client, _user = staff()
    assert errors_of(send(client, change_url(method), {"rules": typed}))
    assert AuthMethod.objects.get(pk=method.pk).rules == {}


FIELD_COLUMNS = [
    ("options", "[1]"),
    ("options", '[{"value": "a"}]'),
    ("options", '[{"value": "a", "label": 5}]'),
    ("options", "a\0b = c"),
    ("options", "= c"),
    ("options", "["),
    ("visible_if", "{"),
    ("visible_if", "[1]"),
    ("visible_if", '{"field": "a"}'),
    ("visible_if", '{"field": ["a"], "equals": 1}'),
    ("visible_if", '{"field": "a", "in": []}'),
    ("visible_if", '{"field": "a", "equals": {"b": 1}}'),
    ("required_if", '{"when": "a"}'),
    ("strip", "a\x07"),
    ("schemes", "a\na"),
    ("min_length", "-1"),
    ("max_length", "99999999999"),
    ("minimum", "nan"),
    ("minimum", "inf"),
    ("order", "99999"),
    ("docs_url", "javascript:alert(1)"),
    ("key", "x" * 65),
    ("type", "magic"),
    ("stage", "later"),
    ("default", "\0"),
    ("examples", "\0"),
]


# What is malformed reaches no database: once is enough.
@on_postgres
def test_malformed_column_of_a_field_is_an_error_of_its_row(method):
    client, _user = staff()
    url = change_url(method)
    page = page_form(client, url)
    number = list(method.fields.order_by("order", "id")).index(method.fields.get(key="email"))
    for column, typed in FIELD_COLUMNS:
        name = f"fields-{number}-{column}"
        assert name in errors_of(client.post(url, {**page, name: typed})), typed
    assert page_form(client, url) | ANY_TOKEN == page | ANY_TOKEN


@pytest.mark.parametrize(
    ("column", "typed"),
    [
        ("slug", "Not A Slug"),
        ("slug", "pаypal"),
        ("slug", "x" * 101),
        ("categories", "a\na"),
        ("docs_url", "ftp://x"),
        ("logo_url", "javascript:alert(1)"),
        ("workspace_id", "here"),
        ("type", "magic"),
        ("name", ""),
    ],
)
def test_malformed_column_of_an_integration_is_refused(column, typed):
    client, _user = staff()
    valid = {"slug": "mine", "name": "Mine", "type": "api"}
    page = send(client, f"{INTEGRATIONS}add/", {**valid, column: typed})
    assert list(errors_of(page)) == [column]
    assert Integration.objects.count() == 0


def test_slug_is_unique_and_stays(row):
    client, _user = staff()
    taken = {"slug": "three-ways", "name": "Mine", "type": "api"}
    assert errors_of(send(client, f"{INTEGRATIONS}add/", taken))
    assert "slug" not in page_form(client, change_url(row))
    workspace = make_workspace()
    own = send(client, f"{INTEGRATIONS}add/", {**taken, "workspace_id": workspace.pk.hex})
    assert own.status_code == 302
    page = send(client, change_url(Integration.objects.get(name="Mine")), {"workspace_id": ""})
    assert "There is an integration with this slug already." in page.content.decode()


# The default moves.


def ticked(row: Integration, *slugs: str) -> dict[str, Any]:
    order = list(row.auth_methods.order_by("order", "id").values_list("slug", flat=True))
    return {
        f"auth_methods-{number}-is_default": "on" if slug in slugs else None
        for number, slug in enumerate(order)
    }


def test_default_moves_in_one_save(row):
    client, _user = staff()
    for slug in ("key_pair", "api_key", "basic"):
        answer = send(client, change_url(row), ticked(row, slug))
        assert answer.status_code == 302, errors_of(answer)
        assert row.auth_methods.get(is_default=True).slug == slug


def test_two_defaults_are_refused(row):
    client, _user = staff()
    found = errors_of(send(client, change_url(row), ticked(row, "key_pair", "api_key")))
    assert found["auth_methods"] == ["Two methods are marked as the default."]


def test_ticking_the_default_on_the_page_of_a_method_takes_it_from_the_other(row):
    client, _user = staff()
    answer = send(client, change_url(row.auth_methods.get(slug="basic")), {"is_default": "on"})
    assert answer.status_code == 302, errors_of(answer)
    assert row.auth_methods.get(is_default=True).slug == "basic"


# Each change raises the revision once.


def change_integration(client, row):
    send(client, change_url(row), {"name": "Renamed"})


def change_method(client, row):
    send(client, change_url(row.auth_methods.first()), {"name": "Renamed"})


def change_inline(client, row):
    send(client, change_url(row), {"auth_methods-0-name": "Renamed"})


def change_field(client, row):
    send(client, change_url(row.auth_methods.first()), {"fields-0-label": "Renamed"})


def delete_field(client, row):
    send(client, change_url(row.auth_methods.get(slug="basic")), {"fields-0-DELETE": "on"})


def delete_inline(client, row):
    send(client, change_url(row), {"auth_methods-2-DELETE": "on"})


def delete_method(client, row):
    method = row.auth_methods.last()
    client.post(f"{METHODS}{method.pk}/delete/", {"post": "yes"})


def delete_methods(client, row):
    chosen = [method.pk for method in row.auth_methods.exclude(slug="api_key")]
    sent = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    client.post(METHODS, sent)


def delete_integration(client, row):
    client.post(f"{INTEGRATIONS}{row.pk}/delete/", {"post": "yes"})


def delete_integrations(client, row):
    sent = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.post(INTEGRATIONS, sent)


CHANGES = (
    change_integration,
    change_method,
    change_inline,
    change_field,
    delete_field,
    delete_inline,
    delete_method,
    delete_methods,
    delete_integration,
    delete_integrations,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_change_raises_the_revision_once(row, raised, change):
    client, _user = staff()
    before, revision = current_version(), row.revision
    was = _counts()
    change(client, Integration.objects.get())
    assert raised == [row.pk]
    assert current_version() != before
    left = Integration.objects.filter(pk=row.pk).first()
    assert left is None or left.revision == Integration.objects.get().revision
    assert left is None or left.revision > revision
    assert (_counts() != was) == change.__name__.startswith("delete")


def _counts() -> list[int]:
    return [model.objects.count() for model in (Integration, AuthMethod, FieldSpec)]


def test_refused_save_raises_nothing(row, raised):
    client, _user = staff()
    version = current_version()
    send(client, change_url(row.auth_methods.first()), {"rules": '{"some_of": []}'})
    assert (raised, current_version()) == ([], version)


def test_revision_is_never_written_back(row):
    """A page that was opened long ago carries no old revision, origin or digest."""
    load_builtin("cohere")
    row = Integration.objects.get(slug="cohere")
    client, _user = staff()
    send(client, change_url(row), {"name": "Renamed"})
    now = Integration.objects.get(slug="cohere")
    assert (now.origin, now.loaded_digest) == (row.origin, row.loaded_digest)
    assert now.revision == row.revision + 1


def test_staff_edit_is_seen_by_the_next_load():
    load_builtin("cohere")
    client, _user = staff()
    definition = read_file(BUILT_IN / "cohere.yaml")
    assert load_definition(definition) == "unchanged"
    send(client, change_url(Integration.objects.get()), {"name": "Renamed"})
    assert load_definition(definition) == "kept"


# What is in use stays.


@pytest.fixture
def used(row) -> Integration:
    workspace = make_workspace()
    connect(workspace, label="First")
    connect(workspace, label="Second")
    return row


@pytest.mark.parametrize("what", ["integration", "method"])
def test_definition_in_use_is_not_deleted(used, method, what):
    client, _user = staff()
    base = INTEGRATIONS if what == "integration" else METHODS
    obj = used if what == "integration" else method
    asked = client.get(f"{base}{obj.pk}/delete/")
    assert "2 connections use it" in asked.content.decode()
    answer = client.post(f"{base}{obj.pk}/delete/", {"post": "yes"})
    assert answer.status_code in (200, 403)
    sent = {"action": "delete_selected", "_selected_action": [obj.pk], "post": "yes"}
    assert "2 connections use it" in client.post(base, sent, follow=True).content.decode()
    assert AuthMethod.objects.filter(pk=method.pk).exists()


def test_row_of_a_method_in_use_is_not_deleted(used):
    client, _user = staff()
    page = send(client, change_url(used), {"auth_methods-0-DELETE": "on"})
    assert page.status_code == 200
    assert "would require deleting the following protected" in page.content.decode()
    assert used.auth_methods.count() == 3


@pytest.mark.parametrize("way", ["page", "action"])
def test_deletion_that_somebody_overtook_is_a_message(used, method, way, monkeypatch):
    """The question found nothing in the way; by the answer somebody connects."""
    monkeypatch.setattr(
        definitions.DefinitionAdmin, "get_deleted_objects", lambda *_: ([], {}, set(), [])
    )
    client, _user = staff()
    sent = {"action": "delete_selected", "_selected_action": [method.pk], "post": "yes"}
    url = METHODS if way == "action" else f"{METHODS}{method.pk}/delete/"
    answer = client.post(url, sent, follow=True)
    assert "It is used by a connection by now, and was not deleted." in messages_of(answer)
    assert AuthMethod.objects.filter(pk=method.pk).exists()
