"""The runner itself, and what the suite stands on: the right database, no network."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from argparse import Namespace
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction

from tests import databases
from tests.databases import postgres

ROOT = Path(__file__).resolve().parent.parent
URL = os.environ["DATABASE_URL"]
on_own_postgres = pytest.mark.skipif(postgres.FOLDER_PREFIX not in URL, reason="another database")
on_sqlite = pytest.mark.skipif(not URL.startswith("sqlite"), reason="another database")
on_postgres = pytest.mark.skipif(URL.startswith("sqlite"), reason="another database")


# Which runs there are


@pytest.mark.parametrize(
    ("environ", "options", "expected"),
    [
        pytest.param({}, {}, True, id="plain"),
        pytest.param({"DATABASE_URL": ""}, {}, True, id="empty-url"),
        pytest.param({"DATABASE_URL": "sqlite:///x"}, {}, False, id="database-given"),
        pytest.param({"PYTEST_XDIST_WORKER": "gw0"}, {}, False, id="xdist-worker"),
        pytest.param({}, {"help": True}, False, id="help"),
        pytest.param({}, {"version": 2}, False, id="version"),
        pytest.param({}, {"collectonly": True}, False, id="collect-only"),
        pytest.param({}, {"collectonly": False, "version": 0}, True, id="options-not-used"),
    ],
)
def test_suite_runs_twice_unless_told_where_or_nothing_to_run(environ, options, expected):
    assert databases.runs_twice(environ, Namespace(**options)) is expected


@contextmanager
def a_database(url: str) -> Iterator[str]:
    yield url


@pytest.mark.parametrize(
    ("answers", "stop_at_failure", "expected"),
    [
        pytest.param([0, 0], False, {"A": 0, "B": 0}, id="both-pass"),
        pytest.param([1, 0], False, {"A": 1, "B": 0}, id="second-runs-after-failure"),
        pytest.param([1, 0], True, {"A": 1}, id="stops-at-failure"),
        pytest.param([2, 0], False, {"A": 2}, id="stops-when-interrupted"),
    ],
)
def test_runs_go_on_to_the_second_database(answers, stop_at_failure, expected):
    both = {name: lambda url=name: a_database(url.lower()) for name in "AB"}
    answer = dict(zip([("A", "a", 0), ("B", "b", 1)], answers, strict=True))
    codes = databases.run_on_each(
        both, lambda *asked: answer[asked], stop_at_failure=stop_at_failure
    )
    assert codes == expected


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (1, 1), (5, 5), (-9, 137), (-11, 139)])
def test_killed_run_is_a_failure(code, expected):
    assert databases.shell_exit_code(code) == expected


def test_child_gets_the_same_arguments_and_a_cache_of_its_own():
    args = ("-k", "keys", Path("tests"))
    start = [sys.executable, "-m", "pytest", "-o", "cache_dir=.pytest_cache/sqlite"]
    alone = databases.child_command("SQLite", args, can_share=False)
    assert alone == [*start, "-k", "keys", "tests"]
    shared = databases.child_command("SQLite", args, can_share=True)
    assert shared == [*start, "-n", "logical", "--dist", "loadfile", "-k", "keys", "tests"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres:///mielto?host=/tmp/x&user=postgres", "PostgreSQL (/tmp/x)"),
        ("postgresql://me:hidden@db.local:5432/mielto", "PostgreSQL (db.local)"),
        ("sqlite:////tmp/a%20b/mielto.sqlite3", "SQLite (/tmp/a b/mielto.sqlite3)"),
        ("sqlite:///:memory:", "SQLite (:memory:)"),
    ],
)
def test_database_is_described_without_its_password(url, expected):
    assert databases.describe(url) == expected


def test_environment_gets_what_is_missing_and_keeps_what_is_there():
    environ = {"SECRET_KEY": "chosen"}
    databases.set_test_environment(environ)
    version, key = environ.pop("MIELTO_KEYRING").split(":")
    assert (version, len(b64decode(key))) == ("v1", 32)
    assert environ == {
        "MIELTO_MODE": "test",
        "MIELTO_ENV_FILE": "/dev/null",
        "SECRET_KEY": "chosen",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "PUBLIC_URL": "http://testserver",
        "LIVE_TESTS": "false",
    }


def test_secret_key_is_new_each_time():
    environs = [{}, {}]
    for environ in environs:
        databases.set_test_environment(environ)
    assert [len(environ["SECRET_KEY"]) for environ in environs] == [64, 64]
    assert environs[0]["SECRET_KEY"] != environs[1]["SECRET_KEY"]


# A whole run, of two tests and without Django

SUITE = """
import os
from pathlib import Path

import pytest

def test_once():
    with Path("once").open("a") as ran:
        ran.write(".")

@pytest.mark.django_db
def test_vendor():
    assert os.environ["DATABASE_URL"].partition(":")[0] in os.environ["PASSES_ON"]
"""


def plugin_environ(**more: str) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    del environ["DATABASE_URL"]
    return environ | {"PYTHONPATH": str(ROOT), **more}


@pytest.mark.parametrize(
    ("passes_on", "arguments", "code", "runs"),
    [
        pytest.param("postgres", [], 1, ["PostgreSQL", "SQLite"], id="sqlite-fails"),
        pytest.param("sqlite", [], 1, ["PostgreSQL", "SQLite"], id="postgresql-fails"),
        pytest.param("postgres sqlite", ["-n2"], 0, ["PostgreSQL", "SQLite"], id="xdist-passes"),
        pytest.param("sqlite", ["-x"], 2, ["PostgreSQL"], id="stops-at-first"),
        pytest.param("", ["-k", "once"], 0, ["PostgreSQL", "SQLite"], id="asks-for-no-database"),
        pytest.param("", ["--collect-only"], 0, [], id="collect-only"),
    ],
)
def test_whole_run_returns_the_worse_result(tmp_path, passes_on, arguments, code, runs):
    (tmp_path / "pytest.ini").touch()
    (tmp_path / "test_vendor.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-p", "tests.databases", "-p", "xdist"]
    answer = subprocess.run(
        [*command, *arguments],
        cwd=tmp_path,
        env=plugin_environ(PASSES_ON=passes_on, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"),
        capture_output=True,
        text=True,
        check=False,
    )
    headers = [line for line in answer.stdout.splitlines() if "= tests on " in line]
    assert [line.split()[3] for line in headers] == runs, answer.stdout + answer.stderr
    assert answer.returncode == code
    once = tmp_path / "once"
    assert (once.read_text() if once.exists() else "") == "." * bool(runs)


# Finding and running a server


def install(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "initdb").touch()
    (folder / "postgres").write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
    (folder / "postgres").chmod(0o755)
    return folder


def test_command_on_path_comes_first_then_the_newest_version(tmp_path):
    newer, older = install(tmp_path / "10/bin", "10.1"), install(tmp_path / "9/bin", "9.6")
    elsewhere = install(tmp_path / "elsewhere", "17.2")
    (tmp_path / "path").mkdir()
    (tmp_path / "path/postgres").symlink_to(elsewhere / "postgres")
    find = postgres.installed_folders
    assert find("", path="", debian_folder=tmp_path) == [newer, older]
    assert find("", path=str(tmp_path / "path"), debian_folder=tmp_path)[0] == elsewhere
    assert find("pip", path=str(tmp_path / "path"), debian_folder=tmp_path) == []
    assert find("/opt/pg", path="", debian_folder=tmp_path) == [Path("/opt/pg")]


@pytest.mark.parametrize(("version", "expected"), [("17.2", 17), ("18beta1", 18), ("", 0)])
def test_version_of_a_server_is_read(tmp_path, version, expected):
    assert postgres.server_version(install(tmp_path / "bin", version), account={}) == expected


def test_server_that_cannot_run_has_no_version(tmp_path):
    (install(tmp_path / "bin", "17.2") / "postgres").chmod(0o644)
    assert postgres.server_version(tmp_path / "bin", account={}) == 0
    assert postgres.server_version(tmp_path / "nothing", account={}) == 0


def test_too_old_a_server_is_refused_in_words(tmp_path):
    folder = install(tmp_path / "bin", "13.9")
    with pytest.raises(pytest.UsageError, match="No PostgreSQL 14 or newer"):
        postgres.find_binaries(str(folder), {}, tmp_path)


def test_package_is_found_without_being_imported():
    binaries = postgres.binaries_of(postgres.package_folder())
    assert (binaries / "initdb").is_file()
    assert postgres.PACKAGE not in sys.modules


def test_settings_of_another_server_are_dropped():
    assert postgres.without_libpq_settings({"PGPORT": "1", "PATH": "/bin"}) == {"PATH": "/bin"}


HOLD_A_SERVER = """
import signal
from tests.databases.postgres import own_postgres
# A shell without job control has whatever runs in the background ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
with own_postgres() as url:
    print(url, flush=True)
    signal.pause()
"""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL], ids=lambda end: end.name)
@pytest.mark.parametrize("choice", ["", "pip"], ids=["found", "pip"])
def test_server_goes_with_the_run_however_it_ends(choice, end):
    environ = plugin_environ(MIELTO_TEST_POSTGRES=choice)
    command = [sys.executable, "-c", HOLD_A_SERVER]
    run = subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with run:
        folder = Path(run.stdout.readline().partition("host=")[2].partition("&")[0])
        server = int((folder / "data/postmaster.pid").read_text().splitlines()[0])
        assert is_running(server)
        run.send_signal(end)
    assert wait_for(lambda: not folder.exists() and not is_running(server))


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


# The present run


def test_connected_database_is_the_one_of_the_environment():
    assert connection.vendor == ("sqlite" if URL.startswith("sqlite") else "postgresql")


@on_own_postgres
@pytest.mark.django_db
def test_server_listens_on_its_socket_only():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inet_server_addr(), current_setting('listen_addresses'),"
            " current_setting('unix_socket_directories')"
        )
        assert cursor.fetchone() == (None, "", connection.get_connection_params()["host"])


@on_sqlite
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pragma", "expected"), [("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 20_000)]
)
def test_sqlite_is_durable_and_patient(pragma, expected):
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma}")
        assert cursor.fetchone() == (expected,)


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_sqlite_transaction_takes_the_write_lock_when_it_begins():
    another = sqlite3.connect(connection.settings_dict["NAME"], timeout=0)
    is_refused = pytest.raises(sqlite3.OperationalError, match="locked")
    with closing(another), transaction.atomic(), is_refused:
        another.execute("BEGIN IMMEDIATE")


# No network


@pytest.mark.parametrize(
    ("family", "kind", "act"),
    [
        pytest.param("AF_INET", "SOCK_STREAM", lambda s: s.connect(("192.0.2.1", 443)), id="tcp"),
        pytest.param(
            "AF_INET", "SOCK_STREAM", lambda s: s.connect_ex(("192.0.2.1", 443)), id="connect-ex"
        ),
        pytest.param("AF_INET6", "SOCK_STREAM", lambda s: s.connect(("2001:db8::1", 443)), id="v6"),
        pytest.param("AF_INET", "SOCK_STREAM", lambda s: s.connect(("0.0.0.0", 80)), id="any"),
        pytest.param(
            "AF_INET", "SOCK_DGRAM", lambda s: s.sendto(b"x", ("192.0.2.1", 53)), id="udp"
        ),
        pytest.param(
            "AF_INET", "SOCK_DGRAM", lambda s: s.sendmsg([b"x"], [], 0, ("192.0.2.1", 53)), id="msg"
        ),
        pytest.param(
            "AF_INET", "SOCK_STREAM", lambda s: s.connect(("example.com", 443)), id="name"
        ),
        pytest.param(
            "AF_INET", "SOCK_DGRAM", lambda s: s.sendto(b"x", ("example.com", 53)), id="udp-name"
        ),
    ],
)
def test_socket_to_another_machine_is_refused(family, kind, act):
    with (
        socket.socket(getattr(socket, family), getattr(socket, kind)) as sender,
        pytest.raises(RuntimeError, match="may not leave this machine"),
    ):
        act(sender)


@pytest.mark.parametrize(
    "look_up",
    [
        lambda: socket.getaddrinfo("example.com", 443),
        lambda: socket.getaddrinfo(b"example.com", 443),
        lambda: socket.gethostbyname("example.com"),
        lambda: socket.create_connection(("example.com", 443)),
    ],
    ids=["getaddrinfo", "bytes", "gethostbyname", "create-connection"],
)
def test_name_of_another_machine_is_not_looked_up(look_up):
    with pytest.raises(RuntimeError, match="may not leave this machine"):
        look_up()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_open(host):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((host, port), timeout=5) as sender:
            assert sender.getpeername() == ("127.0.0.1", port)


def test_unix_sockets_are_open(tmp_path):
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as sender:
        server.bind(path)
        server.listen()
        sender.connect(path)
        assert sender.getpeername() == path
