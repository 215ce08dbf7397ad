"""What README.md, .env.example and docs/ say is true of the code."""

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils.translation import gettext_lazy

from connections.checks.outcomes import WORDS
from connections.services.refresh_reasons import REASONS
from integrations.auth_methods import AUTH_METHODS
from integrations.field_types.text import StringField
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.models import Integration
from integrations.problems import Refused
from integrations.rules import RULES
from integrations.specs import Spec
from tests.commands.installation import ROOT
from tests.factories import api_client, load_builtin, make_key, make_workspace

README = (ROOT / "README.md").read_text()
ERRORS = (ROOT / "docs/errors.md").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
DOCUMENTS = ["README.md", *(f"docs/{path.name}" for path in sorted(ROOT.glob("docs/*.md")))]


def blocks(language: str) -> list[str]:
    """The fenced blocks of README.md in that language, in order."""
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```$", README, re.MULTILINE | re.DOTALL)
    assert found
    return found


def first_cells(text: str, heading: str) -> list[str]:
    """What stands as code in the first column of the table below a row of headings."""
    table = re.search(rf"^\| {heading} \|.*\n\|.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    return re.findall(r"^\| `([^`]+)`", table[1], re.MULTILINE)


# Settings


def settings_read() -> set[str]:
    """The names in `env.…("NAME")` of the settings."""
    tree = ast.parse((ROOT / "mielto/settings.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def test_the_table_of_settings_is_complete():
    names = first_cells(README, "name")
    assert len(names) == len(set(names))
    assert set(names) == settings_read()


def test_the_example_of_settings_is_complete():
    names = re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE)
    assert len(names) == len(set(names))
    # The place of the file cannot stand in it; the other one is read by compose.yaml.
    assert {*names, "MIELTO_ENV_FILE"} == {*settings_read(), "POSTGRES_PASSWORD"}


def test_the_example_of_settings_holds_no_key():
    assert re.findall(r"^#?(?:SECRET_KEY|MIELTO_KEYRING|POSTGRES_PASSWORD)=(.+)$", EXAMPLE) == []


# Code blocks


def test_commands_for_a_newcomer_are_two():
    assert blocks("sh")[0].count("\n") == blocks("sh")[1].count("\n") == 1


def read_curl(text: str) -> tuple[str, str, object]:
    """Method, path below the API and body of a curl block."""
    words = shlex.split(text.replace("\\\n", " "))
    (url,) = (word for word in words if word.startswith("http"))
    body = words[words.index("-d") + 1] if "-d" in words else None
    path = url.partition("/api/v1")[2]
    return ("POST", path, json.loads(body)) if body else ("GET", path, None)


MADE_UP = {"id", "workspace_id", "credential_id", "created_by", "created_at", "updated_at"}


@pytest.mark.django_db
def test_the_three_calls_answer_as_shown():
    load_builtin("zendesk", "gmail")
    client = api_client(make_key(make_workspace(), "read", "write"))
    curls = [read_curl(block) for block in blocks("sh") if block.startswith("curl")]
    answers = [client.call(*curl) for curl in curls]
    field, refusal, connection = map(json.loads, blocks("json"))
    # The last is that of a connect link.
    assert [answer.status_code for answer in answers] == [200, 400, 201, 201]
    assert field in answers[0].json()["fields"]
    assert answers[1].json() == refusal
    created = answers[2].json()
    assert list(created) == list(connection)
    shown = {name: value for name, value in connection.items() if name not in MADE_UP}
    assert {name: created[name] for name in shown} == shown


@pytest.mark.django_db
def test_the_example_of_an_integration_loads(tmp_path, capsys):
    (tmp_path / "acme-crm.yaml").write_text(blocks("yaml")[0])
    call_command("load_catalog", str(tmp_path / "acme-crm.yaml"))
    assert capsys.readouterr().out.endswith("1 created\n")
    assert Integration.objects.get().slug == "acme-crm"


def test_the_example_of_a_field_type_works():
    names = {"StringField": StringField, "gettext_lazy": gettext_lazy}
    exec(blocks("python")[0], names)  # noqa: S102 - our own text
    field = names["CountryField"](Spec(key="country", label="Country"))
    assert field.run_validation("DE") == "DE"
    with pytest.raises(Refused) as caught:
        field.run_validation("Germany")
    (problem,) = caught.value.detail
    assert (str(problem), problem.code) == (
        "Field 'Country' must be a country code of two letters",
        "invalid_country",
    )
    assert field.value_schema()["type"] == "string"


def test_the_kinds_of_method_are_complete():
    assert first_cells(README, "kind") == list(AUTH_METHODS)


@pytest.mark.parametrize("kind", AUTH_METHODS)
def test_the_fields_of_a_kind_are_complete(kind):
    row = re.search(rf"^\| `{kind}` \| (.*) \|$", README, re.MULTILINE)[1]
    assert re.findall(r"`(\w+)`", row) == [spec.key for spec in AUTH_METHODS[kind].brings]


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md"])
def test_the_number_of_integrations_is_right(document):
    number = len(list(BUILT_IN.glob("*.yaml")))
    assert re.findall(r"(\d+) integrations", (ROOT / document).read_text()) == [str(number)]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    path = ROOT / document
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


# Error codes

RAISING = {
    "APIException",
    "AuthenticationFailed",
    "BadRequestError",
    "Conflict",
    "NotFound",
    "PermissionDenied",
    "Problem",
    "Unavailable",
    "_answer",
    "plain_error",
    "problem",
}
# Of exceptions that DRF brings with their codes.
FROM_DRF = {"method_not_allowed", "unsupported_media_type"}
SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def sources() -> Iterator[Path]:
    for app in ("connections", "integrations", "mielto"):
        for path in (ROOT / app).rglob("*.py"):
            if "openapi" not in path.parts and "migrations" not in path.parts:
                yield path


def codes_of(tree: ast.AST) -> Iterator[object]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {getattr(target, "id", "") for target in targets}
            if names & {"problem_code", "default_code"} and isinstance(node.value, ast.Constant):
                yield node.value.value
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in RAISING:
                yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant))
            if name in RAISING or name.startswith("mark_"):
                values = (pair.value for pair in node.keywords if pair.arg == "code")
                yield from (value.value for value in values if isinstance(value, ast.Constant))


def codes_in_code() -> set[str]:
    found = {code for path in sources() for code in codes_of(ast.parse(path.read_text()))}
    slugs = {code for code in found if isinstance(code, str) and SLUG.fullmatch(code)}
    lasting = {code for code, reason in REASONS.items() if reason.effect != "wait"}
    return slugs | FROM_DRF | set(RULES) | lasting | (set(WORDS) - {""})


def test_the_list_of_codes_is_complete():
    documented = re.findall(r"^\| `([a-z0-9_]+)`", ERRORS, re.MULTILINE)
    assert sorted(documented) == sorted(set(documented))
    assert sorted(documented) == sorted(codes_in_code())
