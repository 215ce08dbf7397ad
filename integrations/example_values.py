"""Values that would fit a method: for trying a definition before anybody has a real key."""

import datetime
from collections.abc import Iterator
from typing import Any

from rest_framework.serializers import ValidationError

from integrations.field_types import build_field, is_blank
from integrations.requirements import Given, shown_specs
from integrations.specs import TARGETS, MethodDefinition, Spec

Sections = dict[str, dict[str, Any]]

# What is tried, in turn, for a field that has no example and no default.
BY_TYPE: dict[str, tuple[Any, ...]] = {
    "email": ("ada@example.com",),
    "url": ("https://api.example.com",),
    "hostname": ("api.example.com",),
    "subdomain": ("example",),
    "ip": ("192.0.2.10",),
    "port": (443,),
    "uuid": ("01890a5d-ac96-774b-bcce-b302099a8057",),
    "boolean": (True,),
    "date": ("2099-01-31",),
    "datetime": ("2099-01-31T12:00:00Z",),
    "duration": ("PT1H",),
    "phone": ("+14155550123",),
    "scopes": (["read"],),
    "json": ({"name": "value"},),
    "jwt": ("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",),
    "headers": ({"X-Name": "value"},),
    "key_values": ({"name": "value"},),
    "list": (["first"],),
}


def example_values(method: MethodDefinition) -> Sections:
    """`{credentials, config}` with a value for each field that needs one, or has an example.

    A field is left out where nothing is known that its rules accept: a key file, a pattern without
    an example.
    """
    values: Sections = {target: {} for target in TARGETS}
    for spec in _controllers_first(method):
        given = Given(method, values, {})
        is_wanted = given.is_demanded(spec) or spec.examples or spec.default is not None
        if not is_wanted or not given.is_open(spec) or _is_one_too_many(method, spec, given):
            continue
        value = example_of(spec)
        if value is not None:
            values[spec.target][spec.key] = value
    _satisfy_rules(method, values)
    return values


def example_of(spec: Spec) -> Any:
    """The first value that is known and that the field's own rules accept; None where none is."""
    rule = build_field(spec)
    for value in _candidates(spec):
        try:
            rule.run_validation(value)
        except (ValidationError, ValueError):
            continue
        return value
    return None


def _candidates(spec: Spec) -> Iterator[Any]:
    yield from (value for value in spec.examples if not is_blank(value))
    if spec.default is not None:
        yield spec.default
    if spec.options:
        yield spec.options[0][0]
        yield [spec.options[0][0]]
    if spec.type in ("integer", "number"):
        yield from (1, spec.minimum and round(spec.minimum), spec.maximum and round(spec.maximum))
    yield from BY_TYPE.get(spec.type, ())
    if spec.type == "connection_string":
        yield from (f"{scheme}://user:password@db.example.com/name" for scheme in spec.schemes)
    if spec.type in ("string", "text", "password"):
        shortest, longest = spec.min_length or 1, spec.max_length or 4096
        yield ("example-" * (shortest // 8 + 1))[: max(shortest, min(longest, 13))]
    if spec.type == "date":
        yield datetime.date.today().isoformat()


def _controllers_first(method: MethodDefinition) -> list[Spec]:
    """The shown fields, those that others depend on before these."""
    return sorted(shown_specs(method.specs), key=lambda spec: _depth(method, spec, ()))


def _depth(method: MethodDefinition, spec: Spec, seen: tuple[str, ...]) -> int:
    conditions = [one for one in (spec.visible_if, spec.required_if) if one is not None]
    found = [method.spec(condition.field) for condition in conditions]
    deeper = [one for one in found if one is not None and one.path not in (*seen, spec.path)]
    return max((_depth(method, one, (*seen, spec.path)) + 1 for one in deeper), default=0)


def _is_one_too_many(method: MethodDefinition, spec: Spec, given: Given) -> bool:
    """Whether it would be the second of fields of which one may be given."""
    groups = method.rules.get("one_of") or []
    return any(
        method.spec(name) == spec and any(given.is_given(other) for other in group)
        for group in groups
        for name in group
    )


def _satisfy_rules(method: MethodDefinition, values: Sections) -> None:
    for name, groups in method.rules.items():
        for group in groups:
            given = Given(method, values, {})
            missing = [one for one in group if not given.is_given(one)]
            if name == "all_or_none" and len(missing) == len(group):
                continue
            if name in ("any_of", "one_of"):
                missing = missing[:1] if len(missing) == len(group) else []
            for spec in filter(None, map(method.spec, missing)):
                value = example_of(spec) if given.is_open(spec) else None
                if value is not None:
                    values[spec.target][spec.key] = value
