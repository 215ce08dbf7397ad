"""The document for people: what `templates/api/reference.html` draws, worked out beforehand.

Everything here is read from the OpenAPI document, so that the page cannot say anything else.
"""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from connections.api.openapi.shapes import JSON_TYPE
from integrations.field_types.base import Schema

LIMITS = {
    "minLength": "length at least {}",
    "maxLength": "length at most {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minItems": "length at least {}",
    "maxItems": "length at most {}",
    "minProperties": "members at least {}",
    "maxProperties": "members at most {}",
}


@dataclass(frozen=True)
class Member:
    """A parameter, or a member of an object."""

    name: str
    kind: SafeString
    description: SafeString
    is_required: bool
    place: str = ""


@dataclass(frozen=True)
class Example:
    """`text` is JSON, or a command of a shell."""

    name: str
    text: str


@dataclass(frozen=True)
class Answer:
    """What comes back; `name` is that of a schema or of a refusal, `anchor` its place."""

    status: str
    description: SafeString
    name: str
    examples: tuple[Example, ...]
    anchor: str


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    paragraphs: tuple[SafeString, ...]
    parameters: tuple[Member, ...]
    body: str
    requests: tuple[Example, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Shape:
    """A schema by its name."""

    name: str
    description: SafeString
    kind: SafeString
    members: tuple[Member, ...]


class Reference:
    """The parts of the page, in the order in which they stand on it."""

    def __init__(self, document: Schema, server: str) -> None:
        self.document, self.server = document, server.rstrip("/")
        self.description = worded(document["info"]["description"])
        self.keys = [worded(one["description"]) for one in self._part("securitySchemes").values()]

    @cached_property
    def groups(self) -> list[tuple[str, str, list[Operation]]]:
        """The name of each tag, what it is about, and its operations."""
        operations = [
            (one["tags"][0], self._operation(path, method, one))
            for path, methods in self.document["paths"].items()
            for method, one in methods.items()
        ]
        return [
            (
                tag["name"],
                tag["description"],
                [one for name, one in operations if name == tag["name"]],
            )
            for tag in self.document["tags"]
        ]

    @cached_property
    def refusals(self) -> list[Answer]:
        return [
            Answer("", worded(one["description"]), name, _examples(_content(one)), _refusal(name))
            for name, one in self._part("responses").items()
        ]

    @cached_property
    def shapes(self) -> list[Shape]:
        return [
            Shape(name, worded(one.get("description", "")), kind_of(one), members_of(one))
            for name, one in self._part("schemas").items()
        ]

    def _part(self, name: str) -> Schema:
        return self.document["components"][name]

    def _operation(self, path: str, method: str, one: Schema) -> Operation:
        sent = _content(one.get("requestBody", {}))
        return Operation(
            id=one["operationId"],
            method=method.upper(),
            path=path,
            summary=one["summary"],
            paragraphs=tuple(worded(text) for text in one["description"].split("\n\n")),
            parameters=tuple(map(_parameter, one["parameters"])),
            body=_named(sent.get("schema", {})),
            requests=tuple(self._requests(path, method, sent)),
            answers=tuple(_answer(status, answer) for status, answer in one["responses"].items()),
        )

    def _requests(self, path: str, method: str, sent: Schema) -> Iterator[Example]:
        """What somebody may copy into a shell that knows the key as `KEY`."""
        verb = "" if method == "get" else f" -X {method.upper()}"
        start = f'curl{verb} "{self.server}{path}" -H "Authorization: Bearer $KEY"'
        if not sent:
            yield Example("", start)
        for name, example in sent.get("examples", {}).items():
            body = shlex.quote(json.dumps(example["value"], ensure_ascii=False, indent=2))
            lines = [start, f"-H 'Content-Type: {JSON_TYPE}'", f"-d {body}"]
            yield Example(name, " \\\n  ".join(lines))


def worded(text: str) -> SafeString:
    """The text as HTML; what it has between backticks is code."""
    shapes = cycle(("{}", "<code>{}</code>"))
    drawn = map(format_html, shapes, text.strip().split("`"))
    return format_html_join("", "{}", zip(drawn))


def kind_of(schema: Schema) -> SafeString:
    """What a value may be, as one line of HTML: `list of Problem, length at least 1`."""
    limits = [text.format(schema[name]) for name, text in LIMITS.items() if name in schema]
    if "default" in schema:
        limits.append(f"{json.dumps(schema['default'])} if left out")
    kinds = format_html_join(" ", "{}", ((one,) for one in _kinds(schema)))
    return format_html("{}{}", kinds, "".join(f", {one}" for one in limits))


def _kinds(schema: Schema) -> Iterator[SafeString]:
    if "$ref" in schema:
        yield format_html('<a href="#schema-{0}">{0}</a>', _named(schema))
    elif alternatives := schema.get("anyOf") or schema.get("oneOf"):
        yield format_html_join(" or ", "{}", ((kind_of(one),) for one in alternatives))
    elif "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        yield format_html_join(", ", "<code>{}</code>", ((json.dumps(one),) for one in values))
    elif "items" in schema:
        yield format_html("list of {}", kind_of(schema["items"]))
    elif isinstance(within := schema.get("additionalProperties"), dict):
        yield format_html("object, each member: {}", kind_of(within))
    else:
        yield from _plain_kinds(schema)


def _plain_kinds(schema: Schema) -> Iterator[SafeString]:
    names = schema.get("type", "any value")
    yield format_html("{}", names if isinstance(names, str) else " or ".join(names))
    if "format" in schema:
        yield format_html("({})", schema["format"])
    if "pattern" in schema:
        yield format_html("like <code>{}</code>", schema["pattern"])


def members_of(schema: Schema, prefix: str = "") -> tuple[Member, ...]:
    """The members of an object, and those of the objects within it: `detail.errors`."""
    found: list[Member] = []
    required = schema.get("required", [])
    for name, one in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        said = worded(one.get("description", ""))
        found.append(Member(path, kind_of(one), said, is_required=name in required))
        found += members_of(one, f"{path}.") or members_of(one.get("items", {}), f"{path}[].")
    return tuple(found)


def _parameter(one: Schema) -> Member:
    said = worded(one.get("description", ""))
    required = one.get("required", False)
    return Member(one["name"], kind_of(one["schema"]), said, is_required=required, place=one["in"])


def _answer(status: str, answer: Schema) -> Answer:
    if name := _named(answer):
        return Answer(status, SafeString(), name, (), _refusal(name))
    content = _content(answer)
    name = _named(content.get("schema", {}))
    said = worded(answer["description"])
    return Answer(status, said, name, _examples(content), f"schema-{name}")


def _refusal(name: str) -> str:
    return f"refusal-{name}"


def _content(of: Schema) -> Schema:
    found: Schema = of.get("content", {}).get(JSON_TYPE, {})
    return found


def _examples(content: Schema) -> tuple[Example, ...]:
    return tuple(
        Example(name, json.dumps(one["value"], ensure_ascii=False, indent=2))
        for name, one in content.get("examples", {}).items()
    )


def _named(schema: Schema) -> str:
    """The last part of a reference; nothing where there is none."""
    found: Any = schema.get("$ref", "")
    return str(found).rpartition("/")[2]
