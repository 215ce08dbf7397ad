"""Definitions as catalogue files: what `files.parse` reads back to the same definition.

A file says only what differs from what it would mean without it. Definitions hold no secrets, so
neither does a file.
"""

from dataclasses import replace
from typing import Any

import yaml

from integrations.auth_methods import AUTH_METHODS, all_specs
from integrations.models import is_secure
from integrations.specs import (
    SPEC_ATTRIBUTES,
    Condition,
    IntegrationDefinition,
    MethodDefinition,
    Spec,
    is_same_json,
    label_from_key,
)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Files have no anchors: what stands twice is written twice."""
        return True


def dump(definition: IntegrationDefinition) -> str:
    """The file of a definition."""
    return written(document_of(definition))


def document_of(definition: IntegrationDefinition) -> dict[str, Any]:
    """What its file says, as JSON.

    Where staff arranged the fields in an order that a file has no words for, each gets an `order`.
    """
    is_plain = _read_back(definition) == _arrangement(definition)
    return _integration(definition if is_plain else _numbered(definition))


def written(document: dict[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _arrangement(definition: IntegrationDefinition) -> list[list[str]]:
    return [[spec.path for spec in method.specs] for method in definition.methods]


def _read_back(definition: IntegrationDefinition) -> list[list[str]]:
    """The arrangement that a reader of the file makes of it."""
    common = _common(definition.methods)
    return [
        [spec.path for spec in all_specs(method.kind, method.request, common, _own(method, common))]
        for method in definition.methods
    ]


def _numbered(definition: IntegrationDefinition) -> IntegrationDefinition:
    methods = (
        replace(
            method,
            specs=tuple(replace(spec, order=place) for place, spec in enumerate(method.specs, 1)),
        )
        for method in definition.methods
    )
    return replace(definition, methods=tuple(methods))


def _integration(definition: IntegrationDefinition) -> dict[str, Any]:
    common = _common(definition.methods)
    known: dict[str, Any] = {
        "slug": definition.slug,
        "name": definition.name,
        "type": definition.type,
        "description": definition.description,
        "categories": list(definition.categories),
        "docs_url": definition.docs_url,
        "logo_url": definition.logo_url,
        "status": "" if definition.status == "published" else definition.status,
        "fields": [_field(spec, None) for spec in common],
        "auth_methods": [_method(method, common) for method in definition.methods],
        "translations": definition.translations,
    }
    return {name: value for name, value in known.items() if value}


def _common(methods: tuple[MethodDefinition, ...]) -> tuple[Spec, ...]:
    """The fields that every method begins with, before those that its kind brings."""
    brought = {spec.path for method in methods for spec in _brought(method)}
    if len(methods) < 2 and not brought:
        return ()
    common: list[Spec] = []
    for specs in zip(*(method.specs for method in methods), strict=False):
        if specs[0].path in brought or any(spec != specs[0] for spec in specs):
            break
        common.append(specs[0])
    return tuple(common)


def _brought(method: MethodDefinition) -> tuple[Spec, ...]:
    return AUTH_METHODS[method.kind].brought(method.request)


def _method(method: MethodDefinition, common: tuple[Spec, ...]) -> dict[str, Any]:
    known: dict[str, Any] = {
        "id": method.id,
        "name": method.name,
        "kind": method.kind,
        "default": method.is_default,
        "description": method.description,
        "docs_url": method.docs_url,
        "fields": _own_fields(method, common),
        "rules": method.rules,
        "request": method.request,
        "oauth": method.oauth,
        "test": method.test,
        "translations": method.translations,
    }
    return {name: value for name, value in known.items() if value}


def _own(method: MethodDefinition, common: tuple[Spec, ...]) -> list[Spec]:
    """Its fields beside the common ones and those that its kind brings as they are."""
    brought = {spec.path: spec for spec in _brought(method)}
    return [spec for spec in method.specs[len(common) :] if spec != brought.get(spec.path)]


def _own_fields(method: MethodDefinition, common: tuple[Spec, ...]) -> list[dict[str, Any]]:
    brought = {spec.path: spec for spec in _brought(method)}
    return [_field(spec, brought.get(spec.path)) for spec in _own(method, common)]


def _field(spec: Spec, brought: Spec | None) -> dict[str, Any]:
    """What a file says of a field; null takes a brought field back to saying nothing."""
    base = brought or Spec(
        key=spec.key,
        target=spec.target,
        label=label_from_key(spec.key),
        secure=is_secure(None, spec.target),
    )
    written: dict[str, Any] = {"key": spec.key}
    if spec.target != "credentials":
        written["target"] = spec.target
    for name in SPEC_ATTRIBUTES:
        value = getattr(spec, name)
        if not is_same_json(value, getattr(base, name)):
            written[name] = _value(name, value)
    return written


def _value(name: str, value: Any) -> Any:
    if isinstance(value, Condition):
        return value.written()
    if name == "options":
        return [{"value": one, "label": label} for one, label in value] or None
    if name in ("minimum", "maximum") and value is not None:
        return int(value) if float(value).is_integer() else value
    if isinstance(value, tuple):
        return list(value) or None
    return None if value == "" else value
