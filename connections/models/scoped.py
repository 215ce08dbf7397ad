"""The way to a tenant's rows: through its workspace, never past it."""

from typing import Any, Self
from uuid import UUID

from django.db import models

from connections.ids import parse_id


class WorkspaceQuerySet(models.QuerySet[Any]):
    prefix = ""

    def within(self, workspace_id: UUID) -> Self:
        return self.filter(workspace_id=workspace_id)

    def named(self, workspace_id: UUID, public: str) -> Any:
        """The row of that public id in that workspace, or None: a stranger's does not exist."""
        row_id = parse_id(self.prefix, public)
        return None if row_id is None else self.within(workspace_id).filter(id=row_id).first()
