"""The commands of an operator's first steps: a key, a workspace, an API key."""

import re
from base64 import b64decode

import pytest
from django.core.management import CommandError, call_command

from connections.models import ApiKey, AuditEvent, Workspace
from tests.commands.installation import Installation
from tests.factories import api_client, load_builtin, make_workspace
from tests.test_databases import on_sqlite


@on_sqlite
@pytest.mark.parametrize(("arguments", "version"), [([], "v1"), (["v2"], "v2")])
def test_new_key_needs_no_settings_and_prints_an_entry(tmp_path, arguments, version):
    run = Installation(tmp_path).manage("new_key", *arguments)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.count("\n") == 1
    name, key = run.stdout.strip().split(":")
    assert (name, len(b64decode(key, validate=True))) == (version, 32)


def test_new_keys_differ(capsys):
    call_command("new_key")
    call_command("new_key")
    assert len(set(capsys.readouterr().out.split())) == 2


def test_version_that_no_keyring_takes_is_refused():
    with pytest.raises(CommandError, match="1 to 16 lower-case letters and digits"):
        call_command("new_key", "V-1")


@pytest.mark.django_db
def test_workspace_is_made_once(capsys):
    call_command("create_workspace", "acme", name="Acme Inc.")
    made = Workspace.objects.get()
    assert (made.slug, made.name) == ("acme", "Acme Inc.")
    assert capsys.readouterr().out == f"{made.public_id} acme\n"
    with pytest.raises(CommandError, match="already exists"):
        call_command("create_workspace", "acme")
    assert Workspace.objects.get() == made
    assert made.keys.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["a b", "a/b", "ä", "", "a" * 64])
def test_slug_that_is_none_is_refused(slug):
    with pytest.raises(CommandError):
        call_command("create_workspace", slug)
    assert not Workspace.objects.exists()


@pytest.mark.django_db
def test_api_key_is_printed_alone_and_works(capsys):
    load_builtin("openai")
    workspace = make_workspace("acme")
    call_command("create_api_key", workspace="acme", label="CI", permissions="read, write")
    printed = capsys.readouterr()
    assert printed.err == ""
    assert re.fullmatch(r"mk_\w{36}\n", printed.out)
    assert api_client(printed.out.strip()).get_json("/integrations/openai").status_code == 200
    key = ApiKey.objects.get()
    assert (key.workspace, key.label, key.permissions) == (workspace, "CI", ["read", "write"])
    assert AuditEvent.objects.get().action == "api_key.created"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param({"workspace": "nobody"}, "There is no workspace 'nobody'", id="workspace"),
        pytest.param({"permissions": "all"}, "Field 'permissions' must be one of", id="permission"),
        pytest.param({"permissions": ""}, "Field 'permissions'", id="no-permission"),
        pytest.param({"label": " "}, "Field 'label' is required", id="blank-label"),
        pytest.param({"label": "x" * 256}, "at most 255 characters", id="long-label"),
    ],
)
def test_api_key_that_breaks_a_rule_is_not_made(options, sentence):
    make_workspace("acme")
    with pytest.raises(CommandError, match=sentence):
        call_command("create_api_key", **{"workspace": "acme", "label": "CI", **options})
    assert not ApiKey.objects.exists()
