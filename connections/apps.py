from importlib import import_module

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "connections"
    verbose_name = "Connections"

    def ready(self) -> None:
        # Its checks register themselves; they need models, which exist only now.
        import_module("connections.system_checks")
