"""Values that a session has set already: a form neither shows them nor lets anybody change them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from integrations.requirements import Given
from integrations.specs import Condition, MethodDefinition, Spec

Config = Mapping[str, Any]


def preset_specs(method: MethodDefinition, config: Config) -> list[Spec]:
    """The method's fields that have a value already."""
    return [spec for spec in method.specs if spec.target == "config" and spec.key in config]


def left_to_ask(method: MethodDefinition, config: Config) -> MethodDefinition:
    """The method without the fields that are set: what hung on them is decided."""
    preset = {spec.path for spec in preset_specs(method, config)}
    if not preset:
        return method
    given = Given(method, {"config": dict(config), "credentials": {}}, {})
    asked = []
    for spec in method.specs:
        is_out = spec.path in preset or (
            _hangs_on(method, spec.visible_if, preset) and not given.is_open(spec)
        )
        if not is_out:
            asked.append(_decided(method, spec, preset, given))
    return replace(method, specs=tuple(asked))


def _hangs_on(method: MethodDefinition, condition: Condition | None, preset: set[str]) -> bool:
    controller = method.spec(condition.field) if condition else None
    return controller is not None and controller.path in preset


def _decided(method: MethodDefinition, spec: Spec, preset: set[str], given: Given) -> Spec:
    if _hangs_on(method, spec.visible_if, preset):
        spec = replace(spec, visible_if=None)
    if _hangs_on(method, spec.required_if, preset):
        is_demanded = spec.required or given.is_demanded(spec)
        spec = replace(spec, required_if=None, required=is_demanded)
    return spec


def with_presets(method: MethodDefinition, config: Config, body: Mapping[str, Any]) -> Any:
    """The `config` of a body with the values that are set and apply, beside what was typed."""
    typed = dict(body.get("config") or {})
    own = {spec.key: config[spec.key] for spec in preset_specs(method, config)}
    merged = {**typed, **own}
    given = Given(method, {"config": merged, "credentials": body.get("credentials") or {}}, {})
    closed = {spec.key for spec in preset_specs(method, config) if not given.is_open(spec)}
    return {key: value for key, value in merged.items() if key not in closed or key in typed}
