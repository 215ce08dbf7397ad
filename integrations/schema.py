"""A method's rules as JSON Schema 2020-12, from the same fields that carry them out."""

from typing import Any

from integrations.auth_methods import AUTH_METHODS
from integrations.field_types import BLANK_SCHEMA, build_field, is_blank
from integrations.field_types.base import Schema
from integrations.specs import TARGETS, Condition, MethodDefinition, Spec

NEVER: Schema = {"not": {}}


def method_schema(method: MethodDefinition) -> Schema:
    """The schema of `{credentials, config}`.

    `x-rules` lists what JSON Schema cannot say, as `{fields, rule}`; a document may be accepted by
    the schema and refused by the server for these alone.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {target: _section(method, target) for target in TARGETS},
        "additionalProperties": False,
        # JSON Schema allows no empty list here.
        "allOf": [*_presence(method), *_rules(method)] or [{}],
        "x-rules": _unsaid(method),
    }


def _section(method: MethodDefinition, target: str) -> Schema:
    specs = [spec for spec in method.specs if spec.target == target]
    return {
        "type": ["object", "null"],
        "properties": {spec.key: _property(spec) for spec in specs},
        "additionalProperties": False,
    }


def _property(spec: Spec) -> Schema:
    if spec.stage == "setup":
        return BLANK_SCHEMA
    value = {"const": spec.const} if spec.const is not None else build_field(spec).value_schema()
    return {"title": spec.label, "anyOf": [value, BLANK_SCHEMA]}


def _within(spec: Spec, inner: Schema) -> Schema:
    """Holds where the field is present and fits `inner`."""
    section = {"type": "object", "properties": {spec.key: inner}, "required": [spec.key]}
    return {"type": "object", "properties": {spec.target: section}, "required": [spec.target]}


def _given(spec: Spec) -> Schema:
    return _within(spec, {"not": BLANK_SCHEMA})


def _presence(method: MethodDefinition) -> list[Schema]:
    """What each field's conditions demand: its value, or its absence."""
    found: list[Schema] = []
    for spec in method.specs:
        is_open = _open(method, spec)
        if spec.visible_if is not None:
            found.append({"anyOf": [is_open, {"not": _given(spec)}]})
        if not spec.is_shown or spec.default is not None:
            continue
        if spec.required:
            found.append(
                {"anyOf": [{"not": is_open}, _given(spec)]} if spec.visible_if else _given(spec)
            )
        elif spec.required_if is not None:
            demanded = {"allOf": [is_open, _holds(method, spec.required_if)]}
            found.append({"anyOf": [{"not": demanded}, _given(spec)]})
    return found


def _open(method: MethodDefinition, spec: Spec, on_the_way: tuple[str, ...] = ()) -> Schema:
    # A condition that leads back to itself is never true.
    if spec.stage == "setup" or spec.path in on_the_way:
        return NEVER
    if spec.visible_if is None:
        return {}
    return _holds(method, spec.visible_if, (*on_the_way, spec.path))


def _holds(
    method: MethodDefinition, condition: Condition, on_the_way: tuple[str, ...] = ()
) -> Schema:
    controller = method.spec(condition.field)
    if controller is None:
        return NEVER
    fits = [value for value in condition.values if not is_blank(value)]
    said = _within(controller, {"enum": fits}) if fits else NEVER
    fallback = controller.default if controller.const is None else controller.const
    if fallback is not None and condition.holds_for(fallback):
        said = {"anyOf": [said, {"not": _given(controller)}]}
    return {"allOf": [_open(method, controller, on_the_way), said]}


def _rules(method: MethodDefinition) -> list[Schema]:
    found: list[Schema] = []
    for name, groups in method.rules.items():
        for keys in groups:
            specs = map(method.spec, keys)
            given = [_given(spec) if spec is not None else NEVER for spec in specs]
            meanings: dict[str, Schema] = {
                "any_of": {"anyOf": given},
                "one_of": {"oneOf": given},
                "all_or_none": {"anyOf": [{"allOf": given}, {"not": {"anyOf": given}}]},
            }
            found.append(meanings[name])
    return found


def _unsaid(method: MethodDefinition) -> list[dict[str, Any]]:
    found = [
        {"fields": list(fields), "rule": sentence}
        for fields, sentence in AUTH_METHODS[method.kind].unsaid
    ]
    for spec in method.specs:
        field = build_field(spec)
        if field.unsaid:
            found.append({"fields": [spec.path], "rule": f"'{field.name}' {field.unsaid}."})
        if spec.expires and spec.key not in AUTH_METHODS[method.kind].watches:
            sentence = f"'{field.name}' has not expired, where it says when it does."
            found.append({"fields": [spec.path], "rule": sentence})
        if spec.strip or spec.prefix or spec.suffix:
            sentence = f"'{field.name}' is checked without what a paste may carry around it."
            found.append({"fields": [spec.path], "rule": sentence})
    return found
