"""Answering a repeated creation with what was answered the first time.

The record is written before the work and finished in the work's own transaction, so that a record
without an answer means that nothing was created.
"""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from connections.access.actors import Actor
from connections.models import IdempotencyRecord

KEPT_FOR = timedelta(hours=24)
LEASE = timedelta(seconds=60)


class StillRunning(Exception):
    """The same request is being carried out right now."""


class OtherBody(Exception):
    """The key was used with another body."""


def begin(actor: Actor, route: str, key: str, body: dict[str, Any]) -> IdempotencyRecord:
    """The record to finish, or a finished one to answer with. Raises StillRunning, OtherBody."""
    fingerprint = _fingerprint(body)
    now = timezone.now()
    _forget_old(actor, route, key, now)
    record = IdempotencyRecord(
        workspace=actor.workspace, route=route, key=key, fingerprint=fingerprint
    )
    record.lease_until = now + LEASE
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError:
        return _take_over(actor, route, key, fingerprint, now)
    return record


def _forget_old(actor: Actor, route: str, key: str, now: Any) -> None:
    rows = IdempotencyRecord.objects.filter(workspace=actor.workspace, route=route, key=key)
    rows.filter(created_at__lt=now - KEPT_FOR).delete()


def _take_over(actor: Actor, route: str, key: str, fingerprint: str, now: Any) -> IdempotencyRecord:
    rows = IdempotencyRecord.objects.filter(workspace=actor.workspace, route=route, key=key)
    record = rows.first()
    if record is None:
        # It was refused meanwhile, and its key is free again.
        raise StillRunning
    if not hmac.compare_digest(record.fingerprint, fingerprint):
        raise OtherBody
    if record.status_code is None:
        # Whoever ran it is gone once its lease is over: take it, unless another was quicker.
        lease = now + LEASE
        if not rows.filter(lease_until__lte=now, status_code=None).update(lease_until=lease):
            raise StillRunning
        record.lease_until = lease
    return record


def finish(record: IdempotencyRecord, status_code: int, answer: Any) -> None:
    """Keep the answer, in the transaction of the work. Raises StillRunning if taken over."""
    mine = Q(pk=record.pk, lease_until=record.lease_until, status_code=None)
    rows = IdempotencyRecord.objects.filter(mine)
    if not rows.update(status_code=status_code, answer=answer, lease_until=None):
        raise StillRunning


def abandon(record: IdempotencyRecord) -> None:
    """Free the key: nothing was created."""
    IdempotencyRecord.objects.filter(pk=record.pk, status_code=None).delete()


def _fingerprint(body: dict[str, Any]) -> str:
    """Equal for bodies that say the same, in whatever order."""
    said = json.dumps(body, sort_keys=True).encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()
