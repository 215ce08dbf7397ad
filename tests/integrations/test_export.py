"""What is exported is what would be imported: for all that we ship, and for anything else."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.catalogue import integration_definition, with_fields
from integrations.export import dump
from integrations.files import parse, read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.models import FieldSpec, Integration
from integrations.services import definition_digest, load_definition
from integrations.specs import IntegrationDefinition, Spec
from tests.strategies import integration_of, methods

FILES = sorted(BUILT_IN.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_catalogue_comes_back_identical(path: Path) -> None:
    definition = read_file(path)
    exported = dump(definition)
    assert parse(exported) == definition
    assert definition_digest(parse(exported)) == definition_digest(definition)
    assert dump(parse(exported)) == exported


# What a file holds has neither NUL nor other characters that YAML forbids.
printable = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"),
    min_size=1,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_random_definition_comes_back_identical(data: st.DataObject) -> None:
    listed = data.draw(st.lists(methods(), min_size=1, max_size=3))
    named = tuple(replace(method, id=f"m{place}") for place, method in enumerate(listed))
    definition = integration_of(*named)
    assert parse(dump(definition)) == definition


@given(text=printable.map(str.strip).filter(bool))
def test_any_text_comes_back_identical(text: str) -> None:
    spec = Spec(key="one", label="One", help_text=text, default=text, secure=False)
    definition = definition_of(spec)
    assert parse(dump(definition)).methods[0].specs == (spec,)


def definition_of(*specs: Spec, kind: str = "custom") -> IntegrationDefinition:
    shortest = parse(
        "slug: a\nname: A\ntype: api\nauth_methods: [{id: m, name: M, kind: custom}]\n"
    )
    (method,) = shortest.methods
    return replace(shortest, methods=(replace(method, kind=kind, specs=specs),))


def test_file_says_only_what_differs() -> None:
    definition = definition_of(Spec(key="one_two", label="One two"))
    assert dump(definition) == (
        "slug: a\nname: A\ntype: api\nauth_methods:\n- id: m\n  name: M\n  kind: custom\n"
        "  fields:\n  - key: one_two\n"
    )


def test_fields_of_every_method_are_written_once() -> None:
    exported = dump(read_file(BUILT_IN / "zendesk.yaml"))
    assert exported.count("key: subdomain") == 1
    assert "access_token" not in exported, "what a kind brings unchanged is not written"


@pytest.mark.parametrize(
    "text", ["no", "5", "1.5", "null", "2025-10-19", "1:30", "=", "<<", "*a", "&a"]
)
def test_text_that_looks_like_something_else_stays_text(text: str) -> None:
    spec = Spec(key="one", label="One", default=text, secure=False)
    assert parse(dump(definition_of(spec))).methods[0].specs[0].default == text


def test_what_was_taken_back_stays_taken_back() -> None:
    definition = read_file(BUILT_IN / "gmail.yaml")
    method = definition.methods[0]
    plain = Spec(key="token_type", type="string", label="", secure=False)
    specs = tuple(
        replace(spec, default=None, pattern="", pattern_message="", examples=(), advanced=False)
        if spec.key == plain.key
        else spec
        for spec in method.specs
    )
    changed = replace(definition, methods=(replace(method, specs=specs), *definition.methods[1:]))
    assert parse(dump(changed)) == changed


def test_arrangement_that_a_file_cannot_say_is_numbered() -> None:
    """Staff may put a field before those that the kind brings."""
    token = Spec(key="token", type="password", label="Access Token", strip=("Bearer ",))
    definition = definition_of(Spec(key="one", label="One"), token, kind="bearer")
    definition = replace(
        definition,
        methods=(replace(definition.methods[0], id="a"), replace(definition.methods[0], id="b",
                 specs=(token, Spec(key="two", label="Two")))),
    )  # fmt: skip
    (first, second) = parse(dump(definition)).methods
    assert [spec.key for spec in first.specs] == ["one", "token"]
    assert [spec.key for spec in second.specs] == ["token", "two"]
    assert [spec.order for spec in first.specs] == [1, 2]


@pytest.mark.django_db
def test_command_writes_what_load_catalog_reads(tmp_path: Path) -> None:
    for path in FILES[:5]:
        load_definition(read_file(path))
    call_command("export_catalog", to=tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [path.name for path in FILES[:5]]
    for path in FILES[:5]:
        assert read_file(tmp_path / path.name) == read_file(path)


@pytest.mark.django_db
def test_command_exports_an_edit(capsys: pytest.CaptureFixture[str]) -> None:
    load_definition(read_file(BUILT_IN / "openai.yaml"))
    FieldSpec.objects.filter(key="api_key").update(help_text="Edited by staff.")
    call_command("export_catalog", "openai")
    exported = capsys.readouterr().out
    row = with_fields().get(slug="openai")
    assert "Edited by staff." in exported
    assert definition_digest(parse(exported)) == definition_digest(integration_definition(row))


@pytest.mark.django_db
def test_command_says_what_it_cannot_do(tmp_path: Path) -> None:
    for slug in ("box", "figma"):
        load_definition(read_file(BUILT_IN / f"{slug}.yaml"))
    with pytest.raises(CommandError, match="There is no integration nope, zip."):
        call_command("export_catalog", "box", "zip", "nope", to=tmp_path)
    with pytest.raises(CommandError, match="say where the files go"):
        call_command("export_catalog")
    Integration.objects.filter(slug="box").update(slug="../box")
    with pytest.raises(CommandError, match="cannot name a file"):
        call_command("export_catalog", to=tmp_path / "inner")
    assert not (tmp_path / "box.yaml").exists()


@pytest.mark.django_db
def test_workspace_s_own_integrations_are_not_exported(tmp_path: Path) -> None:
    Integration.objects.create(
        slug="own", name="Own", type="api", workspace_id="00000000-0000-0000-0000-000000000001"
    )
    call_command("export_catalog", to=tmp_path)
    assert list(tmp_path.iterdir()) == []
