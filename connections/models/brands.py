"""The picture of a workspace, apart from its row: every request with a key reads that one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from connections.models.workspaces import Workspace


class WorkspaceLogo(models.Model):
    workspace = models.OneToOneField(
        Workspace, on_delete=models.CASCADE, related_name="logo", primary_key=True
    )
    content = models.BinaryField()
    content_type = models.CharField(max_length=20)

    class Meta:
        verbose_name = _("logo")

    def __str__(self) -> str:
        return str(self.workspace_id)
