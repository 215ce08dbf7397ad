"""The OAuth client of a method: the workspace's own before one that is there for everybody."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Case, F, Q, When
from django.utils import timezone

from connections.models import Connection, Credential, MethodSetup, OAuthClient, Workspace
from connections.models.compiled import CompiledLookup
from connections.oauth.clients import Client
from connections.services.refresh_reasons import GONE
from connections.services.setups import setup_specs
from integrations.auth_methods import PLACEHOLDER
from integrations.models import AuthMethod
from integrations.specs import MethodDefinition
from integrations.templates import UnfilledTemplate, Values, fill_url

# No client brings these grants back.
FOR_GOOD = (*GONE, "token_expired")
REFRESHABLE = (
    Credential.AuthType.OAUTH_TOKEN_REFRESH,
    Credential.AuthType.OAUTH_TOKEN_REFRESH_ROTATION,
)


def server_of(method: MethodDefinition, values: Values) -> str:
    """The server that a client has to be made out for, where whoever connects chooses it.

    Blank where the definition itself says where the client's secret goes: its host has a fixed end,
    or is the one that its fields hold by default. Else `https://host`: a client's secret is for one
    server, and not for whichever a member names. Blank as well where the addresses are incomplete.
    """
    template = str(method.oauth.get("token_url") or method.oauth.get("issuer") or "")
    if not is_chosen(template):
        return ""
    chosen = _origin(template, method, values)
    return "" if chosen == _origin(template, method, {}) else chosen


def is_chosen(template: str) -> bool:
    """Whether the values decide the whole host: after the last of them comes no `.name.tld`."""
    host = template.partition("://")[2].partition("/")[0] if "://" in template else template
    if not PLACEHOLDER.search(host):
        return False
    return PLACEHOLDER.split(host)[-1].strip(".").count(".") < 1


def _origin(template: str, method: MethodDefinition, values: Values) -> str:
    try:
        found = urlsplit(fill_url(template, method, values))
    except UnfilledTemplate:
        return ""
    return f"{found.scheme}://{found.netloc}".lower()


def has_client(workspace_id: UUID, method: MethodDefinition) -> bool:
    """Whether people of the workspace have one to connect with, be it for a server of its own."""
    rows = OAuthClient.objects.usable_in(workspace_id).filter(auth_method_id=method.pk)
    chosen = is_chosen(str(method.oauth.get("token_url") or ""))
    return rows.exists() if chosen else rows.filter(issuer="").exists()


def find_client(workspace_id: UUID, method_pk: Any, *, issuer: str = "") -> OAuthClient | None:
    found = _LOOKUP.first(workspace_id, method_pk, issuer)
    if found is None:
        return None
    client, workspace = found
    client.workspace = workspace
    return client  # type: ignore[no-any-return]


_LOOKUP = CompiledLookup(
    lambda workspace_id, method_pk, issuer: (
        OAuthClient.objects.usable_in(workspace_id)
        .filter(auth_method_id=method_pk, issuer=issuer)
        .order_by(Case(When(workspace_id=workspace_id, then=0), default=1), "id")
    ),
    samples=[
        (OAuthClient._meta.pk, UUID(int=1)),
        (AuthMethod._meta.pk, 2_000_000_011),
        (OAuthClient._meta.get_field("issuer"), "https://issuer.invalid/sample"),
    ],
    parts=[(OAuthClient, ""), (Workspace, "workspace__")],
)


def as_client(row: OAuthClient) -> Client:
    """The protocol's client of a stored one. Raises VaultError where its secrets do not open."""
    secrets = row.get_secrets()
    return Client(
        client_id=row.client_id,
        client_auth=row.client_auth,
        client_secret=secrets.get("client_secret", ""),
        private_key=secrets.get("private_key", ""),
        key_id=secrets.get("key_id", ""),
    )


def client_of(credential: Credential, method: MethodDefinition, values: Values) -> Client | None:
    """The client that a grant was given to; for a pasted one the method's. None if there is none.

    Where the authorization server was discovered or chosen, only a client of that very server will
    do: the secret of another one is not for it.
    """
    row = _row_of(credential, method, values)
    return as_client(row) if row is not None else _set_up_client(credential.workspace_id, method)


def _row_of(credential: Credential, method: MethodDefinition, values: Values) -> OAuthClient | None:
    workspace_id = credential.workspace_id
    if credential.oauth_client_id is not None:
        usable = OAuthClient.objects.usable_in(workspace_id)
        found: OAuthClient | None = usable.filter(pk=credential.oauth_client_id).first()
        return found
    issuer = str(credential.endpoints.get("issuer", ""))
    found = find_client(workspace_id, method.pk, issuer=issuer) if issuer else None
    if found is None and (not issuer or method.oauth.get("issuer")):
        return find_client(workspace_id, method.pk, issuer=server_of(method, values))
    return found


def _set_up_client(workspace_id: UUID, method: MethodDefinition) -> Client | None:
    """A client whose id and secret staff set up as fields of the method itself."""
    if not any(spec.key == "client_id" for spec in setup_specs(method)):
        return None
    rows = MethodSetup.objects.filter(workspace_id=workspace_id, auth_method_id=method.pk)
    setup = rows.first()
    values = setup.get_values().get("credentials", {}) if setup is not None else {}
    if not values.get("client_id"):
        return None
    return Client(client_id=values["client_id"], client_secret=values.get("client_secret", ""))


def wake_waiting(client: OAuthClient) -> int:
    """Have tokens refreshed that nobody could refresh before this client; how many there are.

    They are due at their end, which may be past: then a worker takes them on at once.
    """
    users = Connection.objects.filter(auth_method_id=client.auth_method_id)
    if not client.is_shared:
        users = users.within(client.workspace_id)
    dead = Q(status=Connection.Status.EXPIRED, status_reason__code__in=FOR_GOOD)
    waiting = Credential.objects.filter(
        pk__in=users.exclude(dead).values("credential"),
        auth_type__in=REFRESHABLE,
        expires_at__isnull=False,
    )
    is_put_off = Q(next_refresh_at=None) | Q(next_refresh_at__gt=F("expires_at"))
    return waiting.filter(is_put_off).update(
        next_refresh_at=F("expires_at"), refresh_attempts=0, updated_at=timezone.now()
    )
