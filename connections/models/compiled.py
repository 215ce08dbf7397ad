"""Statements of the hot path, compiled once per process.

The ORM spends several times longer on building the SQL of a look-up than the database on running
it. Here a queryset is compiled once; afterwards only its parameters change. The rows come back as
model instances, converted by the same converters that the ORM uses.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.db import connections, models, router, transaction


class _Compiled(NamedTuple):
    sql: str
    params: tuple[Any, ...]
    # Positions in `params` and which argument goes there.
    slots: tuple[tuple[int, int], ...]
    converters: tuple[tuple[int, list[Any], Any], ...]


class CompiledLookup:
    """`build(*arguments)` is compiled with the `samples`; `first()` runs it with others.

    `parts` are `(model, prefix)`: the row is cut into one instance of each, in that order, then the
    annotations. Samples must be distinctive: they are found again in the statement's parameters.
    """

    def __init__(
        self,
        build: Callable[..., models.QuerySet[Any]],
        *,
        samples: Sequence[tuple["models.Field[Any, Any]", Any]],
        parts: Sequence[tuple[type[models.Model], str]],
        annotations: Sequence[str] = (),
    ) -> None:
        self.build, self.samples, self.parts = build, samples, parts
        self.annotations = annotations
        self._compiled: dict[str, _Compiled] = {}

    def first(self, *arguments: Any) -> tuple[Any, ...] | None:
        """One instance for each part (None where an outer join found nothing), then annotations."""
        return next(iter(self.all(*arguments)), None)

    def all(self, *arguments: Any) -> list[tuple[Any, ...]]:
        """What `first` returns, of every row."""
        using = router.db_for_read(self.parts[0][0])
        database = connections[using]
        compiled = self._compiled.get(database.vendor) or self._compile(using)
        params = list(compiled.params)
        for position, index in compiled.slots:
            field = self.samples[index][0]
            params[position] = field.get_db_prep_value(arguments[index], database)
        with database.cursor() as cursor:
            cursor.execute(compiled.sql, params)
            rows = cursor.fetchall()
        return [self._instances(list(row), compiled, using) for row in rows]

    def _compile(self, using: str) -> _Compiled:
        database = connections[using]
        columns = [
            f"{prefix}{field.attname}"
            for model, prefix in self.parts
            for field in model._meta.concrete_fields
        ]
        rows = self.build(*(sample for _field, sample in self.samples))
        query = rows.values_list(*columns, *self.annotations).query
        compiler = query.get_compiler(using)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select])
        compiled = _Compiled(
            sql,
            tuple(params),
            tuple(self._slots(params, database)),
            tuple((index, found, column) for index, (found, column) in converters.items()),
        )
        self._compiled[database.vendor] = compiled
        return compiled

    def _slots(self, params: Sequence[Any], database: Any) -> list[tuple[int, int]]:
        prepared = [field.get_db_prep_value(sample, database) for field, sample in self.samples]
        return [
            (position, prepared.index(value))
            for position, value in enumerate(params)
            if value in prepared
        ]

    def _instances(self, row: list[Any], compiled: _Compiled, using: str) -> tuple[Any, ...]:
        database = connections[using]
        for index, found, column in compiled.converters:
            for convert in found:
                row[index] = convert(row[index], column, database)
        made: list[Any] = []
        start = 0
        for model, _prefix in self.parts:
            names = _attnames(model)
            values = row[start : start + len(names)]
            start += len(names)
            is_there = values[names.index("id")] is not None
            made.append(model.from_db(using, names, values) if is_there else None)
        return (*made, *row[start:])


_NAMES: dict[type[models.Model], list[str]] = {}


def _attnames(model: type[models.Model]) -> list[str]:
    if model not in _NAMES:
        _NAMES[model] = [field.attname for field in model._meta.concrete_fields]
    return _NAMES[model]


# Writing: all rows of a creation or of a change, in one statement where the database can.


def insert_together(*rows: models.Model) -> None:
    """Insert new rows, all or none; earlier rows may be referred to by later ones.

    PostgreSQL takes them as one statement, which is a transaction of its own.
    """
    write_together(inserted=rows)


def write_together(
    *,
    updated: Sequence[tuple[models.Model, tuple[str, ...]]] = (),
    inserted: Sequence[models.Model] = (),
) -> None:
    """Write columns of rows that are there, by their primary keys, and insert new rows.

    Each row is written once: PostgreSQL takes it all as one statement.
    """
    database = connections[router.db_for_write(type((inserted or [updated[0][0]])[0]))]
    statements = [_update(row, names, database) for row, names in updated]
    statements += [(_insert_sql(type(row), database), _values(row, database)) for row in inserted]
    execute = _execute_as_one if database.vendor == "postgresql" else _execute_each
    execute(statements, database)
    for row in inserted:
        row._state.adding, row._state.db = False, database.alias


_Statement = tuple[str, list[Any]]


def _execute_each(statements: Sequence[_Statement], database: Any) -> None:
    with transaction.atomic(using=database.alias), database.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)


def _execute_as_one(statements: Sequence[_Statement], database: Any) -> None:
    *parts, last = [sql for sql, _params in statements]
    head = ", ".join(f"part{index} AS ({one})" for index, one in enumerate(parts))
    params = [value for _sql, values in statements for value in values]
    with database.cursor() as cursor:
        cursor.execute(f"WITH {head} {last}" if head else last, params)


def _update(row: models.Model, names: tuple[str, ...], database: Any) -> _Statement:
    model, quote = type(row), database.ops.quote_name
    known = {field.name: field for field in model._meta.concrete_fields}
    fields = [known[name] for name in names]
    changes = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    pk = model._meta.pk
    # Names of our own models; values travel as parameters.
    sql = f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE {quote(pk.column)} = %s"  # noqa: S608
    values = [field.get_db_prep_save(getattr(row, field.attname), database) for field in fields]
    return sql, [*values, pk.get_db_prep_save(row.pk, database)]


_INSERTS: dict[tuple[str, type[models.Model]], str] = {}


def _insert_sql(model: type[models.Model], database: Any) -> str:
    sql = _INSERTS.get((database.vendor, model))
    if sql is None:
        quote = database.ops.quote_name
        columns = [quote(field.column) for field in _written(model)]
        marks = ", ".join(["%s"] * len(columns))
        names = ", ".join(columns)
        # Names of our own models; values travel as parameters.
        sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608
        _INSERTS[(database.vendor, model)] = sql
    return sql


def _written(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    return [field for field in model._meta.concrete_fields if not field.has_db_default()]


# Their values go to a driver as they are; the others are adapted, each by its field.
_TAKEN_AS_THEY_ARE = {"CharField", "PositiveIntegerField", "BigAutoField", "AutoField"}


@cache
def _preparations(model: type[models.Model]) -> list[tuple[str, Callable[..., Any] | None]]:
    """The attribute of each written column, and what adapts its value where that is needed."""
    found: list[tuple[str, Callable[..., Any] | None]] = []
    for field in _written(model):
        kind = (field.target_field if field.is_relation else field).get_internal_type()
        adapt = None if kind in _TAKEN_AS_THEY_ARE else field.get_db_prep_save
        found.append((field.attname, adapt))
    return found


def _values(row: models.Model, database: Any) -> list[Any]:
    return [
        getattr(row, name) if adapt is None else adapt(getattr(row, name), database)
        for name, adapt in _preparations(type(row))
    ]
