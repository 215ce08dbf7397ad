"""Catalogue files: one YAML document per integration, read strictly and written back the same.

Nothing in a file is executed, expanded or followed: no tags, no anchors, no duplicate keys.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import yaml

from integrations.auth_methods import AUTH_METHODS, all_specs
from integrations.models import is_secure
from integrations.requirements import StrictSerializer
from integrations.serializers import (
    FieldShape,
    IntegrationShape,
    MethodShape,
    OAuthShape,
    RequestShape,
    TestShape,
)
from integrations.specs import (
    Condition,
    IntegrationDefinition,
    MethodDefinition,
    Spec,
    label_from_key,
)
from integrations.translations import (
    FieldTexts,
    IntegrationTexts,
    MethodTexts,
    translation_problems,
)

# The largest of the catalogue has a tenth of it; the parser takes seconds for more.
LARGEST_FILE = 64 * 1024
_DEFAULTS: dict[str, Any] = {attribute.name: attribute.default for attribute in fields(Spec)}
_DEFAULTS["translations"] = {}


class FileError(ValueError):
    """A file that is no definition; the message names the line."""


class Mapping(dict[str, Any]):
    """A mapping of a file that remembers the line of each of its keys."""

    lines: dict[str, int]
    line: int


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
            raise FileError(f"line {line}: aliases are not allowed")
        return super().compose_node(parent, index)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Mapping:
    found = Mapping()
    found.lines, found.line = {}, node.start_mark.line + 1
    for key_node, value_node in node.value:
        key, line = loader.construct_object(key_node, deep=True), key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise FileError(f"line {line}: a key must be text")
        if key in found:
            raise FileError(f"line {line}: the key '{key}' stands here twice")
        found.lines[key] = line
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _number(loader: _Loader, node: yaml.ScalarNode) -> float:
    is_whole = node.tag.endswith(":int")
    try:
        number = loader.construct_yaml_int(node) if is_whole else loader.construct_yaml_float(node)
        if math.isfinite(number):
            return number
    except (ValueError, OverflowError):
        pass
    raise FileError(f"line {node.start_mark.line + 1}: this number cannot be used")


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(node.value)


_TAG = "tag:yaml.org,2002:"
# What JSON knows, and nothing else: no sets, no bytes, no tags of one's own.
_Loader.yaml_constructors = {
    **{
        tag: yaml.SafeLoader.yaml_constructors[tag]
        for tag in (f"{_TAG}null", f"{_TAG}bool", f"{_TAG}str", f"{_TAG}seq", None)
    },
    f"{_TAG}map": _mapping,
    f"{_TAG}int": _number,
    f"{_TAG}float": _number,
    # A date in a file is the text that its author wrote.
    f"{_TAG}timestamp": _text,
}


def read_file(path: Path) -> IntegrationDefinition:
    """The definition in a file; FileError names the line of what is wrong."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileError(f"the file is larger than {LARGEST_FILE} bytes")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise FileError(f"the file cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FileError("the file is not UTF-8") from error
    return parse(text)


def parse(text: str) -> IntegrationDefinition:
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, made stricter
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise FileError(f"{line}{getattr(error, 'problem', None) or 'not YAML'}") from error
    except RecursionError as error:
        raise FileError("the file is nested too deeply") from error
    return _integration(document)


def _integration(document: Any) -> IntegrationDefinition:
    shape = _checked(IntegrationShape, document, 1)
    common = _specs(document, ())
    methods = tuple(_method(method, common) for method in _rows(document, "auth_methods"))
    _refuse_twice([(method.id, f"the method '{method.id}'") for method in methods], document)
    return _definition(shape, methods, _translations(IntegrationTexts, document))


def _definition(
    shape: dict[str, Any], methods: tuple[MethodDefinition, ...], translations: dict[str, Any]
) -> IntegrationDefinition:
    known = {
        name: value
        for name, value in shape.items()
        if name not in ("fields", "auth_methods", "translations")
    }
    known["categories"] = tuple(known.get("categories", ()))
    known["translations"] = translations
    return IntegrationDefinition(methods=methods, **known)


def _method(document: Any, common: list[Spec]) -> MethodDefinition:
    shape = _checked(MethodShape, document, getattr(document, "line", 1))
    request, oauth, test = (
        _part(part, document, name)
        for name, part in (("request", RequestShape), ("oauth", OAuthShape), ("test", TestShape))
    )
    own = _specs(document, (*common, *AUTH_METHODS[shape["kind"]].brought(request)))
    return MethodDefinition(
        id=shape["id"],
        name=shape["name"],
        kind=shape["kind"],
        description=shape.get("description", ""),
        is_default=shape.get("default", False),
        docs_url=shape.get("docs_url", ""),
        specs=all_specs(shape["kind"], request, common, own),
        rules=_plain(shape.get("rules", {})),
        request=request,
        oauth=oauth,
        test=test,
        translations=_translations(MethodTexts, document),
    )


def _translations(texts: type[StrictSerializer], document: Any) -> dict[str, Any]:
    """As the file has them; FileError names the line of what is no language or no attribute."""
    written = document.get("translations")
    if written is None:
        return {}
    for path, problem in translation_problems(texts, written):
        line, inner = document.lines["translations"], written
        for key in path:
            line = inner.lines.get(key, line)
            inner = inner.get(key)
        raise FileError(f"line {line}: {problem}")
    plain: dict[str, Any] = _plain(written)
    return plain


def _part(shape: type[StrictSerializer], document: Any, name: str) -> dict[str, Any]:
    """The file's own words; the shape says whether they are understood. Scopes become lists."""
    if not document.get(name):
        return {}
    checked = _checked(shape, document[name], document.lines[name])
    scopes = {spec.key for spec in shape.specs if spec.type == "scopes"} & set(checked)
    plain: dict[str, Any] = _plain(document[name])
    return plain | {key: checked[key] for key in scopes}


def _specs(document: Any, known: Iterable[Spec]) -> list[Spec]:
    by_path = {spec.path: spec for spec in known}
    specs = [_spec(field, by_path) for field in _rows(document, "fields")]
    _refuse_twice([(spec.path, f"the field '{spec.path}'") for spec in specs], document)
    return specs


def _refuse_twice(rows: list[tuple[str, str]], document: Any) -> None:
    seen = set()
    for name, described in rows:
        if name in seen:
            raise FileError(f"line {document.line}: {described} stands here twice")
        seen.add(name)


def _spec(document: Any, known: dict[str, Spec]) -> Spec:
    """A field of a file: new, or a refinement of one that the kind or the integration brings."""
    line = getattr(document, "line", 1)
    shape = _checked(FieldShape, document, line)
    given = {name: _frozen(name, value, document.lines[name]) for name, value in shape.items()}
    if "translations" in given:
        given["translations"] = _translations(FieldTexts, document)
    target = given.get("target", "credentials")
    secure = is_secure(None, target)
    # What is named and left blank goes back to what it is when nobody names it.
    blank = {name: _DEFAULTS[name] for name in document if name not in given}
    if "secure" in blank:
        blank["secure"] = secure
    new = Spec(key=given["key"], target=target, secure=secure)
    spec = replace(known.get(new.path, new), **blank, **given)
    return spec if spec.label else replace(spec, label=label_from_key(spec.key))


def _frozen(name: str, value: Any, line: int) -> Any:
    try:
        if name in ("visible_if", "required_if"):
            return Condition.parse(value)
        if name == "options":
            return tuple(map(_option, value))
        if name in ("examples", "bad_examples", "strip", "schemes"):
            return tuple(_plain(value)) if isinstance(value, list) else (value,)
        if name in ("minimum", "maximum"):
            return float(value)
    except (TypeError, KeyError, ValueError, OverflowError) as error:
        raise FileError(f"line {line}: '{name}' has another shape: {error}") from error
    return _plain(value)


def _option(one: Any) -> tuple[str, str]:
    if set(one) != {"value", "label"} or not all(isinstance(text, str) for text in one.values()):
        raise ValueError("an option is {value: text, label: text}; put what is no text in quotes")
    return one["value"], one["label"]


def _plain(value: Any) -> Any:
    """The same value in ordinary dicts."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _rows(document: Any, name: str) -> Iterator[Any]:
    rows = document.get(name) or []
    if not isinstance(rows, list):
        raise FileError(f"line {document.lines[name]}: '{name}' must be a list")
    yield from rows


def _checked(shape: type[StrictSerializer], document: Any, line: int) -> dict[str, Any]:
    if not isinstance(document, Mapping):
        raise FileError(f"line {line}: a mapping is needed here")
    serializer = shape(data=document)
    if serializer.is_valid():
        return dict(serializer.validated_data)
    for key, found in serializer.problems.items():
        at = document.lines.get(key, document.line)
        hint = f" {found[0].hint}" if found[0].hint else ""
        raise FileError(f"line {at}: {found[0]}.{hint}")
    raise AssertionError("a refused document has a problem")
