"""The form of what is asked before a person consents at a service: widgets, and not one rule."""

from collections.abc import Mapping
from typing import Any

from django import forms

from connections.access.actors import Actor
from connections.forms import connection_form
from connections.oauth_serializers import InitiateSerializer, part_before_consent
from integrations.specs import IntegrationDefinition, MethodDefinition


class ConsentFormMixin:
    """After `is_valid()`, `serializer.begin()` starts the flow."""

    def _serializer(self, body: Mapping[str, Any]) -> InitiateSerializer:
        named = {"integration": "integration_id", "integration_type": None}
        sent = {named.get(name, name): value for name, value in body.items()}
        sent.pop(None, None)
        return InitiateSerializer(data=sent, context={"actor": self.actor})  # type: ignore[attr-defined]


def consent_form(
    base: type[forms.BaseForm],
    *,
    integration: IntegrationDefinition,
    method: MethodDefinition,
    actor: Actor,
) -> Any:
    """The form class: `base` with a field for each value that the service does not give."""
    form = connection_form(
        base, integration=integration, method=part_before_consent(method), actor=actor
    )
    return type("ConsentForm", (ConsentFormMixin, form), {})
