"""Query parameters, with the same field types and the same refusals as bodies."""

import hashlib
import hmac
import uuid
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.request import Request

from connections.api.errors import BadRequestError
from connections.models import Connection, Credential
from integrations.models import IntegrationType
from integrations.problems import Problem, Problems
from integrations.requirements import StrictSerializer
from integrations.specs import Spec

MOST_PARAMETERS = 100


def parameter(key: str, type_: str = "string", **more: Any) -> Spec:
    return Spec(key=key, type=type_, label=key, required=False, secure=False, **more)


def choice(key: str, values: list[str], **more: Any) -> Spec:
    return parameter(key, "select", options=tuple((value, value) for value in values), **more)


SKIP = parameter("skip", "integer", minimum=0, maximum=10_000_000, default=0)
LIMIT = parameter("limit", "integer", minimum=1, maximum=1000, default=100)
SEARCH = parameter("search", max_length=255)


class QuerySerializer(StrictSerializer):
    """Parameters of a route. `metadata.<key>` is gathered where the route allows it."""

    takes_metadata: ClassVar[bool] = False

    def checked(self, data: Any, found: Problems) -> dict[str, Any]:
        metadata = {}
        if self.takes_metadata:
            metadata = {key[9:]: data[key] for key in data if key.startswith("metadata.")}
            data = {key: value for key, value in data.items() if not key.startswith("metadata.")}
        values = super().checked(data, found)
        if "" in metadata or any("\0" in part for pair in metadata.items() for part in pair):
            text = _("Field '%(label)s' must be name and value pairs") % {"label": "metadata"}
            found["metadata"] = [Problem(text, "invalid_pairs")]
        return {**values, "metadata": metadata} if self.takes_metadata else values


def read_query(request: Request, serializer: type[QuerySerializer]) -> dict[str, Any]:
    """The checked parameters; a parameter that is unknown, repeated or wrong is refused."""
    if not request.META.get("QUERY_STRING"):
        return dict(_without_parameters(serializer))
    given = request.query_params
    if len(given) > MOST_PARAMETERS:
        raise BadRequestError(_("There are too many query parameters."), "too_many_parameters")
    fields, data = serializer.spec_fields, {}
    for name, values in given.lists():
        if len(values) > 1:
            text = _("The query parameter '%(name)s' is given twice.") % {"name": name[:64]}
            raise BadRequestError(text, "repeated_parameter")
        data[name] = fields[name].from_form(values[0]) if name in fields else values[0]
    checked = serializer(data=data)
    checked.is_valid(raise_exception=True)
    return checked.validated_data  # type: ignore[no-any-return]


@cache
def _without_parameters(serializer: type[QuerySerializer]) -> dict[str, Any]:
    """What a route assumes when nothing is said; raises where it must be told something."""
    checked = serializer(data={})
    checked.is_valid(raise_exception=True)
    return checked.validated_data  # type: ignore[no-any-return]


class ListQuery(QuerySerializer):
    takes_metadata = True
    specs = (
        SKIP,
        LIMIT,
        parameter("cursor", max_length=200),
        parameter("integration", max_length=100),
        choice("integration_type", IntegrationType.values),
        choice("status", Connection.Status.values),
        parameter("user_id", max_length=255),
        parameter("auth_method_id", max_length=100),
        parameter("credential_id", max_length=100),
        parameter("expires_before", "datetime"),
        SEARCH,
    )


class OwnerListQuery(ListQuery):
    specs = tuple(spec for spec in ListQuery.specs if spec.key != "user_id")


class CredentialQuery(QuerySerializer):
    specs = (
        SKIP,
        LIMIT,
        choice("credential_type", Credential.Type.values),
        choice("auth_type", Credential.AuthType.values),
        choice("status", Credential.Status.values),
        SEARCH,
    )


class CatalogueQuery(QuerySerializer):
    specs = (
        SKIP,
        LIMIT,
        choice("integration_type", IntegrationType.values),
        parameter("category", max_length=100),
        SEARCH,
    )


class KeyQuery(QuerySerializer):
    specs = (SKIP, LIMIT)


class MethodQuery(QuerySerializer):
    specs = (parameter("auth_method_id", max_length=100),)


class VerifyQuery(QuerySerializer):
    specs = (choice("verify", ["auto", "never", "required"], default="auto"),)


class DryRunQuery(QuerySerializer):
    specs = (
        Spec(key="integration_id", label="integration_id", secure=False, max_length=100),
        parameter("auth_method_id", max_length=100),
        parameter("live", "boolean", default=False),
    )


class DescribeQuery(QuerySerializer):
    specs = (parameter("include_credential", "boolean", default=False),)


class DeleteQuery(QuerySerializer):
    specs = (parameter("revoke", "boolean", default=False),)


class NoQuery(QuerySerializer):
    specs = ()


# Cursors: the last id of a page, signed for the workspace, so that none can be made up.


def make_cursor(workspace_id: uuid.UUID, last_id: uuid.UUID) -> str:
    return last_id.hex + _signature(workspace_id, last_id.bytes)


def read_cursor(workspace_id: uuid.UUID, cursor: str) -> uuid.UUID:
    try:
        last_id = uuid.UUID(hex=cursor[:32])
    except ValueError:
        last_id = uuid.UUID(int=0)
    # Made again and compared whole: a cursor has one spelling.
    made = make_cursor(workspace_id, last_id)
    if not hmac.compare_digest(made.encode(), cursor.encode()):
        raise BadRequestError(_("The cursor is not one of this list's: start again."), "bad_cursor")
    return last_id


def _signature(workspace_id: uuid.UUID, row_id: bytes) -> str:
    key = settings.SECRET_KEY.encode()
    signed = b"cursor" + workspace_id.bytes + row_id
    return hmac.new(key, signed, hashlib.sha256).hexdigest()[:32]
