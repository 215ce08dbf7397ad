"""Methods to try against services on this machine, and the real door to them."""

from functools import partial
from typing import Any

from connections.checks import Outcome, run_check
from connections.egress import send
from integrations.specs import MethodDefinition, Spec


def method_of(*specs: Spec, kind: str = "bearer", **parts: Any) -> MethodDefinition:
    return MethodDefinition(id="m", name="M", kind=kind, specs=specs, **parts)


def values_of(config: dict[str, Any] | None = None, **credentials: Any) -> dict[str, Any]:
    return {"credentials": credentials, "config": config or {}}


def tried(
    method: MethodDefinition,
    values: dict[str, Any],
    *,
    token: str | None = None,
    seconds: float = 2.0,
) -> Outcome:
    return run_check(method, values, token=token, send=partial(send, seconds=seconds))


def said(outcome: Outcome) -> tuple[str, str]:
    return outcome.status, outcome.cause
