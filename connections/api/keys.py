"""API keys. The secret is in the creating answer and nowhere else."""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from connections.api.base import ApiView, create_once, created, found_or_404
from connections.api.payloads import api_key_payload
from connections.api.queries import KeyQuery, NoQuery, read_query
from connections.api.renderer import Answer
from connections.key_serializers import ApiKeySerializer, RotationSerializer
from connections.models import ApiKey
from connections.models.api_keys import Permission
from connections.services.api_keys import (
    TooManyPermissions,
    change_api_key,
    create_api_key,
    delete_api_key,
    rotate_api_key,
)


class KeyView(ApiView):
    def find(self, key_id: str) -> ApiKey:
        row = ApiKey.objects.named(self.actor.workspace.id, key_id)
        return found_or_404(row, _("API key not found"))  # type: ignore[no-any-return]

    def handle_exception(self, error: Exception) -> Any:
        if isinstance(error, TooManyPermissions):
            text = _("A key cannot give what it does not have: %(permissions)s.")
            missing = ", ".join(sorted(error.missing))
            error = PermissionDenied(text % {"permissions": missing}, "missing_permission")
        return super().handle_exception(error)


class KeyList(KeyView):
    permissions: ClassVar = {"GET": Permission.MANAGE, "POST": Permission.MANAGE}

    def get(self, request: Request) -> Answer:
        query = read_query(request, KeyQuery)
        rows = ApiKey.objects.within(self.actor.workspace.id)
        skip, limit = query["skip"], query["limit"]
        return Answer(
            {
                "api_keys": [api_key_payload(row) for row in rows[skip : skip + limit]],
                "total": rows.count(),
                "page": skip // limit + 1,
                "size": limit,
            }
        )

    def post(self, request: Request) -> Answer:
        read_query(request, NoQuery)
        serializer = ApiKeySerializer(data=request.data)
        secrets: list[str] = []

        def create(keep: Any) -> ApiKey:
            serializer.is_valid(raise_exception=True)
            key, secret = create_api_key(
                actor=self.actor, columns=serializer.columns(), before_commit=keep
            )
            secrets.append(secret)
            return key

        answer, _row, is_replay = create_once(self, request, create, api_key_payload)
        # A replay finds the secret gone: it was shown once.
        answer = {**answer, "key": secrets[0] if secrets else None}
        return created(answer, f"/api/v1/api-keys/{answer['id']}", is_replay=is_replay)


class KeyDetail(KeyView):
    permissions: ClassVar = {
        "GET": Permission.MANAGE,
        "PUT": Permission.MANAGE,
        "DELETE": Permission.MANAGE,
    }

    def get(self, request: Request, key_id: str) -> Answer:
        read_query(request, NoQuery)
        return Answer(api_key_payload(self.find(key_id)))

    def put(self, request: Request, key_id: str) -> Answer:
        read_query(request, NoQuery)
        key = self.find(key_id)
        serializer = ApiKeySerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        change_api_key(actor=self.actor, key=key, columns=serializer.columns())
        return Answer(api_key_payload(key))

    def delete(self, request: Request, key_id: str) -> Answer:
        read_query(request, NoQuery)
        delete_api_key(actor=self.actor, key=self.find(key_id))
        return Answer(status=204)


class KeyRotation(KeyView):
    permissions: ClassVar = {"POST": Permission.MANAGE}
    takes_empty_body = True

    def post(self, request: Request, key_id: str) -> Answer:
        read_query(request, NoQuery)
        key = self.find(key_id)
        serializer = RotationSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        overlap = timedelta(seconds=serializer.validated_data["overlap_seconds"])
        secret = rotate_api_key(actor=self.actor, key=key, overlap=overlap)
        return Answer({**api_key_payload(key), "key": secret})
