"""Who acts: the key of a program, or a signed-in person. Audit rows name it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from connections.models import ApiKey, Workspace


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` is `key_…` or `user_…`; `permissions` are its own and those that they bring."""

    name: str
    workspace: Workspace
    permissions: frozenset[str] = frozenset()
    user: Any = None
    catalogue_version: UUID | None = None

    @property
    def is_authenticated(self) -> bool:
        # DRF asks this of whatever stands for the user.
        return True


def person(user: Any, workspace: Workspace) -> Actor:
    return Actor(name=f"user_{user.pk}", workspace=workspace, user=user)


def program(key: ApiKey, permissions: set[str], catalogue_version: UUID | None) -> Actor:
    return Actor(
        name=key.public_id,
        workspace=key.workspace,
        permissions=frozenset(permissions),
        catalogue_version=catalogue_version,
    )
