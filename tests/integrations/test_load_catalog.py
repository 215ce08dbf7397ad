"""Loading catalogue files: idempotent, said aloud, and never over what staff edited."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from integrations.catalogue import current_version, integration_definition, with_fields
from integrations.files import parse, read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.models import AuthMethod, FieldSpec, Integration
from integrations.services import definition_digest, load_definition, mark_changed
from tests.factories import api_client, make_key, make_workspace

pytestmark = pytest.mark.django_db

ACME = """
slug: acme
name: Acme
type: api
fields: [{key: region, target: config, required: false}]
auth_methods:
  - id: key
    name: Key
    kind: custom
    default: true
    fields: [{key: api_key, type: password}]
  - id: token
    name: Token
    kind: custom
    fields: [{key: token, type: password}]
"""
ONE_METHOD = ACME[: ACME.index("  - id: token")]


class Loaded:
    """What a run of the command said and how it ended."""

    def __init__(self, path: Path, **options: Any) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.error = ""
        try:
            call_command("load_catalog", path, stdout=out, stderr=err, **options)
        except CommandError as error:
            self.error = str(error)
        self.lines = out.getvalue().splitlines()
        self.complaints = err.getvalue().splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "acme.yaml").write_text(ACME)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.yaml").write_text(text)


def acme() -> Integration:
    return with_fields().get(slug="acme")


def edit_by_staff() -> None:
    Integration.objects.filter(slug="acme").update(description="Edited by staff.")
    mark_changed(acme().pk)


def test_first_load_creates_and_the_second_changes_nothing(folder: Path) -> None:
    assert Loaded(folder).lines == ["acme: created", "1 created"]
    before = list(FieldSpec.objects.order_by("id").values()), current_version(), acme().revision
    assert Loaded(folder).lines == ["1 unchanged"]
    assert (
        list(FieldSpec.objects.order_by("id").values()),
        current_version(),
        acme().revision,
    ) == before


def test_changed_file_is_loaded_and_raises_the_revision(folder: Path) -> None:
    Loaded(folder)
    before = acme().revision, current_version()
    write(folder, "acme", ACME.replace("name: Acme", "name: Acme 2"))
    assert Loaded(folder).lines == ["acme: updated", "1 updated"]
    assert acme().name == "Acme 2"
    assert acme().revision > before[0]
    assert current_version() != before[1]


def test_rows_keep_their_identity(folder: Path) -> None:
    """Connections point at the rows of methods."""
    Loaded(folder)
    before = dict(AuthMethod.objects.values_list("slug", "pk"))
    write(folder, "acme", ACME.replace("name: Token", "name: Other").replace("default: true", ""))
    Loaded(folder)
    assert dict(AuthMethod.objects.values_list("slug", "pk")) == before


def test_default_moves_to_another_method(folder: Path) -> None:
    Loaded(folder)
    moved = ACME.replace("    default: true\n", "").replace(
        "name: Token", "name: Token\n    default: true"
    )
    write(folder, "acme", moved)
    assert Loaded(folder).lines == ["acme: updated", "1 updated"]
    assert integration_definition(acme()).default_method.id == "token"


def test_edit_of_staff_is_kept_while_the_file_stands(folder: Path) -> None:
    Loaded(folder)
    edit_by_staff()
    expected = "acme: kept as staff edited it; its file has not changed"
    assert Loaded(folder).lines == [expected, "1 kept"]
    assert acme().description == "Edited by staff."


def test_edit_of_staff_and_of_the_file_is_a_conflict(folder: Path) -> None:
    Loaded(folder)
    edit_by_staff()
    write(folder, "acme", ACME.replace("name: Acme", "name: Acme 2"))
    loaded = Loaded(folder)
    assert loaded.lines[-1] == "1 conflict"
    assert loaded.lines[0].startswith("acme: NOT loaded: staff edited it and its file changed")
    assert (acme().name, acme().description) == ("Acme", "Edited by staff.")


@pytest.mark.parametrize("text", [ACME, ACME.replace("name: Acme", "name: Acme 2")])
def test_overwrite_takes_the_file_s(folder: Path, text: str) -> None:
    Loaded(folder)
    edit_by_staff()
    write(folder, "acme", text)
    assert Loaded(folder, overwrite=True).lines == ["acme: updated", "1 updated"]
    assert acme().description == ""
    assert Loaded(folder).lines == ["1 unchanged"]


def test_method_of_staff_is_an_edit(folder: Path) -> None:
    Loaded(folder)
    AuthMethod.objects.create(integration=acme(), slug="own", name="Own", kind="none")
    write(folder, "acme", ACME.replace("name: Acme", "name: Acme 2"))
    assert Loaded(folder).lines[-1] == "1 conflict"
    assert AuthMethod.objects.filter(slug="own").exists()


def test_method_that_a_file_dropped_goes(folder: Path) -> None:
    Loaded(folder)
    write(folder, "acme", ONE_METHOD)
    assert Loaded(folder).lines == ["acme: updated", "1 updated"]
    assert [method.id for method in integration_definition(acme()).methods] == ["key"]


def test_method_in_use_is_kept_until_nothing_uses_it(folder: Path) -> None:
    Loaded(folder)
    client = api_client(make_key(make_workspace()))
    body = {"integration": "acme", "integration_type": "api", "auth_method_id": "token"}
    made = client.post_json("/connections", body | {"credentials": {"token": "x-secret"}})
    assert made.status_code == 201
    write(folder, "acme", ONE_METHOD.replace("name: Acme", "name: Acme 2"))
    assert Loaded(folder).lines == ["acme: updated", "1 updated"]
    assert [method.id for method in integration_definition(acme()).methods] == ["key", "token"]
    assert Loaded(folder).lines == ["1 unchanged"]
    assert client.call("DELETE", f"/connections/{made.json()['id']}").status_code == 204
    assert Loaded(folder).lines == ["acme: updated", "1 updated"]
    assert [method.id for method in integration_definition(acme()).methods] == ["key"]
    assert Loaded(folder).lines == ["1 unchanged"]


BROKEN = "slug: broken\nname: Broken\ntype: nope\n"
UNCLEAN = ACME.replace("slug: acme", "slug: unclean").replace("type: password", "pattern: '('")


def test_refused_file_is_reported_and_the_others_are_loaded(folder: Path) -> None:
    write(folder, "broken", BROKEN)
    write(folder, "unclean", UNCLEAN)
    loaded = Loaded(folder)
    assert loaded.lines == ["acme: created", "1 created"]
    assert loaded.error == "2 file(s) refused; the others were loaded."
    assert [line.split(":")[0] for line in loaded.complaints] == [
        "broken.yaml",
        "unclean.yaml",
        "unclean.yaml",
    ]
    assert loaded.complaints[0].startswith("broken.yaml: line 3: Field 'type' must be one of:")
    assert loaded.complaints[1].startswith("unclean.yaml: key.api_key: The pattern cannot be used:")


def test_all_or_nothing(folder: Path) -> None:
    write(folder, "broken", BROKEN)
    loaded = Loaded(folder, all_or_nothing=True)
    assert loaded.error == "1 file(s) refused; nothing was loaded."
    assert not Integration.objects.exists()


def test_slug_of_two_files_is_refused(folder: Path) -> None:
    write(folder, "second", ACME.replace("name: Acme", "name: Other"))
    loaded = Loaded(folder)
    assert loaded.complaints == ["second.yaml: acme.yaml has the slug 'acme' already"]
    assert (loaded.lines, loaded.error) == (
        ["acme: created", "1 created"],
        "1 file(s) refused; the others were loaded.",
    )
    assert acme().name == "Acme"


def test_one_file_and_no_file(folder: Path) -> None:
    assert Loaded(folder / "acme.yaml").lines == ["acme: created", "1 created"]
    assert Loaded(folder / "nope.yaml").error == f"{folder / 'nope.yaml'} does not exist."
    (folder / "empty").mkdir()
    assert Loaded(folder / "empty").lines == ["nothing to load"]


def test_workspace_s_own_integration_is_left_alone(folder: Path) -> None:
    own = Integration.objects.create(
        slug="acme", name="Ours", type="api", workspace_id=make_workspace().id
    )
    assert Loaded(folder).lines == ["acme: created", "1 created"]
    own.refresh_from_db()
    assert own.name == "Ours"


def test_built_in_catalogue_loads_and_is_stored_as_it_was_read() -> None:
    loaded = Loaded(BUILT_IN)
    paths = sorted(BUILT_IN.glob("*.yaml"))
    assert (loaded.error, loaded.complaints) == ("", [])
    assert loaded.lines[-1] == f"{len(paths)} created"
    rows = {row.slug: row for row in with_fields()}
    for path in paths:
        definition, row = read_file(path), rows[path.stem]
        assert definition_digest(integration_definition(row)) == definition_digest(definition)
        assert row.loaded_digest == definition_digest(definition)
    assert Loaded(BUILT_IN).lines == [f"{len(paths)} unchanged"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: Acme", "name: Acme 2"),
        ("type: api", "type: tool"),
        ("required: false", "required: true"),
        ("key: region", "key: area"),
        ("type: password", "type: string"),
        ("type: password", "type: password, max_length: 5"),
        ("kind: custom", "kind: bearer"),
        ("default: true", "default: false"),
        ("default: true", "rules: {any_of: [[api_key, region]]}"),
        ("default: true", "test: {path: /me}"),
    ],
)
def test_digest_sees_every_change(old: str, new: str) -> None:
    assert ACME.count(old)
    changed = parse(ACME.replace(old, new, 1))
    assert definition_digest(changed) != definition_digest(parse(ACME))


def test_load_is_one_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    load_definition(parse(ACME))
    before = definition_digest(integration_definition(acme()))
    changed = parse(ACME.replace("name: Acme", "name: Acme 2"))
    monkeypatch.setattr("integrations.services.mark_changed", lambda _pk, **_more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load_definition(changed)
    assert definition_digest(integration_definition(acme())) == before
