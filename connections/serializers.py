"""The rules of a connection as it is sent: by programs, by the web form and by the admin alike."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from connections.access.actors import Actor
from connections.destinations import address_problems, shared_address_problems
from connections.models import Connection, Credential
from connections.services.checked import Checked, Description
from connections.services.connections import Changes, change_connection, create_connection
from connections.services.setups import missing_setup
from connections.stored_values import keeps_credential, merged_values
from integrations import problems
from integrations.catalogue import Catalogue, catalogue_at, current_catalogue
from integrations.field_types import is_blank
from integrations.models import IntegrationType
from integrations.problems import Problem, Problems
from integrations.requirements import StrictSerializer, requirements_for
from integrations.specs import IntegrationDefinition, MethodDefinition, Spec

MOST_METADATA = 20
LABEL = Spec(key="label", label="label", required=False, secure=False, max_length=255)
USER_ID = Spec(key="user_id", label="user_id", required=False, secure=False, max_length=255)
METADATA = Spec(
    key="metadata",
    type="key_values",
    label="metadata",
    required=False,
    secure=False,
    min_length=0,
    max_length=MOST_METADATA,
)
METHOD_ID = Spec(
    key="auth_method_id", label="auth_method_id", required=False, secure=False, max_length=100
)
CREDENTIAL_ID = Spec(
    key="credential_id", label="credential_id", required=False, secure=False, max_length=100
)
# Their members are checked by the method's requirements, in the same answer.
CREDENTIALS = Spec(key="credentials", type="any", label="credentials", required=False)
CONFIG = Spec(key="config", type="any", label="config", required=False)


class UnknownCredential(Exception):
    """The credential that was named does not exist in this workspace."""


class ConnectionContract(StrictSerializer):
    """What creating and changing share: the way to the definition and to the requirements."""

    @property
    def actor(self) -> Actor:
        actor: Actor = self.context["actor"]
        return actor

    @property
    def catalogue(self) -> Catalogue:
        version = self.actor.catalogue_version
        return current_catalogue() if version is None else catalogue_at(version)

    def find_credential(self, name: str | None) -> Credential | None:
        if name is None:
            return None
        found = Credential.objects.named(self.actor.workspace.id, name)
        if found is None:
            raise UnknownCredential
        found.workspace = self.actor.workspace
        return found  # type: ignore[no-any-return]

    def find_method(
        self, integration: IntegrationDefinition, name: str | None, found: Problems
    ) -> MethodDefinition | None:
        method = integration.method(name)
        if method is None:
            known = ", ".join(method.id for method in integration.methods)
            text = _("Field 'auth_method_id' names no method of this integration")
            hint = _("It has: %(methods)s.") % {"methods": known} if known else None
            found["auth_method_id"] = [Problem(text, "unknown_auth_method", hint=hint)]
        return method

    def check_requirements(
        self,
        integration: IntegrationDefinition,
        method: MethodDefinition,
        sections: Mapping[str, Any],
        found: Problems,
    ) -> Checked:
        serializer = requirements_for(integration, method)()
        values = serializer.checked(sections, found)
        for spec in missing_setup(self.actor.workspace, method):
            found[spec.path] = [not_set_up(spec)]
        return Checked(integration=integration, method=method, **values)


def not_set_up(spec: Spec) -> Problem:
    text = _("Field '%(label)s' has to be set up by staff first") % {"label": spec.label}
    hint = _("Ask the people who run this installation.")
    return Problem(text, "not_set_up", hint=hint, stage="rules")


def refuse_both(data: Mapping[str, Any], found: Problems) -> None:
    if not is_blank(data.get("credential_id")) and not is_blank(data.get("credentials")):
        text = _("Send either 'credentials' or 'credential_id', not both")
        found["credential_id"] = [Problem(text, "exclusive")]


class ConnectionSerializer(ConnectionContract):
    """A connection to create. `save()` stores it; `checked_values` is what passed the rules."""

    specs: ClassVar[tuple[Spec, ...]] = (
        Spec(key="integration", label="integration", secure=False, max_length=100),
        Spec(
            key="integration_type",
            type="select",
            label="integration_type",
            options=tuple((value, value) for value in IntegrationType.values),
        ),
        LABEL,
        METHOD_ID,
        CREDENTIALS,
        CREDENTIAL_ID,
        CONFIG,
        USER_ID,
        METADATA,
    )
    checked_values: Checked | None = None
    credential: Credential | None = None

    def checked(self, data: Any, found: Problems) -> dict[str, Any]:
        values = super().checked(data, found)
        refuse_both(data, found)
        integration = self._find_integration(values, found)
        if integration is None:
            return values
        method = None
        if "auth_method_id" not in found:
            method = self.find_method(integration, values.get("auth_method_id"), found)
        if method is None:
            return values
        sections = {"credentials": data.get("credentials"), "config": data.get("config")}
        if "credential_id" not in found:
            self.credential = self.find_credential(values.get("credential_id"))
        if self.credential is not None:
            sections["credentials"] = self.credential.get_values()
            found.update(shared_address_problems(method, sections, self.credential))
        self.checked_values = self.check_requirements(integration, method, sections, found)
        return values

    def _find_integration(
        self, values: dict[str, Any], found: Problems
    ) -> IntegrationDefinition | None:
        slug = values.get("integration")
        if slug is None:
            return None
        integration = self.catalogue.get(slug, self.actor.workspace.id)
        if integration is None:
            text = _("Field 'integration' names no integration that can be connected")
            hint = _("The list of integrations says which there are.")
            found["integration"] = [Problem(text, "unknown_integration", hint=hint)]
        elif values.get("integration_type") not in (None, integration.type):
            text = _("Field 'integration_type' must be '%(type)s' for this integration")
            found["integration_type"] = [
                Problem(text % {"type": integration.type}, "wrong_integration_type")
            ]
        return integration

    def save(  # type: ignore[override]
        self, *, owner: Any = None, before_commit: Callable[[Connection], None] | None = None
    ) -> Connection:
        values, checked = self.validated_data, self.checked_values
        assert checked is not None  # noqa: S101 - valid data was checked
        description = Description(
            label=values.get("label") or checked.integration.name,
            user_id=values.get("user_id") or "",
            metadata=values.get("metadata") or {},
            owner=owner,
        )
        return create_connection(
            actor=self.actor,
            checked=checked,
            description=description,
            credential=self.credential,
            before_commit=before_commit,
        )


class DryRunSerializer(StrictSerializer):
    """`{credentials, config}` against the method of the context; nothing can be saved."""

    specs: ClassVar[tuple[Spec, ...]] = (CREDENTIALS, CONFIG)

    def checked(self, data: Any, found: Problems) -> dict[str, Any]:
        values = super().checked(data, found)
        integration, method = self.context["integration"], self.context["method"]
        requirements_for(integration, method)().checked(data, found)
        return values


class ConnectionChangeSerializer(ConnectionContract):
    """A change of a stored connection: absent keeps, null clears, a value replaces.

    The whole result is checked before anything is replaced.
    """

    specs: ClassVar[tuple[Spec, ...]] = (
        LABEL,
        METHOD_ID,
        CREDENTIALS,
        CREDENTIAL_ID,
        CONFIG,
        USER_ID,
        METADATA,
        Spec(
            key="status",
            type="select",
            label="status",
            required=False,
            options=(("active", "active"), ("inactive", "inactive")),
        ),
    )
    instance: Connection
    checked_values: Checked | None = None
    credential: Credential | None = None
    keeps_credential: bool = False

    def __init__(self, instance: Connection, data: Any, **kwargs: Any) -> None:
        super().__init__(instance, data=data, partial=True, **kwargs)

    def checked(self, data: Any, found: Problems) -> dict[str, Any]:
        values = super().checked(data, found)
        refuse_both(data, found)
        if "status" in data and values.get("status") is None and "status" not in found:
            found["status"] = [problems.required("status")]
        is_touched = {"auth_method_id", "credentials", "credential_id", "config"} & set(data)
        if is_touched or values.get("status") == "active":
            self._check_result(data, values, found)
        return values

    def _check_result(self, data: Any, values: dict[str, Any], found: Problems) -> None:
        connection = self.instance
        integration = self.catalogue.by_pk(connection.integration_id)
        name = values.get("auth_method_id")
        name = name or integration.method_by_pk(connection.auth_method_id).id
        method = self.find_method(integration, name, found)
        if method is None:
            return
        if "credential_id" not in found:
            self.credential = self.find_credential(values.get("credential_id"))
        sections = merged_values(connection, method, data, self.credential)
        self.keeps_credential = keeps_credential(connection, method, sections, self.credential)
        found.update(address_problems(connection, method, data, sections, self.credential))
        self.checked_values = self.check_requirements(integration, method, sections, found)

    def save(self) -> Connection:  # type: ignore[override]
        values = self.validated_data
        columns = {
            name: values[name] or ({} if name == "metadata" else "")
            for name in ("label", "user_id", "metadata")
            if name in values
        }
        if "label" in columns:
            columns["label"] = columns["label"] or self.instance.integration.name
        changes = Changes(
            checked=self.checked_values,
            keeps_credential=self.keeps_credential,
            credential=self.credential,
            columns=columns,
            status=values.get("status"),
            given=given_names(self.initial_data),
        )
        return change_connection(actor=self.actor, connection=self.instance, changes=changes)


def given_names(data: Mapping[str, Any]) -> tuple[str, ...]:
    """`label`, `config.region` …: what a change names, for the audit log."""
    names: list[str] = []
    for name, value in data.items():
        if name in ("credentials", "config") and isinstance(value, dict):
            names += [f"{name}.{key}" for key in value]
        else:
            names.append(name)
    return tuple(names)
