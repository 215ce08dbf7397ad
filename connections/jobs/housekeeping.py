"""What is over and nobody asks for any more: authorizations, answers, deleted secrets, results."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from connections.models import (
    ConnectSession,
    DeletedConnection,
    IdempotencyRecord,
    OAuthFlow,
    SecretRequest,
)
from connections.services.idempotency import KEPT_FOR

AT_ONCE = 1000
# Until then those who made them may ask what became of them.
LINKS_KEPT_FOR = timedelta(days=7)
RESULTS_KEPT_FOR = timedelta(days=7)
# No task takes so long: whoever began it is gone.
LONGEST_TASK = timedelta(minutes=15)

OLD: tuple[Callable[[datetime], QuerySet[Any]], ...] = (
    lambda now: DeletedConnection.objects.over(now),
    lambda now: OAuthFlow.objects.filter(expires_at__lt=now - timedelta(days=1)),
    lambda now: SecretRequest.objects.filter(expires_at__lt=now - LINKS_KEPT_FOR),
    lambda now: ConnectSession.objects.filter(expires_at__lt=now - LINKS_KEPT_FOR),
    lambda now: IdempotencyRecord.objects.filter(created_at__lt=now - KEPT_FOR),
    lambda now: DBTaskResult.objects.finished().filter(finished_at__lt=now - RESULTS_KEPT_FOR),
)


def tidy_up() -> int:
    """Delete a batch of each kind and let lost tasks be taken again; how many rows went."""
    now = timezone.now()
    lost = DBTaskResult.objects.running().filter(started_at__lt=now - LONGEST_TASK)
    lost.update(status=TaskResultStatus.READY, started_at=None)
    return sum(_delete_some(old(now)) for old in OLD)


def _delete_some(rows: QuerySet[Any]) -> int:
    """A batch, so that no statement runs for long."""
    ids = list(rows.order_by().values_list("pk", flat=True)[:AT_ONCE])
    return rows.model._default_manager.filter(pk__in=ids).delete()[0] if ids else 0
