"""What a definition would do to what is stored: which connections its rules would refuse.

Stored values are decrypted in this process, judged and dropped. What comes out are counts, codes,
names of fields and names of connections; nothing is stored or changed.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from connections.models import Connection
from connections.stored_values import stored_values
from connections.vault import VaultError
from integrations.problems import Problems
from integrations.requirements import requirements_for
from integrations.specs import IntegrationDefinition, MethodDefinition

# Somebody waits for the answer: some seconds of work.
MOST_EXAMINED = 10_000
BATCH = 500
# As many are named; all are counted.
MOST_NAMED = 100

Row = tuple[str, str]  # (code, field)
GONE: Row = ("method_gone", "")
UNREADABLE: Row = ("unreadable", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A connection that the rules refuse; `reasons` are `(code, field)`, never a value."""

    pk: UUID
    public_id: str
    label: str
    workspace: str
    reasons: tuple[Row, ...]
    is_new: bool


@dataclass(slots=True, kw_only=True)
class Impact:
    """`newly`: refused by these rules and not by those of today. `named` are the first of all."""

    total: int = 0
    examined: int = 0
    newly: int = 0
    already: int = 0
    named: list[Refused] = field(default_factory=list)
    _counts: Counter[tuple[str, str, bool]] = field(default_factory=Counter)

    @property
    def is_partial(self) -> bool:
        return self.examined < self.total

    @property
    def counts(self) -> list[dict[str, Any]]:
        """`{code, field, count, is_new}`: what breaks newly first, then the most frequent."""
        rows = sorted(self._counts.items(), key=lambda one: (not one[0][2], -one[1], one[0]))
        return [
            {"code": code, "field": field, "is_new": is_new, "count": count}
            for (code, field, is_new), count in rows
        ]

    def add(self, connection: Connection, reasons: tuple[Row, ...], *, is_new: bool) -> None:
        self.newly += is_new
        self.already += not is_new
        self._counts.update((code, where, is_new) for code, where in set(reasons))
        if len(self.named) < MOST_NAMED:
            self.named.append(
                Refused(
                    pk=connection.pk,
                    public_id=connection.public_id,
                    label=connection.label,
                    workspace=connection.workspace.name,
                    reasons=reasons,
                    is_new=is_new,
                )
            )


def impact_of(
    definition: IntegrationDefinition,
    stored: IntegrationDefinition,
    *,
    limit: int = MOST_EXAMINED,
) -> Impact:
    """What `definition` would refuse of the connections of `stored`, whose row has a pk."""
    rows = Connection.objects.filter(integration_id=stored.pk)
    impact = Impact(total=rows.count())
    methods = {method.pk: method for method in stored.methods}
    for connection in _in_batches(rows, limit):
        impact.examined += 1
        before = methods.get(connection.auth_method_id)
        after = None if before is None else definition.method(before.id)
        declared = {spec.path for one in (before, after) if one for spec in one.specs}
        reasons = _reasons(connection, definition, after, declared)
        if reasons:
            is_refused = before is None or bool(_reasons(connection, stored, before, declared))
            impact.add(connection, reasons, is_new=not is_refused)
    return impact


def _in_batches(rows: Any, limit: int) -> Iterator[Connection]:
    """The oldest first, a bounded number of them in memory at a time."""
    last, left = None, limit
    rows = rows.select_related("workspace", "credential").order_by("id")
    while left > 0:
        batch = list((rows if last is None else rows.filter(id__gt=last))[: min(BATCH, left)])
        yield from batch
        if len(batch) < BATCH:
            return
        last, left = batch[-1].id, left - len(batch)


def _reasons(
    connection: Connection,
    definition: IntegrationDefinition,
    method: MethodDefinition | None,
    declared: set[str],
) -> tuple[Row, ...]:
    if method is None:
        return (GONE,)
    if connection.credential is not None:
        connection.credential.workspace = connection.workspace
    try:
        values = stored_values(connection)
    except VaultError:
        return (UNREADABLE,)
    found: Problems = {}
    requirements_for(definition, method)().checked(values, found)
    return tuple(
        (problem.code, _named(path, declared))
        for path, problems in found.items()
        for problem in problems
    )


def _named(path: str, declared: set[str]) -> str:
    """A name that a definition declares; any other is a part of what is stored."""
    return path if path in declared else path.partition(".")[0]
