"""What asks the service of a connection: reading its values, testing it, trying before storing."""

from typing import ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from connections.api.base import found_or_404
from connections.api.connections import ConnectionView
from connections.api.oauth import not_refreshed
from connections.api.payloads import moment
from connections.api.queries import DryRunQuery, NoQuery, read_query
from connections.api.renderer import Answer
from connections.models import Connection
from connections.models.api_keys import Permission
from connections.serializers import DryRunSerializer
from connections.services.connections import reveal_credentials
from connections.services.dry_run import report
from connections.services.refresh import RefreshFailed, fresh_credential
from connections.services.retests import run_live_test
from connections.services.verification import Verifier
from integrations.requirements import StrictSerializer


class ConnectionCredentials(ConnectionView):
    """The values; a token that is about to end is refreshed first."""

    permissions: ClassVar = {"GET": Permission.REVEAL}

    def get(self, request: Request, connection_id: str) -> Answer:
        read_query(request, NoQuery)
        row = self.refreshed(self.find(connection_id))
        values = reveal_credentials(actor=self.actor, connection=row)
        method = self.catalogue.by_pk(row.integration_id).method_by_pk(row.auth_method_id)
        return Answer(
            {
                "id": row.public_id,
                "auth_method_id": method.id,
                "status": row.status,
                "expires_at": moment(row.expires_at),
                **values,
            }
        )

    def refreshed(self, row: Connection) -> Connection:
        """The connection as it is after a refresh that was due; as it was where there is none.

        A service that cannot be asked is no reason to keep back what still works.
        """
        if row.credential is None:
            return row
        try:
            credential = fresh_credential(row, actor=self.actor)
            if credential is row.credential:
                return row
        except RefreshFailed as error:
            if error.is_temporary and row.credential.is_over(timezone.now()):
                raise not_refreshed(error) from None
        return self.find(row.public_id)


class ConnectionTest(ConnectionView):
    """The stored values against the rules of today, and at the service."""

    permissions: ClassVar = {"POST": Permission.WRITE}
    takes_empty_body = True

    def post(self, request: Request, connection_id: str) -> Answer:
        read_query(request, NoQuery)
        StrictSerializer(data=request.data).is_valid(raise_exception=True)
        row = self.find(connection_id)
        tested = run_live_test(actor=self.actor, connection=row)
        return Answer(report(tested.problems, tested.verdict))


class ConnectionDryRun(ConnectionView):
    permissions: ClassVar = {"POST": Permission.READ}

    def post(self, request: Request) -> Answer:
        query = read_query(request, DryRunQuery)
        slug = query["integration_id"]
        integration = self.catalogue.get(slug, self.actor.workspace.id)
        integration = found_or_404(integration, _("Integration not found"))
        method = integration.method(query.get("auth_method_id"))
        method = found_or_404(method, _("Auth method not found"))
        verifier = Verifier(self.actor.workspace, "auto" if query["live"] else "never")
        context = {
            "actor": self.actor,
            "integration": integration,
            "method": method,
            "verifier": verifier,
        }
        serializer = DryRunSerializer(data=request.data, context=context)
        serializer.is_valid()
        return Answer(report(serializer.problems, serializer.verdict))
