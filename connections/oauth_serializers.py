"""The rules of an authorization to begin, and of an OAuth client that staff set up."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from connections.access.actors import Actor
from connections.contract import (
    CONFIG,
    CREDENTIALS,
    LABEL,
    METHOD_ID,
    USER_ID,
    ConnectionContract,
    not_set_up,
)
from connections.models import Connection, OAuthClient
from connections.services.oauth_flows.parties import can_consent, is_consented
from connections.services.oauth_flows.starting import Begun, begin_flow
from connections.services.oauth_flows.wanted import Link, Place, Wanted
from connections.services.setups import missing_setup
from connections.stored_values import stored_values
from integrations.auth_methods import AUTH_METHODS
from integrations.problems import Problem, Problems, required
from integrations.requirements import StrictSerializer, build_requirements
from integrations.specs import TARGETS, IntegrationDefinition, MethodDefinition, Spec

DEFAULT_METHOD = "oauth2"


class UnknownConnection(Http404):
    """The connection that was named does not exist in this workspace."""


def part_before_consent(method: MethodDefinition) -> MethodDefinition:
    """The method as a person sees it before the consent: without what the service gives."""
    granted = {f"credentials.{key}" for key in AUTH_METHODS[method.kind].granted}
    asked = tuple(spec for spec in method.specs if spec.path not in granted)
    names = {name for spec in asked for name in (spec.key, spec.path)}
    rules = {
        kind: [group for group in groups if names.issuperset(group)]
        for kind, groups in method.rules.items()
    }
    return replace(method, kind="custom", specs=asked, rules=rules)


def no_client() -> Problem:
    text = _("Field 'auth_method_id' names a method that has no OAuth client in this workspace")
    hint = _("Staff set one up in the admin, under OAuth clients.")
    return Problem(text, "no_client", hint=hint, stage="rules")


class InitiateSerializer(ConnectionContract):
    """An authorization to begin. `begin()` stores it and says where the person goes."""

    specs: ClassVar[tuple[Spec, ...]] = (
        Spec(key="integration_id", label="integration_id", secure=False, max_length=100),
        METHOD_ID,
        Spec(key="scopes", type="scopes", label="scopes", required=False, secure=False),
        Spec(
            key="redirect_uri",
            label="redirect_uri",
            required=False,
            secure=False,
            max_length=2000,
        ),
        LABEL,
        USER_ID,
        CREDENTIALS,
        CONFIG,
        Spec(
            key="connection_id",
            label="connection_id",
            required=False,
            secure=False,
            max_length=100,
        ),
    )
    wanted: Wanted | None = None

    def checked(self, data: Any, found: Problems) -> dict[str, Any]:
        values = super().checked(data, found)
        self._check_return_url(values, found)
        integration = self._find_integration(values, found)
        connection = self._find_connection(values)
        if integration is None or "auth_method_id" in found:
            return values
        method = self._find_consented(integration, values, found)
        if method is None:
            return values
        if connection is not None and connection.auth_method_id != method.pk:
            found["connection_id"] = [_other_method()]
            return values
        before = self._check_before_consent(integration, method, data, connection, found)
        self.wanted = Wanted(
            integration=integration,
            method=method,
            credentials=before["credentials"],
            config=before["config"],
            scopes=tuple(values.get("scopes") or ()),
            label=values.get("label") or "",
            user_id=values.get("user_id") or "",
            return_url=values.get("redirect_uri") or "",
            connection=connection,
        )
        return values

    def _check_return_url(self, values: Mapping[str, Any], found: Problems) -> None:
        url = values.get("redirect_uri")
        if url is not None and url not in self.actor.workspace.return_urls:
            text = _("Field 'redirect_uri' is not one of the workspace's return addresses")
            hint = _("Staff list the addresses in the admin; they are compared letter by letter.")
            found["redirect_uri"] = [Problem(text, "unknown_return_address", hint=hint)]

    def _find_integration(
        self, values: Mapping[str, Any], found: Problems
    ) -> IntegrationDefinition | None:
        slug = values.get("integration_id")
        if slug is None:
            return None
        integration = self.catalogue.get(slug, self.actor.workspace.id)
        if integration is None:
            text = _("Field 'integration_id' names no integration that can be connected")
            hint = _("The list of integrations says which there are.")
            found["integration_id"] = [Problem(text, "unknown_integration", hint=hint)]
        return integration

    def _find_connection(self, values: Mapping[str, Any]) -> Connection | None:
        name = values.get("connection_id")
        if name is None:
            return None
        connection = Connection.objects.find(self.actor.workspace, name)
        if connection is None:
            raise UnknownConnection
        return connection

    def _find_consented(
        self, integration: IntegrationDefinition, values: Mapping[str, Any], found: Problems
    ) -> MethodDefinition | None:
        """The method, if a person can grant it at the service and a client is there to ask."""
        name = values.get("auth_method_id") or _default_method(integration)
        method = self.find_method(integration, name, found)
        if method is None:
            return None
        if not is_consented(method):
            text = _("Field 'auth_method_id' names a method that nobody signs in with")
            hint = _("Create the connection with its credentials instead.")
            found["auth_method_id"] = [Problem(text, "no_sign_in", hint=hint)]
            return None
        if not can_consent(self.actor.workspace.id, method):
            found["auth_method_id"] = [no_client()]
        for spec in missing_setup(self.actor.workspace, method):
            found[spec.path] = [not_set_up(spec)]
        return method

    def _check_before_consent(
        self,
        integration: IntegrationDefinition,
        method: MethodDefinition,
        data: Mapping[str, Any],
        connection: Connection | None,
        found: Problems,
    ) -> dict[str, dict[str, Any]]:
        """What is known before the consent; a connection that is repaired keeps its own."""
        part = part_before_consent(method)
        sections: dict[str, Any] = {target: data.get(target) for target in TARGETS}
        if connection is not None:
            stored = stored_values(connection)
            for target in TARGETS:
                known = {spec.key for spec in part.specs if spec.target == target}
                kept = {key: value for key, value in stored[target].items() if key in known}
                given = sections[target]
                if given is None or isinstance(given, dict):
                    sections[target] = {**kept, **(given or {})}
        return build_requirements(integration, part)().checked(sections, found)

    def begin(self, *, owner: Any = None, place: Place = "api", link: Link | None = None) -> Begun:
        """Raises OAuthError where the service cannot be asked, NoClient where a client went."""
        assert self.wanted is not None  # noqa: S101 - valid data was checked
        wanted = replace(self.wanted, owner=owner, place=place, link=link)
        return begin_flow(actor=self.actor, wanted=wanted, now=timezone.now())


def repair_of(
    connection: Connection, integration: IntegrationDefinition, *, actor: Actor
) -> InitiateSerializer:
    """A consent that repairs the connection, with what is stored of it."""
    body = {
        "integration_id": integration.slug,
        "auth_method_id": integration.method_by_pk(connection.auth_method_id).id,
        "connection_id": connection.public_id,
    }
    return InitiateSerializer(data=body, context={"actor": actor})


def _default_method(integration: IntegrationDefinition) -> str:
    """`oauth2`, or the first method that people sign in with where none has that name."""
    if integration.method(DEFAULT_METHOD) is not None:
        return DEFAULT_METHOD
    consented = [method.id for method in integration.methods if is_consented(method)]
    return next(iter(consented), DEFAULT_METHOD)


def _other_method() -> Problem:
    text = _("Field 'connection_id' names a connection of another integration or method")
    hint = _("A connection is repaired with the method that it was made with.")
    return Problem(text, "other_method", hint=hint)


class OAuthClientSerializer(StrictSerializer):
    """An OAuth client as staff set it up; in a change a blank secret keeps what is stored."""

    specs: ClassVar[tuple[Spec, ...]] = (
        Spec(key="client_id", label="client_id", secure=False, max_length=500),
        Spec(
            key="client_secret",
            type="password",
            label="client_secret",
            required=False,
            max_length=4000,
        ),
        Spec(key="private_key", type="pem", label="private_key", required=False),
        Spec(key="key_id", label="key_id", required=False, secure=False, max_length=500),
        Spec(
            key="client_auth",
            type="select",
            label="client_auth",
            required=False,
            secure=False,
            options=tuple((value, value) for value in OAuthClient.Authentication.values),
        ),
        Spec(
            key="issuer", type="url", label="issuer", required=False, secure=False, max_length=500
        ),
        Spec(key="is_shared", type="boolean", label="is_shared", required=False, secure=False),
    )

    def checked(self, data: Any, found: Problems) -> dict[str, Any]:
        """`has_key` of the context: whether a private key is stored and stays."""
        values = super().checked(data, found)
        is_signing = values.get("client_auth") == OAuthClient.Authentication.PRIVATE_KEY_JWT
        if is_signing and "private_key" not in values and not self.context.get("has_key"):
            found.setdefault("private_key", [required("private_key")])
        return values
