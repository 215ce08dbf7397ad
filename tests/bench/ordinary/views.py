"""A ModelViewSet with an audit row per create, and the list that walks by cursor."""

from django.http import HttpRequest, HttpResponse
from rest_framework import generics, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from tests.bench.ordinary.models import AuditEvent, Connection
from tests.bench.ordinary.serializers import ConnectionSerializer, RevealedSerializer


def healthz(_: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


class ConnectionViewSet(viewsets.ModelViewSet):
    queryset = Connection.objects.all()
    serializer_class = ConnectionSerializer

    def perform_create(self, serializer: ConnectionSerializer) -> None:
        self.record("created", serializer.save())

    @action(detail=True, serializer_class=RevealedSerializer)
    def decrypted(self, request: Request, pk: str) -> Response:
        """The secret, and nothing written about it."""
        return Response(self.get_serializer(self.get_object()).data)

    @action(detail=True, serializer_class=RevealedSerializer)
    def revealed(self, request: Request, pk: str) -> Response:
        """The secret, with the audit row that whoever hands out secrets writes."""
        connection = self.get_object()
        self.record("revealed", connection)
        return Response(self.get_serializer(connection).data)

    def record(self, verb: str, connection: Connection) -> None:
        AuditEvent.objects.create(
            user=self.request.user, action=f"connection.{verb}", connection=connection
        )


class NewestFirst(CursorPagination):
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1000
    ordering = "-created_at"


class ConnectionWalk(generics.ListAPIView):
    queryset = Connection.objects.all()
    serializer_class = ConnectionSerializer
    pagination_class = NewestFirst
