"""Credentials kept for themselves, to be used by several connections."""

from typing import Any, ClassVar

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.request import Request

from connections.api.base import create_once, created, found_or_404
from connections.api.connections import ConnectionView, check
from connections.api.errors import Conflict
from connections.api.payloads import credential_payload
from connections.api.queries import CredentialQuery, NoQuery, read_query
from connections.api.renderer import Answer
from connections.credential_serializers import CredentialChangeSerializer, CredentialSerializer
from connections.models import Credential
from connections.models.api_keys import Permission
from connections.services.credentials import CredentialInUse, delete_credential


class CredentialView(ConnectionView):
    def find_credential(self, credential_id: str) -> Credential:
        rows = Credential.objects.annotate(users=Count("connections"))
        row: Credential = found_or_404(
            rows.named(self.actor.workspace.id, credential_id), _("Credential not found")
        )
        row.workspace = self.actor.workspace
        return row


def describe(row: Any) -> dict[str, Any]:
    return credential_payload(row, connections=getattr(row, "users", 0))


class CredentialList(CredentialView):
    permissions: ClassVar = {"GET": Permission.READ, "POST": Permission.WRITE}

    def get(self, request: Request) -> Answer:
        query = read_query(request, CredentialQuery)
        rows = self._filtered(query)
        skip, limit = query["skip"], query["limit"]
        page = rows.annotate(users=Count("connections")).order_by("-id")[skip : skip + limit]
        return Answer(
            {
                "credentials": [describe(row) for row in page],
                "total": rows.count(),
                "page": skip // limit + 1,
                "size": limit,
            }
        )

    def _filtered(self, query: dict[str, Any]) -> Any:
        rows = Credential.objects.within(self.actor.workspace.id)
        for name in ("credential_type", "auth_type", "status"):
            rows = rows.filter(**{name: query[name]}) if name in query else rows
        if "search" in query:
            words = query["search"]
            rows = rows.filter(
                Q(label__icontains=words)
                | Q(description__icontains=words)
                | Q(provider__icontains=words)
            )
        return rows

    def post(self, request: Request) -> Answer:
        read_query(request, NoQuery)
        serializer = CredentialSerializer(data=request.data, context={"actor": self.actor})

        def create(keep: Any) -> Credential:
            check(serializer)
            return serializer.save(before_commit=keep)

        answer, _row, is_replay = create_once(self, request, create, describe)
        return created(answer, f"/api/v1/credentials/{answer['id']}", is_replay=is_replay)


class CredentialDetail(CredentialView):
    permissions: ClassVar = {
        "GET": Permission.READ,
        "PUT": Permission.WRITE,
        "DELETE": Permission.WRITE,
    }

    def get(self, request: Request, credential_id: str) -> Answer:
        read_query(request, NoQuery)
        return Answer(describe(self.find_credential(credential_id)))

    def put(self, request: Request, credential_id: str) -> Answer:
        read_query(request, NoQuery)
        row = self.find_credential(credential_id)
        context = {"actor": self.actor}
        serializer = CredentialChangeSerializer(row, data=request.data, context=context)
        check(serializer)
        serializer.save()
        return Answer(describe(row))

    def delete(self, request: Request, credential_id: str) -> Answer:
        read_query(request, NoQuery)
        row = self.find_credential(credential_id)
        try:
            delete_credential(actor=self.actor, credential=row)
        except CredentialInUse as error:
            sentence = ngettext(
                "%(count)d connection uses this credential: delete it first.",
                "%(count)d connections use this credential: delete them first.",
                error.count,
            )
            raise Conflict(sentence % {"count": error.count}, "in_use") from None
        return Answer(status=204)
