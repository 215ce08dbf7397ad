"""Who is connected, with which secrets. Every row carries its workspace."""

from connections.models.api_keys import ApiKey
from connections.models.connections import Connection, Credential
from connections.models.events import AuditEvent, IdempotencyRecord
from connections.models.setups import MethodSetup
from connections.models.workspaces import (
    Membership,
    ProviderKey,
    Workspace,
    WorkspaceKey,
    make_workspace,
)

__all__ = [
    "ApiKey",
    "AuditEvent",
    "Connection",
    "Credential",
    "IdempotencyRecord",
    "Membership",
    "MethodSetup",
    "ProviderKey",
    "Workspace",
    "WorkspaceKey",
    "make_workspace",
]
