"""The rules of what staff set up once per workspace: the method's own, over its setup fields."""

from dataclasses import replace
from typing import Any, ClassVar

from connections.access.actors import Actor
from connections.contract import CONFIG, CREDENTIALS
from connections.models import MethodSetup
from connections.services.setups import set_up_method, setup_specs
from integrations.problems import Problems
from integrations.requirements import StrictSerializer, build_requirements
from integrations.specs import TARGETS, IntegrationDefinition, MethodDefinition, Spec


def setup_part(method: MethodDefinition) -> MethodDefinition:
    """The method as its setup sees it: only those fields, asked for now, and no other rule."""
    asked = tuple(
        replace(spec, stage="connect", visible_if=None, required_if=None)
        for spec in setup_specs(method)
    )
    return replace(method, kind="custom", specs=asked, rules={})


class SetupSerializer(StrictSerializer):
    """`{credentials, config}` of a method's setup fields: absent keeps, null clears."""

    specs: ClassVar[tuple[Spec, ...]] = (CREDENTIALS, CONFIG)

    def __init__(
        self,
        instance: MethodSetup | None,
        *,
        data: Any,
        integration: IntegrationDefinition,
        method: MethodDefinition,
        actor: Actor,
    ) -> None:
        super().__init__(instance, data=data)
        self.integration, self.method, self.actor = integration, method, actor

    def checked(self, data: Any, found: Problems) -> dict[str, Any]:
        super().checked(data, found)
        stored = self.instance.get_values() if self.instance else {}
        merged = {
            target: {**stored.get(target, {}), **(data.get(target) or {})} for target in TARGETS
        }
        return build_requirements(self.integration, setup_part(self.method))().checked(
            merged, found
        )

    def save(self) -> MethodSetup:  # type: ignore[override]
        return set_up_method(actor=self.actor, method=self.method, values=self.validated_data)
