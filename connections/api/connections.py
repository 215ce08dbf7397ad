"""Connections: list, create, read, change, delete, reveal, re-check, dry run."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.request import Request

from connections.api.base import ApiView, create_once, created, found_or_404
from connections.api.errors import BadRequestError, NotFound, Unavailable
from connections.api.listing import filtered, page_by_cursor, page_by_number
from connections.api.payloads import connection_payload, credential_payload, shown
from connections.api.queries import (
    DeleteQuery,
    DescribeQuery,
    ListQuery,
    OwnerListQuery,
    VerifyQuery,
    read_query,
)
from connections.api.renderer import Answer
from connections.contract import USER_ID, UnknownCredential
from connections.models import Connection
from connections.models.api_keys import Permission
from connections.serializers import (
    ConnectionChangeSerializer,
    ConnectionSerializer,
)
from connections.services.connections import delete_connection
from connections.services.locks import Overtaken
from connections.services.revocation import CannotRevoke, revoke_grant
from connections.services.verification import Unverifiable, Verifier
from integrations.catalogue import Catalogue, catalogue_at


class ConnectionView(ApiView):
    """What the routes of connections share."""

    @property
    def catalogue(self) -> Catalogue:
        return catalogue_at(self.actor.catalogue_version)

    def payload(self, row: Connection) -> dict[str, Any]:
        return connection_payload(shown(row), self.catalogue.by_pk(row.integration_id))

    def verifier(self, query: dict[str, Any]) -> Verifier:
        return Verifier(self.actor.workspace, query["verify"])

    def find(self, connection_id: str) -> Connection:
        row = Connection.objects.find(self.actor.workspace, connection_id)
        return found_or_404(row, _("Connection not found"))  # type: ignore[no-any-return]


def check(serializer: Any) -> None:
    """Raise the refusal of a serializer, 404 for a credential that the workspace has not, or 503
    where a verdict of the service was required and there is none."""
    try:
        serializer.is_valid(raise_exception=True)
    except UnknownCredential:
        raise NotFound(_("Credential not found")) from None
    except Unverifiable as error:
        raise cannot_verify(error) from None


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
        context = {"actor": self.actor, "verifier": self.verifier(query)}
        serializer = ConnectionSerializer(data=request.data, context=context)

        def create(keep: Any) -> Connection:
            check(serializer)
            return serializer.save(before_commit=keep)

        answer, _row, is_replay = create_once(self, request, create, self.payload)
        location = f"/api/v1/connections/{answer['id']}"
        return created(answer, location, is_replay=is_replay)


def cannot_verify(error: Unverifiable) -> Unavailable:
    """Whoever insists on a live test gets a no, not a connection that nobody tested."""
    if error.outcome is None:
        sentence = _("This cannot be tried at its service: nothing was stored. Use verify=auto.")
    else:
        sentence = f"{error.outcome.message} " + _("Nothing was stored. Try again later.")
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
        context = {"actor": self.actor, "verifier": self.verifier(query)}
        serializer = ConnectionChangeSerializer(row, data=request.data, context=context)
        check(serializer)
        return Answer(self.payload(serializer.save()))

    def put(self, request: Request, connection_id: str) -> Answer:
        return self.patch(request, connection_id)

    def revoke(self, row: Connection) -> None:
        try:
            revoke_grant(row, actor=self.actor)
        except CannotRevoke as error:
            sentence = _("%(reason)s Nothing was deleted.") % {"reason": error.message}
            raise Unavailable(sentence, "cannot_revoke") from None

    def delete(self, request: Request, connection_id: str) -> Answer:
        query = read_query(request, DeleteQuery)
        row = self.find(connection_id)
        if query["revoke"]:
            self.revoke(row)
            row = self.find(connection_id)
        try:
            delete_connection(actor=self.actor, connection=row)
        except Overtaken:
            # Somebody else was quicker.
            raise NotFound(_("Connection not found")) from None
        return Answer(status=204)
