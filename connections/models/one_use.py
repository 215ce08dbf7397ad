"""What links to one use share: a token that is stored as a digest, an end, a count of tries."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F
from django.utils import timezone

from connections.ids import new_id, public_id
from connections.models.scoped import WorkspaceQuerySet
from connections.models.workspaces import Workspace
from connections.tokens import digest_of


class OneUseQuerySet(WorkspaceQuerySet):
    def usable(self, now: datetime) -> Self:
        return self.filter(status=self.model.USABLE, expires_at__gt=now)

    def of_token(self, token: str) -> Self:
        """The row of that link, whatever became of it."""
        return self.filter(token_digest=digest_of(token), workspace__is_active=True)


class OneUse(models.Model):
    """A row whose link somebody may use once, until it expires."""

    # The status of a row that may still be used, and how often somebody may try to use it.
    USABLE: ClassVar[str]
    MOST_TRIES: ClassVar[int]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    token_digest = models.CharField(max_length=64, unique=True)
    # The public id of the connection that came of it, which outlives the row.
    connected = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_by = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.public_id

    @classmethod
    def _rows(cls) -> OneUseQuerySet:
        return cls._default_manager.all()  # type: ignore[return-value]

    @property
    def public_id(self) -> str:
        return public_id(self._rows().prefix, self.id)

    def status_at(self, now: datetime) -> str:
        is_late = self.status == self.USABLE and self.expires_at <= now
        return self.Status.EXPIRED if is_late else self.status

    def end(self, status: str, now: datetime, **columns: Any) -> bool:
        """Take its one use; False if it is used or over. One statement: of many, one succeeds."""
        rows = self._rows().within(self.workspace_id).filter(pk=self.pk).usable(now)
        return bool(rows.update(status=status, ended_at=now, **columns))

    def count_attempt(self) -> bool:
        """Whether there may be another try; one statement, so that many at once count as many."""
        rows = self._rows().within(self.workspace_id).filter(pk=self.pk)
        left = rows.filter(attempts__lt=self.MOST_TRIES)
        return bool(left.update(attempts=F("attempts") + 1))
