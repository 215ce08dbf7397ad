"""What a definition was, change by change. All of it is kept: a catalogue is small, and definitions
hold no secrets.
"""

import json
import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CatalogueVersion(models.Model):
    """One row whose stamp every edit of the catalogue replaces, so that other processes notice."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    stamp = models.UUIDField(default=uuid.uuid4)

    class Meta:
        verbose_name = _("version of the catalogue")
        verbose_name_plural = _("versions of the catalogue")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_catalogue_version")]

    def __str__(self) -> str:
        return str(self.stamp)

    @classmethod
    def advance(cls) -> None:
        cls.objects.update_or_create(id=1, defaults={"stamp": uuid.uuid4()})


class IntegrationRevision(models.Model):
    """The whole definition as a change left it, in the shape of a catalogue file."""

    class Action(models.TextChoices):
        EDITED = "edited", _("Edited")
        LOADED = "loaded", _("Loaded from a file")
        IMPORTED = "imported", _("Imported")
        DUPLICATED = "duplicated", _("Duplicated")
        PUBLISHED = "published", _("Published")
        DEPRECATED = "deprecated", _("Deprecated")
        WITHDRAWN = "withdrawn", _("Made a draft again")
        RESTORED = "restored", _("Restored")

    integration = models.ForeignKey(
        "integrations.Integration", on_delete=models.CASCADE, related_name="revisions"
    )
    number = models.PositiveIntegerField(_("revision"))
    made_at = models.DateTimeField(_("when"), default=timezone.now)
    # A user's name, or what did it: `load_catalog`.
    made_by = models.CharField(_("by"), max_length=150, blank=True)
    action = models.CharField(_("what"), max_length=12, choices=Action, default=Action.EDITED)
    # JSON as text: a JSON column of PostgreSQL forgets the order that files are written in.
    document = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["integration", "number"], name="revision_number_once")
        ]

    def __str__(self) -> str:
        return str(self.number)

    def get_document(self) -> dict[str, Any]:
        return json.loads(self.document)  # type: ignore[no-any-return]
