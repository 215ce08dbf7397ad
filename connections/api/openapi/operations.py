"""What an operation is described with. The tables beside this module hold one for each route.

Permissions are not repeated: a view declares them, and the document reads them there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connections.api import queries
from integrations.requirements import StrictSerializer

CONNECTIONS, OAUTH, LINKS, CATALOGUE, CREDENTIALS, API_KEYS = (
    "Connections",
    "OAuth",
    "Connect links",
    "Catalogue",
    "Credentials",
    "API keys",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A request body: a component by this name, made of the serializer's specs."""

    name: str
    serializer: type[StrictSerializer]
    examples: Mapping[str, Any]
    is_change: bool = False
    # Members of a change that cannot be cleared, though nobody has to send them.
    never_blank: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`answer` names a component of the payloads; None is an answer without a body."""

    id: str
    tag: str
    summary: str
    description: str = ""
    query: type[queries.QuerySerializer] = queries.NoQuery
    body: Body | None = None
    status: int = 200
    answer: str | None = None
    answer_examples: Mapping[str, Any] = field(default_factory=dict)
    # Refusals beside those that every operation has; one of the same status stands in for it.
    refusals: tuple[str, ...] = ()

    @property
    def is_creation(self) -> bool:
        return self.status == 201


CREATION = ("BadCreation", "StillRunning", "OtherBody")

Operations = dict[tuple[type, str], Operation]
