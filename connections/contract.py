"""What creating and changing a connection share: the members, and the way to the definition."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from connections.access.actors import Actor
from connections.models import Credential
from connections.services.checked import Checked
from connections.services.setups import missing_setup
from connections.services.verification import Verifier, problems_of
from integrations.catalogue import Catalogue, catalogue_at, current_catalogue
from integrations.field_types import is_blank
from integrations.problems import Problem, Problems
from integrations.requirements import StrictSerializer, requirements_for
from integrations.specs import IntegrationDefinition, MethodDefinition, Spec
from integrations.texts import label_of

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

    @property
    def verifier(self) -> Verifier:
        """The caller's, which keeps what it learned; else one that stores what it cannot try."""
        known: Verifier | None = self.context.get("verifier")
        return known or Verifier(self.actor.workspace)

    def tried(self, checked: Checked, found: Problems, account_id: str = "") -> Checked:
        """The same with the service's verdict, which is asked for only once the rules hold."""
        if found:
            return checked
        verdict = self.verifier.verdict(checked)
        checked = replace(checked, verdict=verdict, account=self.context.get("account", ("", "")))
        found.update(problems_of(checked, verdict, account_id))
        return checked

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
    text = _("Field '%(label)s' has to be set up by staff first") % {"label": label_of(spec)}
    hint = _("Ask the people who run this installation.")
    return Problem(text, "not_set_up", hint=hint, stage="rules")


def refuse_both(data: Mapping[str, Any], found: Problems) -> None:
    if not is_blank(data.get("credential_id")) and not is_blank(data.get("credentials")):
        text = _("Send either 'credentials' or 'credential_id', not both")
        found["credential_id"] = [Problem(text, "exclusive")]


def given_names(data: Mapping[str, Any]) -> tuple[str, ...]:
    """`label`, `config.region` …: what a change names, for the audit log."""
    names: list[str] = []
    for name, value in data.items():
        if name in ("credentials", "config") and isinstance(value, dict):
            names += [f"{name}.{key}" for key in value]
        else:
            names.append(name)
    return tuple(names)
