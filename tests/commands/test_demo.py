"""`manage.py demo`: a newcomer's first five minutes, and what must never become of them."""

import json
import re
import shlex
import signal
import socket
import sqlite3
import stat
import subprocess
import urllib.error
import urllib.request
from base64 import b64decode

import pytest

from mielto.demo_environment import fresh_settings, write_once
from tests.commands.installation import Installation
from tests.test_databases import on_sqlite

# It brings its own SQLite file: once is enough.
pytestmark = on_sqlite


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """A demo that ran once, and what it printed."""
    installation = Installation(tmp_path_factory.mktemp("demo"))
    run = installation.manage("demo", "--no-serve")
    assert run.returncode == 0, run.stderr
    return installation, run


def told(output: str) -> dict[str, str]:
    """The values of the lines `Admin      http://…`, by their first words."""
    return dict(re.findall(r"^([A-Z][A-Za-z]+(?: [a-z]+)?)  +(\S.*)$", output, re.MULTILINE))


def curl_lines(output: str) -> list[str]:
    return re.findall(r"^curl .*$", output.replace("\\\n", ""), re.MULTILINE)


def test_first_run_writes_settings_for_their_owner_only(first_run):
    installation, run = first_run
    assert stat.S_IMODE(installation.env_file.stat().st_mode) == 0o600
    settings = installation.settings()
    version, key = settings.pop("MIELTO_KEYRING").split(":")
    assert (version, len(b64decode(key))) == ("v1", 32)
    assert len(settings.pop("SECRET_KEY")) == 64
    assert settings == {"MIELTO_MODE": "demo", "ALLOWED_HOSTS": "localhost,127.0.0.1"}
    assert run.stderr == ""
    assert [path.name for path in installation.folder.glob(".env*")] == [".env"]


def test_keys_differ_each_time():
    first, second = fresh_settings(), fresh_settings()
    assert first["SECRET_KEY"] != second["SECRET_KEY"]
    assert first["MIELTO_KEYRING"] != second["MIELTO_KEYRING"]


def test_first_run_tells_how_to_get_in(first_run):
    lines = told(first_run[1].stdout)
    assert lines["Web"] == "http://127.0.0.1:8000/"
    assert lines["Admin"] == "http://127.0.0.1:8000/admin/"
    assert lines["API docs"] == "http://127.0.0.1:8000/api/docs"
    assert re.fullmatch(r"admin  [\w-]{16}", lines["Staff"])
    assert re.fullmatch(r"user   [\w-]{16}", lines["End user"])
    assert re.fullmatch(r"mk_\w{36}", lines["API key"])
    assert len(curl_lines(first_run[1].stdout)) == 2


def test_demo_makes_a_workspace_and_its_people(first_run):
    with sqlite3.connect(first_run[0].database) as database:
        people = database.execute(
            "SELECT slug, username, is_staff, is_superuser, role FROM auth_user"
            " JOIN connections_membership ON user_id = auth_user.id"
            " JOIN connections_workspace ON workspace_id = connections_workspace.id"
            " ORDER BY username"
        ).fetchall()
        keys = database.execute("SELECT label, permissions FROM connections_apikey").fetchall()
    assert people == [("demo", "admin", 1, 1, "owner"), ("demo", "user", 0, 0, "member")]
    assert keys == [("demo", '["read", "write", "reveal"]')]


def test_what_was_printed_is_not_stored(first_run):
    installation, run = first_run
    lines = told(run.stdout)
    stored = installation.database.read_bytes() + installation.env_file.read_bytes()
    secrets = [lines["Staff"].split()[1], lines["End user"].split()[1], lines["API key"]]
    assert [secret for secret in secrets if secret.encode() in stored] == []


def rows(installation: Installation) -> list[tuple[str, ...]]:
    with sqlite3.connect(installation.database) as database:
        found = database.execute("SELECT username, password FROM auth_user").fetchall()
        return found + database.execute("SELECT id, digest FROM connections_apikey").fetchall()


def test_second_run_keeps_everything_and_says_so(first_run):
    installation, run = first_run
    before = installation.env_file.read_bytes(), rows(installation)
    again = installation.manage("demo", "--no-serve", "--port", "8123")
    assert again.returncode == 0, again.stderr
    assert (installation.env_file.read_bytes(), rows(installation)) == before
    lines = told(again.stdout)
    assert lines["Web"] == "http://127.0.0.1:8123/"
    assert lines["API key"] == "(as first shown)"
    assert "`manage.py demo --new-secrets` makes new ones." in again.stdout
    assert told(run.stdout)["API key"] not in again.stdout
    assert curl_lines(again.stdout) == []


def test_new_secrets_replace_all_three(tmp_path):
    installation = Installation(tmp_path)
    first = installation.manage("demo", "--no-serve")
    settings, before = installation.settings(), dict(rows(installation))
    second = installation.manage("demo", "--no-serve", "--new-secrets")
    after = dict(rows(installation))
    assert installation.settings() == settings
    assert len(after) == len(before) == 3
    assert set(after.values()).isdisjoint(before.values())
    for name in ("Staff", "End user", "API key"):
        assert told(first.stdout)[name] != told(second.stdout)[name]


@pytest.mark.parametrize(
    ("environ", "mode"),
    [
        pytest.param({"MIELTO_MODE": "production"}, "production", id="said"),
        pytest.param({"SECRET_KEY": "x" * 60}, "production", id="has-a-key"),
        pytest.param({"MIELTO_MODE": "test"}, "test", id="test"),
    ],
)
def test_environment_of_an_installation_gets_no_demo(tmp_path, environ, mode):
    installation = Installation(tmp_path)
    run = installation.manage("demo", **environ)
    assert (run.returncode, run.stdout) == (1, "")
    assert re.fullmatch(rf"mielto: .* does not run in {mode} mode: .*\n", run.stderr)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"MIELTO_MODE": "production"}, "does not run in production mode", id="mode"),
        pytest.param({"MIELTO_MODE": ""}, "does not run in production mode", id="no-mode"),
        pytest.param({"SECRET_KEY": ""}, "SECRET_KEY is missing", id="no-secret-key"),
        pytest.param({"SECRET_KEY": "short"}, "SECRET_KEY is too short", id="short-secret-key"),
        pytest.param({"MIELTO_KEYRING": ""}, "MIELTO_KEYRING_FILE is missing", id="no-keyring"),
        pytest.param({"MIELTO_KEYRING": "v1:abc"}, "must be 32 bytes", id="broken-keyring"),
    ],
)
def test_wrong_settings_file_is_left_alone_and_named_in_one_line(tmp_path, changes, sentence):
    installation = Installation(tmp_path)
    write_once(installation.env_file, "".join(f"{k}={v}\n" for k, v in fresh_settings().items()))
    installation.change(**{"ALLOWED_HOSTS": "connections.example.com", **changes})
    before = installation.env_file.read_bytes()
    run = installation.manage("demo", "--no-serve")
    assert (run.returncode, run.stdout) == (1, "")
    assert sentence in run.stderr
    assert run.stderr.count("\n") == 1
    assert installation.env_file.read_bytes() == before


def test_other_keyring_for_the_same_database_is_refused_in_one_line(tmp_path):
    installation = Installation(tmp_path)
    installation.manage("demo", "--no-serve")
    installation.change(MIELTO_KEYRING=fresh_settings()["MIELTO_KEYRING"])
    run = installation.manage("demo", "--no-serve")
    assert (run.returncode, run.stdout) == (1, "")
    assert re.fullmatch(r"mielto: Key 'v1' of the keyring is not the key .*\n", run.stderr)


def test_folder_that_cannot_be_written_is_named(tmp_path):
    run = Installation(tmp_path / "missing").manage("demo")
    place = tmp_path / "missing/.env"
    assert run.returncode == 1
    assert run.stderr == f"mielto: {place} cannot be written: No such file or directory.\n"


def test_database_that_cannot_be_opened_is_named(tmp_path):
    installation = Installation(tmp_path)
    installation.database = tmp_path / "missing/db"
    run = installation.manage("demo", "--no-serve")
    assert run.returncode == 1
    assert re.fullmatch(
        r"CommandError: The database .*/missing/db cannot be used: .*\n", run.stderr
    )


def test_port_in_use_is_told_before_anything_is_made(tmp_path):
    installation = Installation(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = installation.manage("demo", "--port", str(port))
    assert run.returncode == 1
    sentence = f"Port {port} cannot be used (Address already in use): choose another with --port."
    assert run.stderr == f"CommandError: {sentence}\n"
    assert not installation.database.exists()


def test_number_that_is_no_port_is_refused(tmp_path):
    run = Installation(tmp_path).manage("demo", "--port", "65536")
    assert run.returncode == 1
    assert run.stderr.startswith("CommandError: Port 65536 cannot be used")


def test_help_needs_no_settings_and_makes_none(tmp_path):
    run = Installation(tmp_path).manage("demo", "--help")
    assert run.returncode == 0
    assert "--new-secrets" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_settings_file_that_came_meanwhile_is_kept(tmp_path):
    write_once(tmp_path / ".env", "first")
    write_once(tmp_path / ".env", "second")
    assert (tmp_path / ".env").read_text() == "first"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.fixture
def served(first_run):
    """A demo on a free port: its process, and what it printed up to serving."""
    with first_run[0].serve_demo("--port", "0", "--new-secrets") as process:
        printed = []
        for line in process.stdout:
            printed.append(line)
            if "Ctrl-C" in line:
                break
        yield process, "".join(printed)
        if process.poll() is None:
            process.kill()


def answer_to(curl: str) -> tuple[int, dict]:
    """Do what a line of curl says."""
    _curl, url, *options = shlex.split(curl)
    pairs = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ", 1) for name, value in pairs if name == "-H")
    (body,) = (value for name, value in pairs if name == "-d")
    return fetch(urllib.request.Request(url, body.encode(), headers))


def fetch(request: urllib.request.Request) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_printed_lines_work_and_interrupt_stops_it(served):
    process, printed = served
    (created, connection), (refused, report) = map(answer_to, curl_lines(printed))
    assert (created, connection["integration"], connection["status"]) == (201, "openai", "active")
    assert refused == 400
    assert report["detail"]["errors"] == [
        "Field 'Subdomain' must be a valid subdomain",
        "Field 'Email' must be a valid email address",
        "Field 'API token' is required",
    ]
    static = told(printed)["Web"] + "static/admin/css/base.css"
    with urllib.request.urlopen(static, timeout=30) as answer:
        assert answer.headers["Content-Type"].startswith("text/css")
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "", "")


def test_server_leaves_no_socket_in_the_home_folder(first_run, served):
    process, printed = served
    assert fetch(urllib.request.Request(told(printed)["Web"] + "healthz"))[0] == 200
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)
    assert not (first_run[0].folder / ".gunicorn").exists()


def test_demo_without_django_says_what_to_do(tmp_path):
    installation = Installation(tmp_path)
    run = subprocess.run(
        [*installation.without_packages(), "demo"],
        env=installation.environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert re.fullmatch(r"mielto: Django is not installed for this Python\. .*\n", run.stderr)
    assert list(tmp_path.iterdir()) == []
