"""The pytest plugin that runs the suite on PostgreSQL and then on SQLite.

`pytest` alone starts a PostgreSQL of its own, runs itself again on it with the same arguments, does
the same on an SQLite file, and returns the worse exit code. Both databases are removed afterwards.
Each run uses every core. Tests that ask for no database run once, on the first: pytest-django keeps
them from any, so the second could only repeat it.
With DATABASE_URL in the environment it runs once, on that database; what runs no test (`--help`,
`--collect-only`) runs once too. MIELTO_TEST_POSTGRES says which server: see `postgres.py`.

pyproject.toml loads this with `-p`, before anything reads the settings. Nothing of Django and
nothing of the project may be imported here.
"""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from argparse import Namespace
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest

from tests.databases.postgres import own_postgres, without_libpq_settings

# Settings need a database to be read at all; a run that starts no test never opens this one.
NEVER_OPENED = "sqlite:///:memory:"
OPTIONS_WITHOUT_TESTS = (
    "help",
    "version",
    "collectonly",
    "showfixtures",
    "show_fixtures_per_test",
    "markers",
    "cacheshow",
    "setupplan",
)
# The whole suite is shared out to as many processes as there are cores, a module to each.
SHARED = ("-n", "logical", "--dist", "loadfile")
RUNS_ALREADY_MADE = "MIELTO_TEST_RUNS_ALREADY_MADE"
FIXTURES_WITH_DATABASE = {"db", "transactional_db", "live_server"}
RUNS_TWICE = pytest.StashKey[bool]()
SECONDS_TO_TIDY_UP = 5

type_of_database = {"postgres": "PostgreSQL", "postgresql": "PostgreSQL", "sqlite": "SQLite"}


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Prepare the environment. A wrapper runs before pytest-django, which reads the settings."""
    set_test_environment(os.environ)
    early_config.stash[RUNS_TWICE] = runs_twice(os.environ, early_config.known_args_namespace)
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = NEVER_OPENED
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if not config.stash[RUNS_TWICE]:
        return None
    try:
        with termination_as_interrupt():
            codes = run_on_each(
                {"PostgreSQL": own_postgres, "SQLite": own_sqlite},
                lambda name, url, made: run_child(name, url, config, made),
                stop_at_failure=bool(config.getoption("maxfail")),
            )
    except KeyboardInterrupt:
        return pytest.ExitCode.INTERRUPTED
    if failed := [name for name, code in codes.items() if code]:
        sys.stderr.write(f"The tests did not pass on {' and '.join(failed)}.\n")
    return max(codes.values())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not int(os.environ.get(RUNS_ALREADY_MADE, "0")):
        return
    repeated = [item for item in items if not asks_for_database(item)]
    items[:] = [item for item in items if asks_for_database(item)]
    config.hook.pytest_deselected(items=repeated)


def asks_for_database(item: pytest.Item) -> bool:
    """Also true of a test with a condition: it may have been left out of the first run."""
    is_marked = any(item.get_closest_marker(name) for name in ("django_db", "skipif"))
    return is_marked or bool(FIXTURES_WITH_DATABASE & set(getattr(item, "fixturenames", ())))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Name the database above the tests; with `-q` pytest prints no header of its own."""
    config = session.config
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter and not config.getoption("collectonly"):
        reporter.write_sep("=", f"tests on {describe(os.environ['DATABASE_URL'])}")


def set_test_environment(environ: MutableMapping[str, str]) -> None:
    """Add what the settings need. Child runs and xdist workers inherit the same keys."""
    for name, value in {
        "MIELTO_MODE": "test",
        "MIELTO_ENV_FILE": os.devnull,
        "MIELTO_KEYRING": f"v1:{b64encode(secrets.token_bytes(32)).decode()}",
        "SECRET_KEY": secrets.token_hex(32),
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "PUBLIC_URL": "http://testserver",
        # A test that tries a credential says so, and brings the service.
        "LIVE_TESTS": "false",
    }.items():
        environ.setdefault(name, value)


def runs_twice(environ: Mapping[str, str], options: Namespace) -> bool:
    if environ.get("DATABASE_URL") or environ.get("PYTEST_XDIST_WORKER"):
        return False
    return not any(getattr(options, name, None) for name in OPTIONS_WITHOUT_TESTS)


def describe(url: str) -> str:
    """Say which database a URL means, without its password."""
    parts = urlsplit(url)
    name = type_of_database.get(parts.scheme, parts.scheme)
    socket_folders = parse_qs(parts.query).get("host")
    place = parts.hostname or (socket_folders[0] if socket_folders else unquote(parts.path[1:]))
    return f"{name} ({place})"


def run_on_each(
    databases: Mapping[str, Callable[[], AbstractContextManager[str]]],
    run: Callable[[str, str, int], int],
    *,
    stop_at_failure: bool,
) -> dict[str, int]:
    """Return the exit code of `run(name, url, runs already made)` on each database reached."""
    codes: dict[str, int] = {}
    for name, database in databases.items():
        with database() as url:
            codes[name] = run(name, url, len(codes))
        is_interrupted = codes[name] == pytest.ExitCode.INTERRUPTED
        if is_interrupted or (codes[name] and stop_at_failure):
            break
    return codes


@contextmanager
def own_sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="mielto-", ignore_cleanup_errors=True) as folder:
        yield f"sqlite:///{quote(folder)}/mielto.sqlite3"


def run_child(name: str, url: str, config: pytest.Config, made: int) -> int:
    started_with = config.invocation_params
    own = {"DATABASE_URL": url, RUNS_ALREADY_MADE: str(made)}
    child = subprocess.Popen(
        child_command(name, started_with.args, can_share=hasattr(config.option, "numprocesses")),
        cwd=started_with.dir,
        env=without_libpq_settings(os.environ) | own,
    )
    try:
        code = shell_exit_code(child.wait())
    except KeyboardInterrupt:
        stop(child)
        raise
    has_nothing_left = made and code == pytest.ExitCode.NO_TESTS_COLLECTED
    return pytest.ExitCode.OK if has_nothing_left else code


def child_command(
    name: str, args: tuple[str | os.PathLike[str], ...], *, can_share: bool
) -> list[str]:
    # A cache for each: what failed on one database must survive the other's success (`--lf`).
    cache = f"cache_dir=.pytest_cache/{name.lower()}"
    # What the caller says of it comes later and wins: `-n 0` runs in one process.
    shared = SHARED if can_share else ()
    return [sys.executable, "-m", "pytest", "-o", cache, *shared, *map(os.fspath, args)]


def shell_exit_code(code: int) -> int:
    """Return what a shell says of a process that a signal ended: a failure, not a negative."""
    return code if code >= 0 else 128 - code


def stop(child: subprocess.Popen[bytes]) -> None:
    """Wait for a run that the terminal interrupted as well; insist if it was not."""
    for insist in (lambda: None, lambda: child.send_signal(signal.SIGINT), child.kill):
        insist()
        try:
            child.wait(timeout=SECONDS_TO_TIDY_UP)
        except subprocess.TimeoutExpired:
            continue
        return


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the run as Ctrl-C does, so that the databases are removed."""
    numbers = [signal.SIGTERM, signal.SIGHUP]
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        if before[number] != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, before[number])
