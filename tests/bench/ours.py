"""Mielto Connections as the harness sees it: set up by its commands, used by its HTTP contract."""

import tempfile
from typing import Any
from urllib.parse import quote

from tests.bench.five_fields import CONFIG, CREDENTIALS, DEFINITION, METHOD, SLUG, TYPE
from tests.bench.stacks import PAGE, Stack, random_key

LIST = "/api/v1/connections"

# A UUIDv7 of the moment `age` ago: 48 bits of milliseconds, the version, the variant and what looks
# like random bits. Written twice in one statement it is the same twice.
UUID7 = """(
    lpad(to_hex((extract(epoch FROM now() - age) * 1000)::bigint), 12, '0')
    || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15)
)::uuid"""


class Mielto(Stack):
    name = "mielto"
    wsgi = "mielto.wsgi"
    settings = "mielto.settings"
    table = "connections_connection"
    companion = ("connections_credential", "credential_id")
    members = "connections"
    rules_module = "tests.bench.rules"

    def own_environ(self) -> dict[str, str]:
        return {
            "MIELTO_MODE": "test",
            "MIELTO_KEYRING": f"v1:{random_key()}",
            "MIELTO_ENV_FILE": "/dev/null",  # a developer's own settings do not take part
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
        }

    def prepare(self) -> None:
        self.manage("migrate", "--verbosity=0")
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as definition:
            definition.write(DEFINITION)
            definition.flush()
            self.manage("load_catalog", definition.name)
        self.manage("create_workspace", "bench", "--name=Bench")
        key = self.manage(
            "create_api_key", "--workspace=bench", "--label=bench", "--permissions=write,reveal"
        )
        self.authorization = f"Bearer {key.strip()}"

    def body(self) -> dict[str, Any]:
        return {
            "integration": SLUG,
            "integration_type": TYPE,
            "auth_method_id": METHOD,
            "label": "Benchmark",
            "config": CONFIG,
            "credentials": CREDENTIALS,
            "user_id": "user-1",
        }

    def path(self, measure: str, connection_id: str = "") -> str:
        if measure == "create":
            return LIST
        ending = {"read": "", "reveal": "/credentials", "decrypt": "/credentials"}
        return f"{LIST}/{connection_id}{ending[measure]}"

    def offset_path(self, offset: int) -> str:
        return f"{LIST}?limit={PAGE}&skip={offset}"

    def walk_path(self, cursor: str | None, limit: int = PAGE) -> str:
        return f"{LIST}?limit={limit}" + (f"&cursor={quote(cursor)}" if cursor else "")

    def next_cursor(self, page: dict[str, Any]) -> str | None:
        return page.get("next_cursor")

    def replacements(self) -> dict[str, str]:
        moment = {"created_at": "now() - age", "updated_at": "now() - age"}
        return {"id": UUID7, "credential_id": UUID7, **moment}
