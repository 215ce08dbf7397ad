"""The rules of a credential that is kept for itself."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from connections.access.actors import Actor
from connections.contract import USER_ID
from connections.models import Connection, Credential
from connections.services.checked import Checked
from connections.services.credentials import change_credential, create_credential
from connections.services.verification import Verifier, problems_of
from connections.stored_values import stored_values
from integrations.catalogue import catalogue_at, current_catalogue
from integrations.problems import Problem, Problems
from integrations.requirements import StrictSerializer, requirements_for
from integrations.specs import Spec

# Whoever changes a credential waits for as many services at most.
MOST_TRIED = 3


def _choice(key: str, choices: Any, **more: Any) -> Spec:
    options = tuple((value, value) for value in choices.values)
    return Spec(key=key, type="select", label=key, options=options, secure=False, **more)


class CredentialSerializer(StrictSerializer):
    specs: ClassVar[tuple[Spec, ...]] = (
        Spec(key="label", label="label", secure=False, max_length=100),
        Spec(key="description", label="description", required=False, secure=False, max_length=255),
        _choice("auth_type", Credential.AuthType),
        _choice("credential_type", Credential.Type),
        _choice("credential_scope", Credential.Scope, required=False, default="workspace"),
        Spec(key="provider", label="provider", required=False, secure=False, max_length=255),
        USER_ID,
        Spec(key="credentials", type="json", label="credentials"),
    )

    @property
    def actor(self) -> Actor:
        actor: Actor = self.context["actor"]
        return actor

    def save(self, *, before_commit: Callable[[Any], None] | None = None) -> Credential:  # type: ignore[override]
        columns = dict(self.validated_data)
        values = columns.pop("credentials")
        return create_credential(
            actor=self.actor, columns=columns, values=values, before_commit=before_commit
        )


class CredentialChangeSerializer(CredentialSerializer):
    """A change: every connection that uses the credential is checked with the new values."""

    instance: Credential

    def __init__(self, instance: Credential, data: Any, **kwargs: Any) -> None:
        super().__init__(instance, data=data, partial=True, **kwargs)
        self.rechecked: list[tuple[Connection, Checked]] = []

    def checked(self, data: Any, found: Problems) -> dict[str, Any]:
        values = super().checked(data, found)
        if values.get("credentials") is not None:
            self._recheck(values["credentials"], found)
        return values

    def _recheck(self, credentials: dict[str, Any], found: Problems) -> None:
        version = self.actor.catalogue_version
        catalogue = current_catalogue() if version is None else catalogue_at(version)
        users = Connection.objects.within(self.actor.workspace.id).filter(credential=self.instance)
        for connection in users.order_by("id"):
            connection.workspace = self.actor.workspace
            connection.credential = self.instance
            integration = catalogue.by_pk(connection.integration_id)
            method = integration.method_by_pk(connection.auth_method_id)
            sections = {**stored_values(connection), "credentials": credentials}
            broken: Problems = {}
            serializer = requirements_for(integration, method)()
            checked = serializer.checked(sections, broken)
            for path, problems in broken.items():
                found.setdefault(path, []).extend(_about(connection, one) for one in problems)
            self.rechecked.append(
                (connection, Checked(integration=integration, method=method, **checked))
            )
        if not found:
            self._try_first(found)

    def _try_first(self, found: Problems) -> None:
        """Ask the services of the first connections; the others are tried soon after."""
        verifier = Verifier(self.actor.workspace)
        for place, (connection, checked) in enumerate(self.rechecked[:MOST_TRIED]):
            verdict = verifier.verdict(checked)
            for path, problems in problems_of(checked, verdict, connection.account_id).items():
                found.setdefault(path, []).extend(_about(connection, one) for one in problems)
            self.rechecked[place] = (connection, replace(checked, verdict=verdict))

    def save(self) -> Credential:  # type: ignore[override]
        # What was cleared is as it would be had nobody ever said it.
        columns = {
            name: self.spec_fields[name].spec.default or "" if value is None else value
            for name, value in self.validated_data.items()
        }
        values = columns.pop("credentials", None)
        return change_credential(
            actor=self.actor,
            credential=self.instance,
            columns=columns,
            values=values,
            rechecked=self.rechecked,
        )


def _about(connection: Connection, problem: Problem) -> Problem:
    """The problem, naming the connection that the change would break."""
    hint = f"{connection.public_id}: {problem.hint}" if problem.hint else connection.public_id
    return Problem(str(problem), problem.code, hint=hint, stage=problem.stage)
