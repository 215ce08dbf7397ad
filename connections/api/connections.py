"""Connections: list, create, read, change, delete, reveal, re-check, dry run."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.request import Request

from connections.api.base import ApiView, create_once, created, found_or_404
from connections.api.errors import BadRequestError, NotFound, Unavailable
from connections.api.listing import filtered, page_by_cursor, page_by_number
from connections.api.payloads import connection_payload, credential_payload, moment, shown
from connections.api.queries import (
    DeleteQuery,
    DescribeQuery,
    DryRunQuery,
    ListQuery,
    NoQuery,
    OwnerListQuery,
    VerifyQuery,
    read_query,
)
from connections.api.renderer import Answer
from connections.models import Connection
from connections.models.api_keys import Permission
from connections.serializers import (
    USER_ID,
    ConnectionChangeSerializer,
    ConnectionSerializer,
    DryRunSerializer,
    UnknownCredential,
)
from connections.services.connections import delete_connection, reveal_credentials
from connections.services.dry_run import report
from connections.services.locks import Overtaken
from connections.stored_values import stored_values
from integrations.catalogue import Catalogue, catalogue_at
from integrations.requirements import StrictSerializer, requirements_for


class ConnectionView(ApiView):
    """What the routes of connections share."""

    @property
    def catalogue(self) -> Catalogue:
        return catalogue_at(self.actor.catalogue_version)

    def payload(self, row: Connection) -> dict[str, Any]:
        return connection_payload(shown(row), self.catalogue.by_pk(row.integration_id))

    def find(self, connection_id: str) -> Connection:
        row = Connection.objects.find(self.actor.workspace, connection_id)
        return found_or_404(row, _("Connection not found"))  # type: ignore[no-any-return]


def check(serializer: Any) -> None:
    """Raise the refusal of a serializer, or 404 for a credential that the workspace has not."""
    try:
        serializer.is_valid(raise_exception=True)
    except UnknownCredential:
        raise NotFound(_("Credential not found")) from None


class ConnectionPages(ConnectionView):
    def answer_list(self, request: Request, query: dict[str, Any]) -> Answer:
        workspace_id = self.actor.workspace.id
        rows = filtered(workspace_id, query)
        if "cursor" in request.query_params:
            if "skip" in request.query_params:
                raise BadRequestError(_("Send either 'skip' or 'cursor', not both."), "exclusive")
            cursor, limit = query.get("cursor", ""), query["limit"]
            found, numbers = page_by_cursor(rows, workspace_id, cursor, limit)
        else:
            found, numbers = page_by_number(rows, query)
        by_pk = self.catalogue.by_pk
        page = [connection_payload(row, by_pk(row.integration_id)) for row in found]
        return Answer({"connections": page, **numbers})


class ConnectionList(ConnectionPages):
    permissions: ClassVar = {"GET": Permission.READ, "POST": Permission.WRITE}

    def get(self, request: Request) -> Answer:
        return self.answer_list(request, read_query(request, ListQuery))

    def post(self, request: Request) -> Answer:
        query = read_query(request, VerifyQuery)
        serializer = ConnectionSerializer(data=request.data, context={"actor": self.actor})

        def create(keep: Any) -> Connection:
            check(serializer)
            if query["verify"] == "required":
                raise cannot_verify()
            return serializer.save(before_commit=keep)

        answer, _row, is_replay = create_once(self, request, create, self.payload)
        location = f"/api/v1/connections/{answer['id']}"
        return created(answer, location, is_replay=is_replay)


def cannot_verify() -> Unavailable:
    """Whoever insists on a live test gets a no, not a connection that nobody tested."""
    sentence = _("This service cannot be tried live yet: nothing was stored. Use verify=auto.")
    return Unavailable(sentence, "unverifiable")


class UserConnectionList(ConnectionPages):
    permissions: ClassVar = {"GET": Permission.READ}

    def get(self, request: Request, user_id: str) -> Answer:
        query = read_query(request, OwnerListQuery)
        if len(user_id) > (USER_ID.max_length or 0):
            raise NotFound
        return self.answer_list(request, {**query, "user_id": user_id})


class ConnectionDetail(ConnectionView):
    permissions: ClassVar = {
        "GET": Permission.READ,
        "PUT": Permission.WRITE,
        "PATCH": Permission.WRITE,
        "DELETE": Permission.WRITE,
    }

    def get(self, request: Request, connection_id: str) -> Answer:
        query = read_query(request, DescribeQuery)
        row = self.find(connection_id)
        answer = self.payload(row)
        if query["include_credential"]:
            answer["credential"] = None
            if row.credential is not None:
                count = row.credential.connections.count()
                answer["credential"] = credential_payload(row.credential, connections=count)
        return Answer(answer)

    def patch(self, request: Request, connection_id: str) -> Answer:
        query = read_query(request, VerifyQuery)
        row = self.find(connection_id)
        context = {"actor": self.actor}
        serializer = ConnectionChangeSerializer(row, data=request.data, context=context)
        check(serializer)
        if query["verify"] == "required":
            raise cannot_verify()
        return Answer(self.payload(serializer.save()))

    def put(self, request: Request, connection_id: str) -> Answer:
        return self.patch(request, connection_id)

    def delete(self, request: Request, connection_id: str) -> Answer:
        query = read_query(request, DeleteQuery)
        row = self.find(connection_id)
        if query["revoke"]:
            sentence = _("Revoking at the service is not possible yet: nothing was deleted.")
            raise Unavailable(sentence, "cannot_revoke")
        try:
            delete_connection(actor=self.actor, connection=row)
        except Overtaken:
            # Somebody else was quicker.
            raise NotFound(_("Connection not found")) from None
        return Answer(status=204)


class ConnectionCredentials(ConnectionView):
    permissions: ClassVar = {"GET": Permission.REVEAL}

    def get(self, request: Request, connection_id: str) -> Answer:
        read_query(request, NoQuery)
        row = self.find(connection_id)
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


class ConnectionTest(ConnectionView):
    """The stored values against the rules of today; the live stages are skipped."""

    permissions: ClassVar = {"POST": Permission.WRITE}
    takes_empty_body = True

    def post(self, request: Request, connection_id: str) -> Answer:
        read_query(request, NoQuery)
        StrictSerializer(data=request.data).is_valid(raise_exception=True)
        row = self.find(connection_id)
        integration = self.catalogue.by_pk(row.integration_id)
        method = integration.method_by_pk(row.auth_method_id)
        found: dict[str, Any] = {}
        requirements_for(integration, method)().checked(stored_values(row), found)
        return Answer(report(found))


class ConnectionDryRun(ConnectionView):
    permissions: ClassVar = {"POST": Permission.READ}

    def post(self, request: Request) -> Answer:
        query = read_query(request, DryRunQuery)
        slug = query["integration_id"]
        integration = self.catalogue.get(slug, self.actor.workspace.id)
        integration = found_or_404(integration, _("Integration not found"))
        method = integration.method(query.get("auth_method_id"))
        method = found_or_404(method, _("Auth method not found"))
        context = {"integration": integration, "method": method}
        serializer = DryRunSerializer(data=request.data, context=context)
        serializer.is_valid()
        return Answer(report(serializer.problems))
