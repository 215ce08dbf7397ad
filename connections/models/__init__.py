"""Who is connected, with which secrets. Every row carries its workspace."""

from connections.models.account_keys import AccountKey
from connections.models.api_keys import ApiKey
from connections.models.brands import WorkspaceLogo
from connections.models.cache_entries import CacheEntry
from connections.models.connect_sessions import ConnectSession
from connections.models.connections import Connection
from connections.models.credentials import Credential
from connections.models.deleted import DeletedConnection
from connections.models.events import AuditEvent, IdempotencyRecord
from connections.models.invitations import Invitation
from connections.models.oauth import OAuthClient, OAuthFlow
from connections.models.secret_requests import SecretRequest
from connections.models.setups import MethodSetup
from connections.models.workspaces import (
    Membership,
    ProviderKey,
    Workspace,
    WorkspaceKey,
    make_workspace,
)

__all__ = [
    "AccountKey",
    "ApiKey",
    "AuditEvent",
    "ConnectSession",
    "CacheEntry",
    "Connection",
    "Credential",
    "DeletedConnection",
    "IdempotencyRecord",
    "Invitation",
    "Membership",
    "MethodSetup",
    "OAuthClient",
    "OAuthFlow",
    "ProviderKey",
    "SecretRequest",
    "Workspace",
    "WorkspaceKey",
    "WorkspaceLogo",
    "make_workspace",
]
