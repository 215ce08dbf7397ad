"""What a connection points at belongs together: held by the database itself.

Its credential lies in its workspace and its method is one of its integration's. PostgreSQL has
composite foreign keys for it; SQLite cannot add one to a table that exists, so triggers hold the
same.
"""

from django.db import migrations

# (name, table that is pointed at, columns there, columns of the connection)
KEYS = (
    (
        "connection_credential_same_workspace",
        "connections_credential",
        ("workspace_id", "id"),
        ("workspace_id", "credential_id"),
    ),
    (
        "connection_method_of_integration",
        "integrations_authmethod",
        ("id", "integration_id"),
        ("auth_method_id", "integration_id"),
    ),
)
TABLE = "connections_connection"


def hold(apps, schema_editor):
    statements = {"postgresql": _foreign_key, "sqlite": _triggers}[schema_editor.connection.vendor]
    for key in KEYS:
        for statement in statements(*key):
            schema_editor.execute(statement)


def release(apps, schema_editor):
    for name, *_rest in KEYS:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT {name}")
            continue
        for event in ("insert", "update", "delete", "move"):
            schema_editor.execute(f"DROP TRIGGER {name}_{event}")


def _foreign_key(name, target, there, here):
    yield (
        f"ALTER TABLE {TABLE} ADD CONSTRAINT {name} FOREIGN KEY ({', '.join(here)})"
        f" REFERENCES {target} ({', '.join(there)})"
    )


def _triggers(name, target, there, here):
    refuse = "BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END"
    is_full = " AND ".join(f"NEW.{column} IS NOT NULL" for column in here)
    fits = " AND ".join(f"t.{a} = NEW.{b}" for a, b in zip(there, here))
    points = " AND ".join(f"c.{b} = OLD.{a}" for a, b in zip(there, here))
    missing = f"WHEN {is_full} AND NOT EXISTS (SELECT 1 FROM {target} t WHERE {fits}) {refuse}"
    in_use = f"EXISTS (SELECT 1 FROM {TABLE} c WHERE {points})"
    moved = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in there)
    yield f"CREATE TRIGGER {name}_insert BEFORE INSERT ON {TABLE} {missing}"
    yield f"CREATE TRIGGER {name}_update BEFORE UPDATE OF {', '.join(here)} ON {TABLE} {missing}"
    yield f"CREATE TRIGGER {name}_delete BEFORE DELETE ON {target} WHEN {in_use} {refuse}"
    yield (
        f"CREATE TRIGGER {name}_move BEFORE UPDATE OF {', '.join(there)} ON {target}"
        f" WHEN ({moved}) AND {in_use} {refuse}"
    )


class Migration(migrations.Migration):
    dependencies = [("connections", "0001_initial"), ("integrations", "0001_initial")]
    operations = [migrations.RunPython(hold, release)]
