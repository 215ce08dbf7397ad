"""The verbs on API keys. A secret is returned once and kept nowhere."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from connections.access.actors import Actor
from connections.models import ApiKey
from connections.models.api_keys import covered
from connections.services.audit import record


class TooManyPermissions(Exception):
    """A key was to get permissions that its maker does not have."""

    def __init__(self, missing: set[str]) -> None:
        super().__init__(missing)
        self.missing = missing


@transaction.atomic
def create_api_key(
    *, actor: Actor, columns: dict[str, Any], before_commit: Any = None
) -> tuple[ApiKey, str]:
    """The key and its secret; TooManyPermissions if it could do more than its maker."""
    _refuse_more_than(actor, columns["permissions"])
    key = ApiKey(workspace=actor.workspace, created_by=actor.name, **columns)
    secret = key.set_secret()
    key.save(force_insert=True)
    record(actor, "api_key.created", key.public_id, columns)
    if before_commit is not None:
        before_commit(key)
    return key, secret


@transaction.atomic
def change_api_key(*, actor: Actor, key: ApiKey, columns: dict[str, Any]) -> ApiKey:
    _refuse_more_than(actor, columns.get("permissions", []))
    for name, value in columns.items():
        setattr(key, name, value)
    # The rest of the row stays out of it: a rotation meanwhile must not be undone.
    key.save(update_fields=[*columns, "updated_at"])
    record(actor, "api_key.changed", key.public_id, columns)
    return key


@transaction.atomic
def rotate_api_key(*, actor: Actor, key: ApiKey, overlap: timedelta) -> str:
    """A new secret; the old one works for `overlap` longer."""
    _refuse_more_than(actor, key.permissions)
    secret = key.set_secret(overlap=overlap)
    key.save(update_fields=["digest", "shown", "old_digest", "old_valid_until", "updated_at"])
    record(actor, "api_key.rotated", key.public_id)
    return secret


@transaction.atomic
def delete_api_key(*, actor: Actor, key: ApiKey) -> None:
    subject = key.public_id
    ApiKey.objects.within(actor.workspace.id).filter(pk=key.pk).delete()
    record(actor, "api_key.deleted", subject)


def _refuse_more_than(actor: Actor, permissions: list[str]) -> None:
    if actor.permissions:
        missing = covered(permissions) - actor.permissions
        if missing:
            raise TooManyPermissions(missing)
