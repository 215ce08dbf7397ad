"""The vault is a leaf: it knows the cipher library and the standard library, and no network."""

import ast
import sys
from pathlib import Path

import pytest

import connections.vault

MODULES = sorted(Path(connections.vault.__file__).parent.glob("*.py"))
NETWORK = {"asyncio", "ftplib", "http", "smtplib", "socket", "socketserver", "ssl", "urllib"}
ALLOWED = (sys.stdlib_module_names - NETWORK) | {"cryptography"}


def foreign_imports(source):
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = ["." * node.level + (node.module or "")]
        yield from (name for name in names if not is_allowed(name))


def is_allowed(name):
    return name.split(".")[0] in ALLOWED or f"{name}.".startswith("connections.vault.")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_vault_imports_nothing_foreign(path):
    assert list(foreign_imports(path.read_text())) == []


@pytest.mark.parametrize(
    "line",
    [
        "import django",
        "import socket",
        "from connections.models import Workspace",
        "from connections import services",
        "from ..models import Workspace",
        "def late():\n    from django.conf import settings",
    ],
)
def test_foreign_import_is_found(line):
    assert len(list(foreign_imports(line))) == 1
