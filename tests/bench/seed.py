"""Fills a table up to a size by copying one of its rows inside the database."""

import psycopg
from psycopg import sql

from tests.bench.stacks import Stack

COLUMNS = """
    SELECT column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position
"""
COPY_ROWS = """
    INSERT INTO {table} ({columns})
    SELECT {values}
    FROM (SELECT * FROM {table} ORDER BY created_at LIMIT 1) AS template,
         generate_series({missing}, 1, -1) AS n,
         LATERAL (SELECT n * interval '1 second') AS made (age)
"""
COPY_COMPANIONS = """
    INSERT INTO {table} ({columns})
    SELECT {values}
    FROM (SELECT * FROM {table} ORDER BY created_at LIMIT 1) AS template,
         {owners} AS owner
    WHERE NOT EXISTS (SELECT FROM {table} AS present WHERE present.id = owner.{link})
"""


def fill(stack: Stack, *, size: int) -> None:
    """Leave the stack's table with at least `size` rows, analysed and written out.

    The copies are made oldest first, as they would have been in real life. Referential triggers are
    off meanwhile: every copy points where its template points, or at its own companion.
    """
    with psycopg.connect(stack.database_url, autocommit=True) as database:
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(stack.table))
        missing = size - database.execute(count).fetchone()[0]
        if missing > 0:
            database.execute("SET session_replication_role = replica")
            copy(database, COPY_ROWS, stack.table, stack.replacements(), missing=missing)
            if stack.companion:
                copy_companions(database, stack)
        database.execute("VACUUM (ANALYZE)")
        database.execute("CHECKPOINT")


def copy_companions(database: psycopg.Connection, stack: Stack) -> None:
    """Give each copy a row of its own where the application keeps one beside each."""
    table, link = stack.companion
    names = {"owners": sql.Identifier(stack.table), "link": sql.Identifier(link)}
    copy(database, COPY_COMPANIONS, table, {"id": f"owner.{link}"}, **names)


def copy(
    database: psycopg.Connection,
    statement: str,
    table: str,
    replacements: dict[str, str],
    **names: object,
) -> None:
    columns = [row[0] for row in database.execute(COLUMNS, [table])]
    values = [
        sql.SQL(replacements[column])
        if column in replacements
        else sql.Identifier("template", column)
        for column in columns
    ]
    query = sql.SQL(statement).format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        values=sql.SQL(", ").join(values),
        **names,
    )
    database.execute(query)
