"""The keyring is compared with the database before anything is served, made or migrated."""

import os
import re

import pytest
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, ProgrammingError

from connections import keyring_check
from connections.keyring_check import verify_keyring
from connections.keys import key_provider
from connections.models import ProviderKey, Workspace
from connections.vault import Keyring, new_key
from tests.commands.installation import Installation
from tests.factories import make_workspace
from tests.test_databases import on_sqlite

ONE, OTHER = new_key(), new_key()


@pytest.fixture
def keyring(settings):
    """Sets the keyring of this process, as a start with other settings would."""

    def set_to(text: str) -> None:
        settings.MIELTO_KEYRING, settings.MIELTO_KEYRING_FILE = text, ""
        key_provider.cache_clear()

    yield set_to
    key_provider.cache_clear()


def remembered() -> dict[str, str]:
    return dict(ProviderKey.objects.values_list("version", "fingerprint"))


@pytest.mark.django_db
def test_new_versions_are_remembered_and_stay(keyring):
    keyring(f"v1:{ONE}")
    verify_keyring()
    first = remembered()
    assert first == Keyring.parse(f"v1:{ONE}").fingerprints()
    keyring(f"v2:{OTHER},v1:{ONE}")
    verify_keyring()
    verify_keyring()
    assert remembered() == {**first, **Keyring.parse(f"v2:{OTHER}").fingerprints()}


@pytest.mark.django_db
def test_version_that_wraps_nothing_may_go(keyring):
    keyring(f"v2:{OTHER},v1:{ONE}")
    verify_keyring()
    keyring(f"v2:{OTHER}")
    verify_keyring()


WRONG = [
    pytest.param(f"v1:{OTHER}", "Key 'v1' of the keyring is not the key that", id="other-key"),
    pytest.param(f"v2:{OTHER}", "The keyring lacks 'v1': stored secrets", id="version-missing"),
    pytest.param(f"v2:{ONE}", "The keyring lacks 'v1': stored secrets", id="version-renamed"),
    pytest.param("v1:abc", "The key of keyring entry 1 must be 32 bytes", id="unparsable"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_wrong_keyring_is_refused_and_nothing_is_remembered_of_it(keyring, text, sentence):
    keyring(f"v1:{ONE}")
    verify_keyring()
    make_workspace()
    before = remembered()
    keyring(text)
    with pytest.raises(ImproperlyConfigured, match=sentence) as caught:
        verify_keyring()
    assert "\n" not in str(caught.value)
    assert remembered() == before


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_no_workspace_is_made_under_a_wrong_keyring(keyring, text, sentence):
    keyring(f"v1:{ONE}")
    verify_keyring()
    made = make_workspace()
    keyring(text)
    with pytest.raises(ImproperlyConfigured, match=sentence):
        call_command("create_workspace", "another")
    assert list(Workspace.objects.all()) == [made]


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_system_checks_find_a_wrong_keyring(keyring, text, sentence):
    keyring(f"v1:{ONE}")
    verify_keyring()
    make_workspace()
    assert of_ours(run_checks(databases=["default"])) == []
    keyring(text)
    (found,) = of_ours(run_checks(databases=["default"]))
    assert found.id == ("mielto.E002" if text == "v1:abc" else "mielto.E003")
    assert re.search(sentence, found.msg)


def of_ours(messages):
    return [message for message in messages if (message.id or "").startswith("mielto.")]


def test_database_check_stays_away_from_a_database_that_nobody_named(keyring):
    keyring(f"v1:{ONE}")
    # Without the `django_db` mark, a query would raise.
    assert of_ours(run_checks(tags=[Tags.database])) == []


@pytest.mark.parametrize("error", [OperationalError, ProgrammingError])
def test_database_that_does_not_answer_is_no_reason_to_stop(keyring, monkeypatch, caplog, error):
    def fail():
        raise error("connection refused")

    keyring(f"v1:{ONE}")
    monkeypatch.setattr(keyring_check, "_remembered", fail)
    verify_keyring()
    assert [record.message for record in caplog.records] == ["keyring_not_checked"]
    assert keyring_check.keyring_problem() is None


@pytest.mark.django_db
def test_key_that_another_process_remembered_meanwhile_is_compared(keyring, monkeypatch):
    other = Keyring.parse(f"v1:{OTHER}").fingerprints()
    # The first two looks find nothing; then the other process was faster.
    answers = iter([{}, {}, other])
    monkeypatch.setattr(keyring_check, "_remembered", lambda: next(answers))
    keyring(f"v1:{ONE}")
    with pytest.raises(ImproperlyConfigured, match="Key 'v1' of the keyring"):
        verify_keyring()


# A whole start


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    installation = Installation(tmp_path_factory.mktemp("start"))
    made = installation.manage("demo", "--no-serve")
    assert made.returncode == 0, made.stderr
    return installation


IMPORT_IN_A_LOOP = """
import asyncio, importlib
async def serve():
    importlib.import_module("mielto.asgi")
asyncio.run(serve())
"""
STARTS = [
    pytest.param("import mielto.wsgi", id="wsgi"),
    pytest.param("import mielto.asgi", id="asgi"),
    pytest.param(IMPORT_IN_A_LOOP, id="asgi-in-a-loop"),
]


@on_sqlite
@pytest.mark.parametrize("code", STARTS)
def test_server_starts_with_the_right_keyring(installation, code):
    run = installation.python("-c", code)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@on_sqlite
@pytest.mark.parametrize("code", STARTS)
@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        pytest.param({"MIELTO_KEYRING": f"v1:{ONE}"}, "Key 'v1' of the keyring", id="other-key"),
        pytest.param({"MIELTO_KEYRING": f"v2:{ONE}"}, "The keyring lacks 'v1'", id="missing"),
        pytest.param({"MIELTO_KEYRING": "rubbish"}, "entry 1 is not of the form", id="unparsable"),
        pytest.param({"MIELTO_KEYRING_FILE": "/missing"}, "file /missing cannot", id="no-file"),
        pytest.param({"SECRET_KEY": "short"}, "SECRET_KEY is too short", id="other-setting"),
    ],
)
def test_server_does_not_start_with_a_wrong_one(installation, code, environ, sentence):
    run = installation.python("-c", code, **environ)
    assert (run.returncode, run.stdout) == (3, "")
    assert re.fullmatch(rf"mielto: .*{sentence}.*\n", run.stderr)


@on_sqlite
def test_server_starts_without_tables_and_says_that_it_did_not_check(installation, tmp_path):
    run = installation.python(
        "-c", "import mielto.wsgi", DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    )
    assert run.returncode == 0
    assert '"keyring_not_checked"' in run.stderr
    assert run.stderr.count("\n") == 1


@on_sqlite
@pytest.mark.parametrize(
    "options",
    [
        pytest.param([], id="our-settings"),
        pytest.param(["--config=/dev/null.py", "--no-control-socket"], id="none"),
    ],
)
def test_gunicorn_stops_instead_of_trying_for_ever(installation, options, tmp_path):
    if options:
        (tmp_path / "bare.py").touch()
        options[0] = f"--config={tmp_path / 'bare.py'}"
    run = installation.python(
        *("-m", "gunicorn", "mielto.wsgi", "--bind=127.0.0.1:0", *options),
        MIELTO_KEYRING=f"v1:{ONE}",
    )
    assert run.returncode == 3
    assert run.stderr.count("mielto: Key 'v1' of the keyring is not the key") == 1


@on_sqlite
def test_migrate_stops_at_a_wrong_keyring(installation):
    run = installation.manage("migrate", MIELTO_KEYRING=f"v1:{ONE}")
    assert run.returncode == 1
    assert "mielto.E003" in run.stderr


def test_this_process_has_a_keyring_of_its_own():
    assert (
        key_provider().fingerprints() == Keyring.parse(os.environ["MIELTO_KEYRING"]).fingerprints()
    )
