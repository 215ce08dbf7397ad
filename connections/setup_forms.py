"""The form with which staff set a method up for a workspace: widgets, and not one rule."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from connections.access.actors import Actor
from connections.forms import CLEAR, ConnectionFormMixin
from connections.models import MethodSetup
from connections.setup_serializers import SetupSerializer, setup_part
from integrations.field_types import build_field, is_blank
from integrations.specs import TARGETS, IntegrationDefinition, MethodDefinition


class SetupFormMixin(ConnectionFormMixin):
    contract_fields: ClassVar[tuple[str, ...]] = ()
    row: ClassVar[MethodSetup | None] = None

    def body(self) -> dict[str, Any]:
        return {target: dict(self._section(target)) for target in TARGETS}

    def _section(self, target: str) -> Iterator[tuple[str, Any]]:
        for path, field in self.spec_fields.items():
            value = field.from_form(self._typed(path))
            if field.spec.target == target and not is_blank(value):
                yield field.spec.key, value
            elif field.spec.target == target and self._is_cleared(path, field):
                yield field.spec.key, None

    def _serializer(self, body: Mapping[str, Any]) -> SetupSerializer:
        return SetupSerializer(
            self.row, data=body, integration=self.integration, method=self.method, actor=self.actor
        )


def setup_form(
    base: type[forms.BaseForm],
    *,
    integration: IntegrationDefinition,
    method: MethodDefinition,
    actor: Actor,
    row: MethodSetup | None,
) -> Any:
    """The form class of a method's setup; `row` is what is stored, None for nothing yet."""
    spec_fields = {spec.path: build_field(spec) for spec in setup_part(method).specs}
    attributes: dict[str, Any] = {
        "integration": integration,
        "method": method,
        "actor": actor,
        "row": row,
        "spec_fields": spec_fields,
    }
    stored = row.get_values() if row else {}
    for path, field in spec_fields.items():
        form_field = attributes[path] = field.form_field()
        held = stored.get(field.spec.target, {}).get(field.spec.key)
        if not field.spec.secure and held is not None:
            form_field.initial = field.to_form(held)
        elif held is not None and not field.spec.required:
            label = _("Remove the stored value of '%(label)s'") % {"label": field.name}
            attributes[CLEAR + path] = forms.BooleanField(required=False, label=label)
    return type("SetupForm", (SetupFormMixin, base), attributes)
