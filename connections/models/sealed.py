"""Objects of values that a row of a workspace holds encrypted, each bound to its row and column."""

import json
from typing import Any, Protocol
from uuid import UUID

from connections.models.workspaces import Workspace, open_value


class Row(Protocol):
    """Of a workspace. Its id must be final before anything is sealed for it."""

    id: UUID
    workspace: Workspace
    workspace_id: UUID


def seal_object(row: Row, field: str, values: dict[str, Any]) -> bytes:
    packed = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    return row.workspace.seal(packed, row_id=row.id, field=field)


def open_object(row: Row, field: str, sealed: bytes | memoryview | None) -> dict[str, Any]:
    """What was sealed, empty where nothing was; raises VaultError where it does not open."""
    if sealed is None:
        return {}
    opened = open_value(sealed, workspace_id=row.workspace_id, row_id=row.id, field=field)
    return json.loads(opened)  # type: ignore[no-any-return]
