"""Authorizations for programs: begin one, refresh a grant, give it back."""

from typing import ClassVar

from django.utils.translation import gettext as _
from rest_framework.request import Request

from connections.api.base import ApiView
from connections.api.connections import ConnectionView
from connections.api.errors import BadRequestError, Conflict, NotFound, Unavailable
from connections.api.payloads import moment
from connections.api.queries import NoQuery, read_query
from connections.api.renderer import Answer
from connections.models import Connection
from connections.models.api_keys import Permission
from connections.oauth.errors import OAuthError
from connections.oauth_serializers import InitiateSerializer, UnknownConnection, no_client
from connections.services.grants import has_tokens
from connections.services.oauth_flows.parties import NoClient
from connections.services.refresh import RefreshFailed, fresh_credential
from connections.services.refresh_reasons import REASONS
from connections.services.revocation import CannotRevoke, revoke_grant
from integrations.problems import Refused
from integrations.requirements import StrictSerializer


class OAuthInitiate(ApiView):
    permissions: ClassVar = {"POST": Permission.WRITE}

    def post(self, request: Request) -> Answer:
        read_query(request, NoQuery)
        serializer = InitiateSerializer(data=request.data, context={"actor": self.actor})
        try:
            serializer.is_valid(raise_exception=True)
            begun = serializer.begin()
        except UnknownConnection:
            raise NotFound(_("Connection not found")) from None
        except NoClient:
            raise Refused({"auth_method_id": [no_client()]}) from None
        except OAuthError as error:
            raise cannot_begin(error) from None
        wanted = serializer.wanted
        assert wanted is not None  # noqa: S101 - valid data was checked
        slug = wanted.integration.slug
        return Answer({"auth_url": begun.url, "state": begun.state, "integration_id": slug})


def cannot_begin(error: OAuthError) -> Exception:
    """The service was asked to describe itself, or its definition does not lead to it."""
    if error.is_temporary:
        return unavailable(error)
    sentence = _("Nobody can sign in there: look at the addresses in `config`, or ask staff.")
    return BadRequestError(sentence, "cannot_sign_in")


def unavailable(error: OAuthError) -> Unavailable:
    refusal = Unavailable(_("The service cannot be reached right now: try again."), "service_down")
    refusal.retry_after = max(1, round(error.retry_after or Unavailable.retry_after))
    return refusal


class GrantView(ConnectionView):
    """What the routes of a stored grant share: a connection in the path, an empty body."""

    takes_empty_body = True

    def read(self, request: Request, connection_id: str) -> Connection:
        read_query(request, NoQuery)
        StrictSerializer(data=request.data).is_valid(raise_exception=True)
        return self.find(connection_id)


class OAuthRefresh(GrantView):
    permissions: ClassVar = {"POST": Permission.WRITE}

    def post(self, request: Request, connection_id: str) -> Answer:
        row = self.read(request, connection_id)
        method = self.catalogue.by_pk(row.integration_id).method_by_pk(row.auth_method_id)
        if not has_tokens(method) or row.credential is None:
            raise Conflict(_("This connection has no token to refresh."), "not_refreshable")
        try:
            fresh_credential(row, actor=self.actor, force=True)
        except RefreshFailed as failure:
            raise not_refreshed(failure) from None
        row = self.find(connection_id)
        return Answer(
            {
                "status": "success",
                "connection_id": row.public_id,
                "expires_at": moment(row.expires_at),
            }
        )


def not_refreshed(failure: RefreshFailed) -> Exception:
    """Later, or not before somebody has repaired it: the connection says the same from now on."""
    sentence = f"{failure.reason.message} {failure.reason.hint}"
    if not failure.is_temporary:
        return Conflict(sentence, "not_refreshable")
    refusal = Unavailable(sentence, "refresh_failed")
    refusal.retry_after = max(1, round(failure.retry_after or Unavailable.retry_after))
    return refusal


def not_revoked(failure: CannotRevoke) -> Exception:
    sentence = _("%(reason)s Nothing was changed.") % {"reason": failure.message}
    if REASONS[failure.cause].effect != "wait":
        return Conflict(sentence, "not_revocable")
    refusal = Unavailable(sentence, "cannot_revoke")
    refusal.retry_after = max(1, round(failure.retry_after or Unavailable.retry_after))
    return refusal


class OAuthRevoke(GrantView):
    permissions: ClassVar = {"POST": Permission.WRITE}

    def post(self, request: Request, connection_id: str) -> Answer:
        row = self.read(request, connection_id)
        try:
            revoke_grant(row, actor=self.actor)
        except CannotRevoke as failure:
            raise not_revoked(failure) from None
        return Answer({"status": "success", "connection_id": row.public_id})
