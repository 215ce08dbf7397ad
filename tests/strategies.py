"""What hypothesis draws: JSON values, nearly right values, definitions, and bodies for a method."""

from dataclasses import replace
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from rest_framework.serializers import ValidationError

from integrations.auth_methods import all_specs
from integrations.field_types import FIELD_TYPES, SpecField, build_field, is_blank
from integrations.lint import errors
from integrations.requirements import Given
from integrations.rules import RULES
from integrations.specs import (
    TARGETS,
    Condition,
    IntegrationDefinition,
    MethodDefinition,
    Spec,
)
from tests.integrations.field_values import GOOD

# Characters that rules stumble over: blanks, controls, look-alikes, other digits, astral ones.
ODD_CHARACTERS = (
    " \t\n\r\x00\x0b\x1f\x7f\x85\xa0\u200b\u2028\ufeff\u00e9\u0301\u0667\uff11\u3002\U0001f511"
    "/\\:@#?%&=+,;.-_*'\"`<>{}[]()|^$~!aZ09"
)
texts = st.text(max_size=12) | st.text(ODD_CHARACTERS, max_size=8)
numbers = (
    st.integers()
    | st.sampled_from([0, 1, -1, 443, 65_535, 65_536, 2**53, 2**63 - 1, 2**63, -(2**63), 10**30])
    | st.floats(allow_nan=False, allow_infinity=False)
)
scalars = st.none() | st.booleans() | numbers | texts
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def mutations(value: Any) -> st.SearchStrategy[Any]:
    """The value, and what it becomes by one slip of a finger."""
    if isinstance(value, str):
        return _mutated_text(value)
    if isinstance(value, bool) or value is None:
        return st.sampled_from([value, not value, str(value).lower()])
    if isinstance(value, int | float):
        return st.sampled_from([value, value + 1, value - 1, -value, float(value), str(value)])
    if isinstance(value, list):
        return _mutated_list(value)
    return _mutated_object(value) if isinstance(value, dict) else st.just(value)


@st.composite
def _mutated_text(draw: st.DrawFn, value: str) -> str:
    slip = draw(st.sampled_from(["none", "insert", "replace", "delete", "double", "case", "cut"]))
    at = draw(st.integers(0, max(len(value) - 1, 0)))
    letter = draw(st.sampled_from(ODD_CHARACTERS))
    return {
        "none": value,
        "insert": value[:at] + letter + value[at:],
        "replace": value[:at] + letter + value[at + 1 :],
        "delete": value[:at] + value[at + 1 :],
        "double": value + value[at:],
        "case": value.swapcase(),
        "cut": value[:at],
    }[slip]


@st.composite
def _mutated_list(draw: st.DrawFn, value: list[Any]) -> list[Any]:
    changed = list(value)
    if changed and draw(st.booleans()):
        at = draw(st.integers(0, len(changed) - 1))
        changed[at] = draw(mutations(changed[at]) | scalars)
    if draw(st.booleans()):
        changed.append(draw(st.sampled_from(value) if value else scalars))
    return changed


@st.composite
def _mutated_object(draw: st.DrawFn, value: dict[str, Any]) -> dict[str, Any]:
    changed = dict(value)
    if changed:
        name = draw(st.sampled_from(sorted(changed)))
        if draw(st.booleans()):
            changed[name] = draw(mutations(changed[name]) | scalars)
        else:
            del changed[name]
    if draw(st.booleans()):
        changed[draw(texts)] = draw(scalars)
    return changed


# Definitions.

KEYS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
CONTROLLERS = ("select", "boolean", "string", "integer", "list")
KINDS = ("custom", "basic", "bearer", "oauth2", "oauth2_client_credentials", "none")
REQUIRED = st.sampled_from([True, True, False])
STAGES = st.sampled_from(["connect"] * 8 + ["automatic", "setup"])


@st.composite
def specs(draw: st.DrawFn, key: str) -> Spec:
    """A field by itself, with the bounds, options or pattern of a row of the tables of values."""
    type_ = draw(st.sampled_from(CONTROLLERS) | st.sampled_from(sorted(FIELD_TYPES)))
    row = draw(st.sampled_from(GOOD[type_]))
    settings = {"label": key.title(), "required": draw(REQUIRED), **row.spec}
    settings["secure"] = row.spec.get("secure", False)
    extra = draw(st.sampled_from(["none"] * 5 + ["default", "const", "secret", "deprecated"]))
    if extra == "deprecated":
        settings["deprecated"] = True
    elif extra == "secret":
        settings["secure"] = True
    elif extra != "none" and not settings["secure"]:
        settings[extra] = row.expected
    target = draw(st.sampled_from(TARGETS))
    return Spec(key=key, type=type_, target=target, stage=draw(STAGES), **settings)


@st.composite
def conditions(draw: st.DrawFn, others: list[Spec]) -> Condition | None:
    """On one of those fields, asking for what it may be: or for nothing at all."""
    names = [spec for spec in others if spec.type in CONTROLLERS and spec.type != "list"]
    if not names or draw(st.booleans()):
        return None
    controller = draw(st.sampled_from(names))
    fits = [value for value in valid_values(controller) if isinstance(value, str | int)]
    if not fits:
        return None
    listed = draw(st.lists(st.sampled_from(fits), min_size=1, max_size=3))
    return Condition(draw(st.sampled_from([controller.key, controller.path])), tuple(listed))


@st.composite
def methods(draw: st.DrawFn) -> MethodDefinition:
    """A method that has no errors: of several kinds, with conditions in chains, and with rules."""
    own: list[Spec] = []
    for key in draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=5, unique=True)):
        spec = replace(draw(specs(key)), visible_if=draw(conditions(own)))
        if not spec.required:
            spec = replace(spec, required_if=draw(conditions(own)))
        own.append(spec)
    rules = {}
    if len(own) > 1:
        keys = st.sampled_from([spec.key for spec in own])
        groups = st.lists(keys, min_size=2, max_size=3, unique=True)
        for name in draw(st.lists(st.sampled_from(RULES), max_size=2, unique=True)):
            rules[name] = [draw(groups)]
    kind = draw(st.sampled_from(KINDS))
    method = MethodDefinition(
        id="method",
        name="Method",
        kind=kind,
        specs=all_specs(kind, {}, (), own),
        rules=rules,
        oauth={"required_scopes": ["read"]} if kind == "oauth2" else {},
    )
    assume(not errors(integration_of(method)))
    return method


def integration_of(*methods: MethodDefinition) -> IntegrationDefinition:
    return IntegrationDefinition(slug="random", name="Random", type="api", methods=methods)


# Bodies.

_VALID: dict[str, list[Any]] = {}
BLANKS = st.sampled_from([None, "", " ", "\u200b", []])


def valid_values(spec: Spec) -> list[Any]:
    """What the field accepts, of everything that might suit it; empty if nothing does."""
    name = repr(spec)
    if name not in _VALID:
        field = build_field(spec)
        _VALID[name] = [value for value in _suiting(spec) if _is_accepted(field, value)]
    return _VALID[name]


def _suiting(spec: Spec) -> list[Any]:
    suiting = [*spec.examples, *(value for value, _label in spec.options), spec.default, spec.const]
    suiting += [[value] for value, _label in spec.options]
    suiting += [row.value for row in GOOD[spec.type]]
    suiting += [f"{scheme}://ann:secret@db.example.com/app" for scheme in spec.schemes]
    suiting += [letter * (spec.min_length or 1) for letter in "xA1"]
    return suiting


def _is_accepted(field: SpecField, value: Any) -> bool:
    try:
        return not is_blank(value) and field.run_validation(value) is not None
    except ValidationError:
        return False


def some_value(spec: Spec) -> st.SearchStrategy[Any]:
    """A value that the field accepts, or text where none is known."""
    known = valid_values(spec) if spec.const is None else [spec.const]
    return st.sampled_from(known) if known else texts


@st.composite
def valid_inputs(draw: st.DrawFn, method: MethodDefinition) -> dict[str, Any]:
    """`{credentials, config}` that most likely pass: nothing hidden, little missing."""
    body: dict[str, Any] = {target: {} for target in TARGETS}
    for spec in method.specs:
        is_wanted = spec.is_demanded or draw(st.booleans())
        if is_wanted and spec.stage != "setup":
            body[spec.target][spec.key] = draw(some_value(spec))
    for _round in method.specs:
        given = Given(method, body, {})
        for spec in method.specs:
            if not given.is_open(spec):
                body[spec.target].pop(spec.key, None)
    return body


@st.composite
def slipped_inputs(draw: st.DrawFn, method: MethodDefinition) -> dict[str, Any]:
    """Such a body with one to three mistakes in it."""
    body = draw(valid_inputs(method))
    for _mistake in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        _slip(draw, method, body)
    return body


def _slip(draw: st.DrawFn, method: MethodDefinition, body: dict[str, Any]) -> None:
    what = draw(st.sampled_from(["blank", "miss", "change", "random", "hidden", "unknown"]))
    if what == "unknown" or not method.specs:
        section = body[draw(st.sampled_from(TARGETS))]
        section[draw(texts | st.sampled_from(KEYS))] = draw(json_values)
        return
    spec = draw(st.sampled_from(method.specs))
    section = body[spec.target]
    if what == "miss":
        section.pop(spec.key, None)
        return
    strategies = {
        "blank": BLANKS,
        "change": some_value(spec).flatmap(mutations),
        "random": json_values,
        "hidden": some_value(spec),
    }
    section[spec.key] = draw(strategies[what])


@st.composite
def wild_inputs(draw: st.DrawFn, method: MethodDefinition) -> dict[str, Any]:
    """Sections that are missing, null, no objects, or filled with anything."""
    body = {}
    for target in TARGETS:
        known = [spec.key for spec in method.specs if spec.target == target]
        names = st.sampled_from(known) | texts if known else texts
        section = draw(st.none() | json_values | st.dictionaries(names, json_values, max_size=4))
        if draw(st.booleans()):
            body[target] = section
    return body


def inputs(method: MethodDefinition) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of every sort: valid, nearly valid, and neither."""
    valid, slipped = valid_inputs(method), slipped_inputs(method)
    return st.one_of(valid, slipped, slipped, wild_inputs(method))
