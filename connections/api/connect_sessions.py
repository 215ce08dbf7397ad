"""Connect sessions: links by which people connect without signing in."""

from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from connections.api.base import ApiView, create_once, created, found_or_404
from connections.api.errors import Conflict, NotFound
from connections.api.payloads import session_payload
from connections.api.queries import NoQuery, read_query
from connections.api.renderer import Answer
from connections.links.serializers import SessionSerializer
from connections.models import ConnectSession
from connections.models.api_keys import Permission
from connections.oauth_serializers import UnknownConnection
from connections.services.connect_sessions import SessionCompleted, cancel_session


class ConnectSessionList(ApiView):
    permissions: ClassVar = {"POST": Permission.WRITE}

    def post(self, request: Request) -> Answer:
        read_query(request, NoQuery)
        serializer = SessionSerializer(data=request.data, context={"actor": self.actor})
        tokens: list[str] = []

        def create(keep: Any) -> ConnectSession:
            try:
                serializer.is_valid(raise_exception=True)
            except UnknownConnection:
                raise NotFound(_("Connection not found")) from None
            session, token = serializer.save(before_commit=keep)
            tokens.append(token)
            return session

        answer, _row, is_replay = create_once(self, request, create, describe)
        # A replay finds the link gone: it was shown once.
        answer = {**answer, "url": link_url(tokens[0]) if tokens else None}
        location = f"/api/v1/connect/sessions/{answer['id']}"
        return created(answer, location, is_replay=is_replay)


class ConnectSessionDetail(ApiView):
    permissions: ClassVar = {"GET": Permission.READ, "DELETE": Permission.WRITE}

    def find(self, session_id: str) -> ConnectSession:
        row = ConnectSession.objects.named(self.actor.workspace.id, session_id)
        session: ConnectSession = found_or_404(row, _("Connect session not found"))
        session.workspace = self.actor.workspace
        return session

    def get(self, request: Request, session_id: str) -> Answer:
        read_query(request, NoQuery)
        return Answer(describe(self.find(session_id)))

    def delete(self, request: Request, session_id: str) -> Answer:
        read_query(request, NoQuery)
        session = self.find(session_id)
        try:
            cancel_session(actor=self.actor, session=session)
        except SessionCompleted:
            sentence = _("This session is completed: delete its connection instead.")
            raise Conflict(sentence, "already_completed") from None
        return Answer(status=204)


def describe(session: ConnectSession) -> dict[str, Any]:
    return session_payload(session, timezone.now())


def link_url(token: str) -> str:
    """By the configuration, whatever `Host` says."""
    return f"{settings.PUBLIC_URL}/connect/{token}"
