"""What the harness must know of a stack: its settings, its routes, how to fill its table."""

import http.client
import json
import os
import secrets
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

from tests.bench.load import HOST

ROOT = Path(__file__).resolve().parents[2]
CONN_MAX_AGE = "600"
PAGE = 100
LONG_PAGE = 1000  # for walking far into the table before the measure begins
COMMAND_SECONDS = 300


def random_key() -> str:
    return b64encode(secrets.token_bytes(32)).decode()


class Stack:
    """One application on its own database, served by the same gunicorn as the other one."""

    name: str
    wsgi: str
    settings: str
    table: str  # the one that is filled
    companion: tuple[str, str] | None = None  # a table with a row for each, and what points at it
    members: str  # name of the rows in a page
    rules_module = ""  # what times the rules alone, where there are any

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        self.port = 0
        self.authorization = ""
        self.samples: list[str] = []  # ids that are read
        self.environ = self.base_environ() | self.own_environ()

    def base_environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": self.settings,
            "DATABASE_URL": self.database_url,
            "DATABASE_CONN_MAX_AGE": CONN_MAX_AGE,
            "SECRET_KEY": secrets.token_urlsafe(60),
        }

    def own_environ(self) -> dict[str, str]:
        raise NotImplementedError

    def prepare(self) -> None:
        """Migrate and make the key that the callers present; sets `self.authorization`."""
        raise NotImplementedError

    def body(self) -> dict[str, Any]:
        """A valid body for a create."""
        raise NotImplementedError

    def path(self, measure: str, connection_id: str = "") -> str:
        raise NotImplementedError

    def offset_path(self, offset: int) -> str:
        raise NotImplementedError

    def walk_path(self, cursor: str | None, limit: int = PAGE) -> str:
        raise NotImplementedError

    def next_cursor(self, page: dict[str, Any]) -> str | None:
        raise NotImplementedError

    def replacements(self) -> dict[str, str]:
        """Column to SQL: what differs between the row that is copied and its copies.

        `n` is the number of the copy and `age` its age as an interval.
        """
        raise NotImplementedError

    def ids(self, page: dict[str, Any]) -> list[str]:
        return [str(row["id"]) for row in page[self.members]]

    def manage(self, *arguments: str) -> str:
        """Run a management command; its stdout."""
        return self.python("django", *arguments)

    def python(self, module: str, *arguments: str) -> str:
        """Run a module in the stack's environment. A failure shows what it said."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        if done.returncode:
            raise RuntimeError(
                f"{self.name}: {module} {' '.join(arguments)}: {done.stderr[-2000:]}"
            )
        return done.stdout

    def request(self, method: str, path: str, body: dict[str, Any] | None = None) -> str:
        """The bytes of one request, as text, for the callers to send."""
        text = json.dumps(body) if body is not None else ""
        head = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{self.port}"]
        head += [f"Authorization: {self.authorization}", "Accept: application/json"]
        if body is not None:
            head += ["Content-Type: application/json", f"Content-Length: {len(text.encode())}"]
        return "\r\n".join([*head, "", text])

    def requests(self, measure: str, ids: list[str]) -> list[str]:
        if measure == "create":
            return [self.request("POST", self.path("create"), self.body())]
        return [self.request("GET", self.path(measure, one)) for one in ids]

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call outside the measure; anything but success is an error with the answer."""
        link = http.client.HTTPConnection(HOST, self.port, timeout=60)
        headers = {"Authorization": self.authorization, "Content-Type": "application/json"}
        link.request(method, path, body=json.dumps(body) if body else None, headers=headers)
        answer = link.getresponse()
        text = answer.read().decode("utf-8", "replace")
        link.close()
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"{self.name}: {method} {path}: {answer.status} {text[:1000]}")
        return json.loads(text)
