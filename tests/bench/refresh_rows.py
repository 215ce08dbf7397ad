"""The rows of the refresh benchmark: made by the application's own verbs, then copied.

python -m tests.bench.refresh_rows make URL COUNT     real grants, none of them due
python -m tests.bench.refresh_rows due COUNT          so many of them are due now
python -m tests.bench.refresh_rows claim              prints what finding and claiming takes
"""

import json
import sys
import time
from datetime import timedelta
from statistics import median

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from connections.jobs.due import claim_refreshes  # noqa: E402
from connections.models import Connection, Credential  # noqa: E402
from connections.models.leases import REFRESH, due_rows  # noqa: E402
from tests.factories import make_workspace  # noqa: E402
from tests.jobs.grants import make_client, make_grant, make_granting  # noqa: E402

WORKSPACES = 20
ROUNDS = 20
BATCH = 16
# Behind every id that was made today: what is oldest is what was not copied.
LATER_ID = "overlay(gen_random_uuid()::text placing 'ffffffff' from 1)::uuid"


def make(url: str, count: str) -> None:
    make_granting(url)
    workspaces = [make_workspace() for _number in range(WORKSPACES)]
    with transaction.atomic():
        for workspace in workspaces:
            make_client(workspace)
        for number in range(int(count)):
            make_grant(workspaces[number % WORKSPACES], family=f"f{number}", ends_in=3600)


def copy_up_to(size: str) -> None:
    """Fill both tables up to `size` by copying one connection; its values open for nobody."""
    missing = int(size) - Connection.objects.count()
    template = Connection.objects.order_by("pk").first()
    assert template is not None
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f"CREATE TEMP TABLE copies AS SELECT {LATER_ID} AS connection, {LATER_ID} AS credential"
            " FROM generate_series(1, %s)",
            [missing],
        )
        later = "now() + interval '1 hour' + random() * interval '30 days'"
        insert_copies(
            cursor,
            Credential,
            template.credential_id,
            {"id": "copies.credential", "next_refresh_at": later},
        )
        insert_copies(
            cursor,
            Connection,
            template.pk,
            {"id": "copies.connection", "credential_id": "copies.credential"},
        )
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def insert_copies(cursor: object, model: type, pk: object, replaced: dict[str, str]) -> None:
    table = model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields]
    values = [replaced.get(name, f"one.{name}") for name in columns]
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"
        f" FROM copies, (SELECT * FROM {table} WHERE id = %s) AS one",
        [pk],
    )


def due(count: str) -> None:
    """The oldest: those that were made and not copied."""
    ids = list(Credential.objects.order_by("pk").values_list("pk", flat=True)[: int(count)])
    past = timezone.now() - timedelta(minutes=1)
    Credential.objects.filter(pk__in=ids).update(
        next_refresh_at=past, refresh_attempts=0, refresh_lease=None, refresh_lease_until=None
    )


def claim() -> None:
    found, claimed = [], []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        rows = list(due_rows(Credential.objects.all(), REFRESH, timezone.now())[:1000])
        found.append(time.perf_counter() - began)
    for _round in range(ROUNDS):
        began = time.perf_counter()
        pieces = claim_refreshes(BATCH)
        claimed.append(time.perf_counter() - began)
    told = {"due": len(rows), "find_ms": 1000 * median(found), "batch": len(pieces)}
    sys.stdout.write(json.dumps({**told, "claim_ms": 1000 * median(claimed)}) + "\n")


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


ACTS = {"make": make, "copy": copy_up_to, "due": due, "claim": claim, "analyze": analyze}

if __name__ == "__main__":
    ACTS[sys.argv[1]](*sys.argv[2:])
