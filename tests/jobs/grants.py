"""Connections whose tokens a local provider refreshes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from connections.models import Connection, OAuthClient, Workspace
from connections.services.checked import Checked, Description
from connections.services.connections import create_connection
from integrations.catalogue import current_catalogue
from integrations.models import AuthMethod
from tests.factories import make_actor, make_integration, make_workspace

GRANTING = """
slug: granting
name: Granting
type: api
auth_methods:
  - id: oauth2
    name: OAuth 2.0
    kind: oauth2
    default: true
    request: {base_url: 'https://api.example.com'}
    oauth:
      authorization_url: URL/authorize
      token_url: URL/token
      revoke_url: URL/revoke
      client_auth: post
  - id: machine
    name: Client credentials
    kind: oauth2_client_credentials
    request:
      base_url: https://api.example.com
      headers: {Authorization: 'Bearer {access_token}'}
    oauth: {token_url: URL/token, client_auth: post}
"""
OPEN_DOOR = {"EGRESS_ALLOW_CIDRS": ["127.0.0.0/8"], "EGRESS_ALLOW_HTTP_HOSTS": ["127.0.0.1"]}


def make_granting(url: str) -> None:
    make_integration(GRANTING.replace("URL", url))


def make_client(workspace: Workspace, method: str = "oauth2") -> OAuthClient:
    row = OAuthClient(
        workspace=workspace,
        auth_method=AuthMethod.objects.get(integration__slug="granting", slug=method),
        client_id="client",
        created_by="test",
    )
    row.set_secrets({"client_secret": "a client's secret"})
    row.save()
    return row


def make_grant(
    workspace: Workspace | None = None,
    *,
    family: str = "family",
    ends_in: float = 10,
    client: bool = True,
    **values: Any,
) -> Connection:
    """A connection whose access token ends in so many seconds; its refresh token is `family.0`."""
    workspace = workspace or make_workspace()
    if client and not OAuthClient.objects.within(workspace.id).exists():
        make_client(workspace)
    end = datetime.now(UTC) + timedelta(seconds=ends_in)
    credentials = {
        "access_token": f"access-{family}",
        "refresh_token": f"{family}.0",
        "expires_at": end.isoformat().replace("+00:00", "Z"),
        **values,
    }
    return _create(workspace, "oauth2", {k: v for k, v in credentials.items() if v is not None})


def make_machine(workspace: Workspace | None = None) -> Connection:
    """A connection that obtains its tokens with a client id and secret of its own."""
    values = {"client_id": "machine", "client_secret": "a machine's secret"}
    return _create(workspace or make_workspace(), "machine", values)


def _create(workspace: Workspace, method: str, values: dict[str, Any]) -> Connection:
    integration = current_catalogue().get("granting", workspace.id)
    assert integration is not None
    checked = Checked(
        integration=integration,
        method=integration.method(method),
        credentials=values,
        config={},
    )
    description = Description(label="Granting")
    row = create_connection(actor=make_actor(workspace), checked=checked, description=description)
    return stored(row)


def stored(row: Connection) -> Connection:
    """The connection as it is stored now, as a request finds it."""
    found = Connection.objects.find(row.workspace, row.public_id)
    assert found is not None
    return found


def age(row: Connection, seconds: float = 3600) -> Connection:
    """As if it had been stored so long ago."""
    row.credential.updated_at -= timedelta(seconds=seconds)
    row.credential.save(update_fields=["updated_at"])
    return stored(row)
