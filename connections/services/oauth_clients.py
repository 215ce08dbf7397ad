"""The verbs on OAuth clients that staff set up."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from connections.access.actors import Actor
from connections.models import OAuthClient
from connections.services.audit import record
from connections.services.clients import wake_waiting

SECRETS = ("client_secret", "private_key", "key_id")


@transaction.atomic
def save_oauth_client(
    *,
    actor: Actor,
    row: OAuthClient,
    columns: dict[str, Any],
    secrets: dict[str, str | None],
) -> OAuthClient:
    """Write checked values: of `secrets` an absent one keeps, None clears, a value replaces."""
    is_new = row._state.adding
    # A secret is for the server that it was entered for.
    is_moved = columns.get("issuer", row.issuer) != row.issuer
    kept = {} if is_new or is_moved else row.get_secrets()
    for name, value in columns.items():
        setattr(row, name, value)
    row.set_secrets({name: one for name, one in {**kept, **secrets}.items() if one})
    row.updated_at = timezone.now()
    if is_new:
        row.workspace, row.created_by = actor.workspace, actor.name
    row.save(force_insert=is_new)
    wake_waiting(row)
    action = "oauth_client.created" if is_new else "oauth_client.changed"
    record(actor, action, row.public_id, [*columns, *secrets])
    return row


@transaction.atomic
def delete_oauth_client(*, actor: Actor, row: OAuthClient) -> None:
    """Grants that were given to it stay; without it nothing refreshes them."""
    OAuthClient.objects.within(row.workspace_id).filter(pk=row.pk).delete()
    record(actor, "oauth_client.deleted", row.public_id)
