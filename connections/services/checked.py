"""What the verbs on connections are given: values that passed the rules, and a description."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from connections.checks import Outcome
from connections.oauth.tokens import TokenAnswer
from integrations.expiry import end_of
from integrations.specs import IntegrationDefinition, MethodDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What trying showed: the outcome, the token that was obtained for it, when, how long."""

    outcome: Outcome
    token: TokenAnswer | None = field(default=None, repr=False)
    at: datetime
    milliseconds: int

    @property
    def passed(self) -> bool:
        return self.outcome.status == "passed"

    @property
    def failed(self) -> bool:
        return self.outcome.status == "failed"

    @property
    def is_open(self) -> bool:
        """Whether the service could not be asked: it is tried again."""
        return self.outcome.status == "unverifiable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Where a token came from: it is refreshed and revoked there, with the same client."""

    client_pk: UUID | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Values that passed the rules of a method, and the definition that held them.

    `verdict` is what trying them at the service showed; None where they were not tried.
    `grant` is given where a person has just consented to it.
    """

    integration: IntegrationDefinition
    method: MethodDefinition
    credentials: dict[str, Any] = field(repr=False)
    config: dict[str, Any] = field(repr=False)
    verdict: Verdict | None = None
    grant: Grant | None = None

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
