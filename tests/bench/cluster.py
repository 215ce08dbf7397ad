"""A PostgreSQL of the benchmark's own, as durable as one in production, gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg import sql

from tests.databases import postgres

# The tests' server may forget; a commit that is not on the disk would flatter every create.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class Cluster:
    def __init__(self, url: str) -> None:
        self.folder = Path(parse_qs(urlsplit(url).query)["host"][0])

    @property
    def pid(self) -> int:
        """Of the process that all other processes of the server descend from."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def url(self, database: str) -> str:
        return f"postgres:///{database}?host={self.folder}&user=postgres"

    def version(self) -> str:
        with psycopg.connect(self.url("postgres")) as connection:
            return connection.execute("SHOW server_version").fetchone()[0]

    def create(self, database: str) -> str:
        """Create the database and return its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        return self.url(database)


@contextmanager
def temporary_cluster() -> Iterator[Cluster]:
    with patch.dict(postgres.SERVER_SETTINGS, DURABLE), postgres.own_postgres() as url:
        yield Cluster(url)
