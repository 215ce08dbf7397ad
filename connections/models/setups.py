"""What staff set up once per workspace for a method, before anybody connects with it."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.ids import new_id
from connections.models.sealed import open_object, seal_object
from connections.models.workspaces import Workspace
from integrations.models import AuthMethod


class MethodSetup(models.Model):
    """Values of a method's fields of the stage `setup`, encrypted as one object."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(
        Workspace, verbose_name=_("workspace"), on_delete=models.CASCADE, related_name="setups"
    )
    auth_method = models.ForeignKey(
        AuthMethod, verbose_name=_("auth method"), on_delete=models.CASCADE, related_name="+"
    )
    sealed_values = models.BinaryField()
    # Paths that hold a value: whether a field is set up takes no decryption.
    field_names = models.JSONField(_("fields"), default=list)
    updated_by = models.CharField(_("last changed by"), max_length=100)
    updated_at = models.DateTimeField(_("last changed"), default=timezone.now)

    class Meta:
        verbose_name = _("method setup")
        verbose_name_plural = _("method setups")
        ordering = ["workspace_id", "auth_method_id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "auth_method"], name="method_set_up_once")
        ]

    def __str__(self) -> str:
        return f"{self.auth_method} in {self.workspace}"

    def set_values(self, values: dict[str, dict[str, Any]]) -> None:
        """Encrypt `{credentials, config}` for this row. Does not save."""
        self.sealed_values = seal_object(self, "setup", values)
        self.field_names = sorted(f"{target}.{key}" for target in values for key in values[target])

    def get_values(self) -> dict[str, dict[str, Any]]:
        """Raises VaultError where the values do not open."""
        return open_object(self, "setup", self.sealed_values)
