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
    # `(id, label)` of whom the service signed them out to; blank where only a test can tell.
    account: tuple[str, str] = ("", "")

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
    def account_told(self) -> tuple[str, str]:
        """Whose they are, by the live test or by the consent."""
        outcome = self.verdict.outcome if self.verdict is not None else None
        if outcome is not None and outcome.account_id:
            return outcome.account_id, outcome.account_label
        return self.account

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
