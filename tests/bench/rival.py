"""The ordinary stack as the harness sees it; the application itself is in `ordinary/`."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from tests.bench.five_fields import CONFIG, CREDENTIALS, SLUG
from tests.bench.stacks import PAGE, Stack, random_key


class Ordinary(Stack):
    name = "ordinary"
    wsgi = "tests.bench.ordinary.wsgi"
    settings = "tests.bench.ordinary.settings"
    table = "ordinary_connection"
    members = "results"

    def own_environ(self) -> dict[str, str]:
        return {"ORDINARY_KEY": random_key(), "DJANGO_SUPERUSER_PASSWORD": random_key()}

    def prepare(self) -> None:
        self.manage("migrate", "--verbosity=0")
        self.manage("createsuperuser", "--noinput", "--username=bench", "--email=bench@example.com")
        # "Generated token <token> for user bench"
        self.authorization = f"Token {self.manage('drf_create_token', 'bench').split()[2]}"

    def body(self) -> dict[str, Any]:
        return {
            "integration": SLUG,
            "label": "Benchmark",
            "config": CONFIG,
            "secret": CREDENTIALS,
            "user_id": "user-1",
        }

    def path(self, measure: str, connection_id: str = "") -> str:
        ending = {"create": "", "read": "/", "reveal": "/revealed/", "decrypt": "/decrypted/"}
        return f"/api/connections/{connection_id}{ending[measure]}"

    def offset_path(self, offset: int) -> str:
        return f"/api/connections/?limit={PAGE}&offset={offset}"

    def walk_path(self, cursor: str | None, limit: int = PAGE) -> str:
        return f"/api/walk?limit={limit}" + (f"&cursor={quote(cursor)}" if cursor else "")

    def next_cursor(self, page: dict[str, Any]) -> str | None:
        return parse_qs(urlsplit(page["next"]).query)["cursor"][0] if page["next"] else None

    def replacements(self) -> dict[str, str]:
        return {
            "id": f"nextval(pg_get_serial_sequence('{self.table}', 'id'))",
            "created_at": "now() - age",
        }
