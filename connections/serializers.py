"""The rules of a connection as it is sent: by programs, by the web form and by the admin alike."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from connections.contract import (
    CONFIG,
    CREDENTIAL_ID,
    CREDENTIALS,
    LABEL,
    METADATA,
    METHOD_ID,
    USER_ID,
    ConnectionContract,
    given_names,
    refuse_both,
)
from connections.destinations import address_problems, shared_address_problems
from connections.models import Connection, Credential
from connections.services.checked import Checked, Description, Verdict
from connections.services.connections import Changes, change_connection, create_connection
from connections.stored_values import keeps_credential, merged_values
from integrations import problems
from integrations.models import IntegrationType
from integrations.problems import Problem, Problems
from integrations.requirements import requirements_for
from integrations.specs import IntegrationDefinition, Spec


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
        checked = self.check_requirements(integration, method, sections, found)
        self.checked_values = self.tried(checked, found)
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


class DryRunSerializer(ConnectionContract):
    """`{credentials, config}` against the method of the context; nothing can be saved.

    With a verifier that may, they are tried at the service too; `verdict` is what it said.
    """

    specs: ClassVar[tuple[Spec, ...]] = (CREDENTIALS, CONFIG)
    verdict: Verdict | None = None

    def checked(self, data: Any, found: Problems) -> dict[str, Any]:
        values = super().checked(data, found)
        integration, method = self.context["integration"], self.context["method"]
        sections = requirements_for(integration, method)().checked(data, found)
        checked = Checked(integration=integration, method=method, **sections)
        self.verdict = self.tried(checked, found).verdict
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
        checked = self.check_requirements(integration, method, sections, found)
        is_same = method.pk == connection.auth_method_id
        self.checked_values = self.tried(checked, found, connection.account_id if is_same else "")

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
