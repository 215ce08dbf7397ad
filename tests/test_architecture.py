"""The rooms and the arrows between them, as the imports say."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("integrations", "connections", "mielto")

# What each room of `connections` may import of `connections`. A room that is not named is an error.
MAY_IMPORT = {
    "vault": set(),
    "egress": set(),
    "oauth": {"egress"},
    "checks": {"egress"},
    "ids": set(),
    "tokens": set(),
    "keys": {"vault"},
    "models": {"ids", "tokens", "keys", "vault"},
    "access": {"models", "ids", "tokens"},
    "services": {
        *("models", "access", "ids", "tokens", "vault", "stored_values"),
        *("egress", "oauth", "checks"),
    },
    "jobs": {"models", "access", "ids", "services"},
    "stored_values": {"models"},
    "destinations": {"models", "stored_values"},
    "branding": {"models"},
    "contract": {"models", "access", "services"},
    "serializers": {"models", "contract", "services", "stored_values", "destinations"},
    "credential_serializers": {"models", "access", "services", "stored_values", "contract"},
    "key_serializers": {"models", "access", "services"},
    "key_forms": {"key_serializers"},
    "forms": {"models", "access", "services", "stored_values", "serializers"},
    "oauth_serializers": {"models", "access", "services", "stored_values", "contract"},
    "oauth_completion": {"models", "access", "services", "serializers"},
    "links": {
        *("models", "access", "services", "contract", "serializers", "stored_values"),
        *("forms", "oauth_forms", "oauth_serializers"),
    },
    "oauth_forms": {"models", "access", "forms", "oauth_serializers"},
    "setup_serializers": {"models", "access", "services", "contract"},
    "setup_forms": {"models", "access", "forms", "setup_serializers"},
    "roles": set(),
    "keyring_check": {"models", "keys", "vault"},
    "system_checks": {"access", "api", "egress", "keys", "keyring_check", "models", "vault"},
    "apps": {"system_checks"},
    "migrations": {"ids"},
}
# The doors: they may use everything below, but not each other.
DOORS = {"api", "web", "admin", "management"}
BELOW_DOORS = set(MAY_IMPORT) - {"apps", "system_checks", "migrations"}

LEAF_LIBRARIES = {"cryptography"}
NETWORK_MODULES = {
    *("socket", "ssl", "http", "urllib", "httpx", "httpx2", "httpcore2", "requests", "urllib3"),
    *("asyncio", "socketserver", "smtplib", "ftplib", "anyio", "truststore"),
}
# Parsing an address is not calling it.
HARMLESS = {"urllib.parse", "http.HTTPStatus"}
# Models can be imported once the applications are set up, which this module does.
BEFORE_SETUP = {"start.py"}


def modules(folder: str) -> Iterator[Path]:
    yield from sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Dotted names that a module imports, wherever the import stands in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are written in full"
            yield node.module or "", node.lineno


def room_of(dotted: str) -> str:
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else ""


def wrong_arrows() -> Iterator[str]:
    for path in modules("connections"):
        here = path.relative_to(ROOT / "connections").parts[0].removesuffix(".py")
        if here == "__init__":
            continue
        allowed = BELOW_DOORS if here in DOORS else MAY_IMPORT[here]
        for name, line in imports(path):
            if name.startswith("connections.") and room_of(name) not in allowed | {here}:
                yield f"{path.relative_to(ROOT)}:{line} imports {name}"


def test_rooms_import_only_what_lies_below_them() -> None:
    assert list(wrong_arrows()) == []


def test_the_catalogue_knows_nothing_of_those_who_connect() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules("integrations")
        for name, line in imports(path)
        if name.split(".")[0] in ("connections", "mielto")
    ]
    assert found == []


def test_the_vault_is_a_leaf() -> None:
    known = set(sys.stdlib_module_names) | LEAF_LIBRARIES
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules("connections/vault")
        for name, line in imports(path)
        if name.split(".")[0] not in known and not name.startswith("connections.vault")
    ]
    assert found == []


def test_egress_is_a_leaf() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules("connections/egress")
        for name, line in imports(path)
        if name.startswith(("connections.", "integrations", "mielto", "django.db"))
        and not name.startswith("connections.egress")
    ]
    assert found == []


def test_nothing_imports_a_network_client() -> None:
    """Whatever leaves goes through `connections.egress`."""
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for app in APPS
        for path in modules(app)
        for name, line in imports(path)
        if name.split(".")[0] in NETWORK_MODULES and name not in HARMLESS
    ]
    # The demo asks whether its port is free; the worker serves connections and opens none.
    serving = ("demo", "mielto/worker.py", "connections/egress/")
    assert [one for one in found if not any(name in one for name in serving)] == []


def test_services_see_no_request_form_or_serializer() -> None:
    forbidden = ("django.http", "django.forms", "rest_framework", "connections.api")
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules("connections/services")
        for name, line in imports(path)
        if name.startswith(forbidden)
    ]
    assert found == []


def test_imports_stand_at_the_top() -> None:
    """An import in a function is how an arrow is hidden."""
    found = []
    for app in APPS:
        for path in modules(app):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for function in ast.walk(tree):
                if isinstance(function, ast.FunctionDef):
                    found += [
                        f"{path.relative_to(ROOT)}:{node.lineno}"
                        for node in ast.walk(function)
                        if isinstance(node, ast.Import | ast.ImportFrom)
                        and path.name not in BEFORE_SETUP
                    ]
    assert found == []


@pytest.mark.parametrize("app", APPS)
def test_modules_stay_small(app: str) -> None:
    """Past 300 lines a module becomes a package."""
    long = {
        str(path.relative_to(ROOT)): count
        for path in modules(app)
        if "migrations" not in path.parts
        and (count := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert long == {}
