"""What the verbs on connections are given: values that passed the rules, and a description."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.expiry import end_of
from integrations.specs import IntegrationDefinition, MethodDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Values that passed the rules of a method, and the definition that held them."""

    integration: IntegrationDefinition
    method: MethodDefinition
    credentials: dict[str, Any] = field(repr=False)
    config: dict[str, Any] = field(repr=False)

    def secret_names(self, target: str) -> list[str]:
        values = self.credentials if target == "credentials" else self.config
        return [
            spec.key
            for spec in self.method.specs
            if spec.target == target and spec.secure and spec.key in values
        ]

    def end_of(self, target: str, now: datetime) -> datetime | None:
        """When the first of the target's values ends, where one says so."""
        values = {"credentials": {}, "config": {}, target: getattr(self, target)}
        return end_of(self.method, values, now)

    @property
    def field_names(self) -> list[str]:
        return [f"credentials.{key}" for key in self.credentials] + [
            f"config.{key}" for key in self.config
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a connection says of itself beside its values."""

    label: str
    user_id: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    owner: Any = None
