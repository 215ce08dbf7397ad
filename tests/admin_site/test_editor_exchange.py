"""Definitions as files in the admin: taken along, and brought in with a report first."""

import io
import time
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from integrations.catalogue import integration_definition, with_fields
from integrations.exchange import LARGEST_IMPORT, MOST_ITEMS
from integrations.files import parse, read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.models import Integration
from integrations.services import definition_digest, load_definition
from tests.admin_site.pages import (
    INTEGRATIONS,
    THREE_WAYS,
    AdminForm,
    change_url,
    messages_of,
    send,
    staff,
)
from tests.admin_site.test_changing import connect
from tests.factories import load_builtin, make_integration, make_workspace

pytestmark = pytest.mark.django_db

IMPORT = f"{INTEGRATIONS}import/"
OTHER = THREE_WAYS.replace("three-ways", "other-ways").replace("Three ways", "Other ways")


def upload(client: Any, content: bytes, name: str = "one.yaml") -> Any:
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, content)})


def paste(client: Any, *texts: str) -> Any:
    return client.post(IMPORT, {"text": "\n---\n".join(texts)})


def report(answer: Any) -> list[tuple[str, Any, bool]]:
    """`(name, outcome, ticked)` of each item."""
    rows = answer.context["rows"]
    return [(row["item"].name, row["item"].outcome, row["is_ticked"]) for row in rows]


def store(client: Any, answer: Any, *takes: str) -> Any:
    """Send the report's form; its ticks, or those that are named."""
    text = AdminForm(answer).sent["text"]
    ticked = takes or [
        f"{row['item'].name}:{row['item'].outcome}"
        for row in answer.context["rows"]
        if row["is_ticked"]
    ]
    return client.post(IMPORT, {"text": text, "take": ticked, "store": "1"}, follow=True)


def stored(slug: str) -> Any:
    return integration_definition(with_fields().get(slug=slug))


def test_one_is_exported_as_a_file_that_reads_back_the_same():
    load_builtin("zendesk")
    client, _user = staff()
    row = Integration.objects.get()
    answer = client.get(reverse("admin:integrations_integration_export", args=[row.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="zendesk.yaml"'
    exported = parse(answer.content.decode())
    assert definition_digest(exported) == definition_digest(read_file(BUILT_IN / "zendesk.yaml"))


def test_several_are_exported_as_an_archive_that_is_imported_again():
    slugs = ("zendesk", "kafka", "gmail", "snowflake")
    load_builtin(*slugs)
    client, _user = staff()
    digests = {slug: definition_digest(stored(slug)) for slug in slugs}
    pks = list(Integration.objects.values_list("pk", flat=True))
    answer = client.post(INTEGRATIONS, {"action": "export", "_selected_action": pks})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == sorted(f"{slug}.yaml" for slug in slugs)
    same = upload(client, answer.content, "all.zip")
    assert {outcome for _name, outcome, _ticked in report(same)} == {"unchanged"}
    Integration.objects.all().delete()
    store(client, upload(client, answer.content, "all.zip"))
    assert {slug: definition_digest(stored(slug)) for slug in slugs} == digests


def test_nothing_is_stored_before_somebody_says_so():
    client, user = staff()
    answer = paste(client, THREE_WAYS, OTHER)
    assert report(answer) == [("three-ways", "created", True), ("other-ways", "created", True)]
    assert Integration.objects.count() == 0
    done = store(client, answer, "other-ways:created")
    assert messages_of(done) == ["1 integration imported."]
    row = Integration.objects.get()
    assert (row.slug, row.origin) == ("other-ways", "staff")
    revision = row.revisions.get()
    assert (revision.action, revision.made_by) == ("imported", user.username)


def test_importing_again_changes_nothing():
    client, _user = staff()
    store(client, paste(client, THREE_WAYS))
    before = Integration.objects.get().revision
    again = paste(client, THREE_WAYS)
    assert report(again) == [("three-ways", "unchanged", False)]
    store(client, again, "three-ways:updated")
    assert Integration.objects.get().revision == before


def test_change_is_shown_and_stored():
    client, _user = staff()
    store(client, paste(client, THREE_WAYS))
    answer = paste(client, THREE_WAYS.replace("name: Three ways", "name: <b>Renamed</b>"))
    assert report(answer) == [("three-ways", "updated", True)]
    assert "<ins>+ name: &lt;b&gt;Renamed&lt;/b&gt;</ins>" in answer.content.decode()
    store(client, answer)
    assert Integration.objects.get().name == "<b>Renamed</b>"


def test_what_staff_edited_is_a_conflict_and_kept_unless_ticked():
    make_integration(THREE_WAYS)
    client, _user = staff()
    send(client, change_url(Integration.objects.get()), {"name": "Edited here"})
    answer = paste(client, THREE_WAYS)
    assert report(answer) == [("three-ways", "conflict", False)]
    assert "- name: Edited here" in answer.content.decode()
    store(client, answer)
    # Ticked as the change that it was before somebody edited it.
    late = store(client, answer, "three-ways:updated")
    assert "three-ways was edited meanwhile, and was left as it is." in messages_of(late)
    assert Integration.objects.get().name == "Edited here"
    store(client, answer, "three-ways:conflict")
    assert Integration.objects.get().name == "Three ways"


def test_imported_definition_of_the_catalogue_outlives_its_next_load():
    load_builtin("cohere")
    client, _user = staff()
    text = (BUILT_IN / "cohere.yaml").read_text().replace("name: Cohere", "name: Ours", 1)
    store(client, paste(client, text))
    assert Integration.objects.get().name == "Ours"
    assert load_definition(read_file(BUILT_IN / "cohere.yaml")) == "kept"


def test_import_that_breaks_connections_is_not_ticked():
    make_integration(THREE_WAYS)
    connect(make_workspace())
    client, _user = staff()
    answer = paste(client, THREE_WAYS.replace("min_length: 10", "min_length: 99"))
    assert report(answer) == [("three-ways", "updated", False)]
    assert "1 connection will stop passing." in answer.content.decode()


BAD = {
    "python tag": (
        "slug: x\nname: !!python/object:os.system {}",
        "line 32: could not determine a constructor",
    ),
    "bomb": ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "aliases are not allowed"),
    "tab": ("slug: x\n\tname: y", "line 32: found character"),
    "duplicate key": ("slug: x\nslug: y", "line 32: the key 'slug' stands here twice"),
    "unknown key": (THREE_WAYS + "colour: red\n", "Unknown field 'colour'"),
    "unknown kind": (THREE_WAYS.replace("kind: basic", "kind: magic"), "'kind' must be one of"),
    "unknown type": (THREE_WAYS.replace("type: pem", "type: magic"), "must be one of"),
    "no name": (THREE_WAYS.replace("name: Three ways\n", ""), "'name' is required"),
    "list": ("- a\n- b", "a mapping is needed here"),
    "text": ("just text", "a mapping is needed here"),
    "pattern": (THREE_WAYS.replace("min_length: 10", "pattern: '('"), "The pattern cannot be used"),
    "repeated group": (
        THREE_WAYS.replace("min_length: 10", "pattern: 'a{1001}'"),
        "The pattern cannot be used",
    ),
    "long pattern": (
        THREE_WAYS.replace("min_length: 10", f"pattern: '{'a' * 601}'"),
        "must be at most",
    ),
    "infinite": (THREE_WAYS.replace("min_length: 10", "minimum: .inf"), "cannot be used"),
    "deep": ("a: " + "[" * 5000, "nested too deeply"),
    "too long": ("slug: x\nname: '" + "x" * 70_000 + "'", "larger than 65536 bytes"),
    "unsafe default": (
        THREE_WAYS.replace("min_length: 10", "default: secret-key-1"),
        "A secret field has no default",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_refused_item_is_a_line_of_the_report_and_the_rest_is_imported(name):
    text, said = BAD[name]
    client, _user = staff()
    began = time.monotonic()
    answer = paste(client, OTHER, text)
    assert time.monotonic() - began < 10
    assert answer.status_code == 200
    good, bad = answer.context["rows"]
    assert (good["item"].outcome, bad["item"].outcome) == ("created", None)
    assert any(said in error for error in bad["item"].errors), bad["item"].errors
    store(client, answer)
    assert [row.slug for row in Integration.objects.all()] == ["other-ways"]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){12}", ".*", "[a-z]+"], ids=str)
def test_patterns_that_a_linear_engine_runs_are_accepted(pattern):
    client, _user = staff()
    answer = paste(client, THREE_WAYS.replace("min_length: 10", f"pattern: '{pattern}'"))
    assert report(answer) == [("three-ways", "created", True)], answer.context["rows"]


def test_lines_are_those_of_the_whole_text():
    client, _user = staff()
    answer = paste(client, "# a comment\n" * 3 + "slug: x\nslug: y")
    assert answer.context["rows"][0]["item"].errors[0].startswith("line 5:")


def test_slug_twice_in_one_import_is_refused():
    client, _user = staff()
    answer = paste(client, THREE_WAYS, THREE_WAYS)
    assert [outcome for _name, outcome, _ticked in report(answer)] == ["created", None]


def archive(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as one:
        for name, content in files.items():
            one.writestr(name.replace("__", "/").replace("_yaml", ".yaml"), content)
    return packed.getvalue()


UNREADABLE = {
    "no text": b"\xff\xfe\x00",
    "nothing": b"\n# nothing\n---\n",
    "no archive": b"PK\x03\x04 and nothing else",
    "zip bomb": archive(a_yaml=b" " * 50_000_000),
    "many files": archive(**{f"f{n}_yaml": b"" for n in range(MOST_ITEMS + 1)}),
    "many parts": b"[" + b"," * 50_000,
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_an_error_of_the_form(name):
    client, _user = staff()
    began = time.monotonic()
    answer = upload(client, UNREADABLE[name])
    assert time.monotonic() - began < 2
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert Integration.objects.count() == 0


def test_names_in_an_archive_lead_nowhere():
    client, _user = staff()
    answer = upload(client, archive(**{"..__..__etc__x_yaml": THREE_WAYS.encode()}), "x.zip")
    assert report(answer) == [("three-ways", "created", True)]


def test_fifty_megabytes_are_refused_unread():
    client, _user = staff()
    began = time.monotonic()
    answer = upload(client, b"x" * 50_000_000)
    assert answer.status_code == 413
    assert time.monotonic() - began < 2
    assert upload(client, b"x" * (LARGEST_IMPORT + 100_000)).status_code == 413
    assert upload(client, b"x" * (LARGEST_IMPORT + 1)).status_code == 200


def test_import_needs_its_rights_and_a_token():
    looker, _user = staff("integrations.view_integration", "integrations.change_integration")
    assert (looker.get(IMPORT).status_code, paste(looker, THREE_WAYS).status_code) == (403, 403)
    client, user = staff()
    client.handler.enforce_csrf_checks = True
    assert paste(client, THREE_WAYS).status_code == 403
    assert client.get(IMPORT).status_code == 200
