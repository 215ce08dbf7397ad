"""The key of a request: one header, one query, one answer for whatever is wrong with it."""

from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from connections.access.actors import Actor, program
from connections.models import ApiKey, Workspace
from connections.models.api_keys import KEY_LENGTH, covered, is_well_formed
from connections.models.compiled import CompiledLookup
from connections.tokens import digest_of
from integrations.models import CatalogueVersion

LAST_USED_EVERY = timedelta(minutes=1)


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>` or `X-API-Key: <key>`; sessions are not looked at."""

    def authenticate(self, request: Any) -> tuple[Actor, ApiKey]:
        secret = secret_of(request._request)
        if secret is None or not is_well_formed(secret):
            raise self.refused()
        digest, now = digest_of(secret), timezone.now()
        found = find_key(digest)
        if found is None:
            raise self.refused()
        key, version = found
        if not key.workspace.is_active or key.refusal(digest=digest, now=now):
            raise self.refused()
        if key.ip_whitelist and not is_listed(client_address(request._request), key.ip_whitelist):
            raise self.refused()
        note_use(key, now)
        return program(key, covered(key.permissions), version), key

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="api"'

    @staticmethod
    def refused() -> AuthenticationFailed:
        # One sentence for all reasons: a caller without a key learns nothing about keys.
        return AuthenticationFailed(
            _("Send a valid API key as 'Authorization: Bearer …' or 'X-API-Key'."), "invalid_key"
        )


def secret_of(request: HttpRequest) -> str | None:
    """The key that the headers name; None for none, another scheme, or two that differ."""
    scheme, _space, bearer = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    header = request.META.get("HTTP_X_API_KEY")
    if scheme and (scheme.lower() != "bearer" or len(bearer) > KEY_LENGTH):
        return None
    if scheme and header is not None and header != bearer:
        return None
    return bearer if scheme else header


def _key_and_version(digest: str) -> QuerySet[ApiKey]:
    version = CatalogueVersion.objects.filter(id=1).values("stamp")
    keys = ApiKey.objects.filter(Q(digest=digest) | Q(old_digest=digest)).order_by()
    return keys.annotate(catalogue_version=Subquery(version))


_KEY_LOOKUP = CompiledLookup(
    _key_and_version,
    samples=[(ApiKey._meta.get_field("digest"), "sample digest")],
    parts=[(ApiKey, ""), (Workspace, "workspace__")],
    annotations=["catalogue_version"],
)


def find_key(digest: str) -> tuple[ApiKey, UUID | None] | None:
    """The key with its workspace, and the catalogue's version: one query."""
    found = _KEY_LOOKUP.first(digest)
    if found is None:
        return None
    key, workspace, version = found
    key.workspace = workspace
    return key, version


def note_use(key: ApiKey, now: Any) -> None:
    """Remember the use, at most once a minute."""
    if key.last_used_at is None or now - key.last_used_at >= LAST_USED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def client_address(request: HttpRequest) -> str:
    """The caller's address: the proxies' word counts only where the operator lists them."""
    address = request.META.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    while hops and hops[-1] and is_listed(address, settings.TRUSTED_PROXIES):
        address = hops.pop()
    return address


def is_listed(address: str, networks: list[str]) -> bool:
    """Whether the address lies in one of the networks; a malformed one lies in none."""
    try:
        parsed = ip_address(address)
        return any(parsed in ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False
