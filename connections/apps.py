from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConnectionsConfig(AppConfig):
    name = "connections"
    verbose_name = _("Connections")

    def ready(self) -> None:
        # Its checks register themselves; they need models, which exist only now.
        import_module("connections.system_checks")
