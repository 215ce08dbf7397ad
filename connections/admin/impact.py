"""The editor of integrations, told of those who are connected: the catalogue knows nothing of them.

Its pages are the catalogue's own; here they learn what a definition would break.
"""

from django.contrib import admin

from connections.models import Connection
from connections.services.impact import Impact, impact_of
from integrations.admin import AuthMethodAdmin, IntegrationAdmin
from integrations.models import AuthMethod, Integration
from integrations.specs import IntegrationDefinition


class KnowingConnections:
    def impact(self, after: IntegrationDefinition, before: IntegrationDefinition) -> Impact:
        return impact_of(after, before)

    def uses(self, row: Integration) -> int:
        return Connection.objects.filter(integration=row).count()


class ConnectedIntegrationAdmin(KnowingConnections, IntegrationAdmin):
    pass


class ConnectedMethodAdmin(KnowingConnections, AuthMethodAdmin):
    pass


admin.site.unregister([Integration, AuthMethod])
admin.site.register(Integration, ConnectedIntegrationAdmin)
admin.site.register(AuthMethod, ConnectedMethodAdmin)
