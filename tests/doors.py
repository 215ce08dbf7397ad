"""The three doors to a connection, and what each says to the same input.

A form holds text, a program sends JSON. `as_typed` writes a body down as a person would type it;
`as_sent` is what that typing means, so that all doors are told the same.
"""

import json
from typing import Any, NamedTuple

from django.http import QueryDict

from connections.forms import connection_form
from integrations.field_types import SpecField, build_field, is_blank
from integrations.field_types.collections import MultiSelectField
from integrations.problems import as_rows
from integrations.requirements import shown_specs
from integrations.specs import TARGETS, IntegrationDefinition, MethodDefinition

Body = dict[str, Any]


class Verdict(NamedTuple):
    """`rows` are `(field, code, message, hint)`, in order."""

    is_accepted: bool
    rows: list[tuple[str, str, str, str | None]]


class Input(NamedTuple):
    """One input: `typed` for forms, `sent` for programs."""

    typed: QueryDict
    sent: Body


def typed_text(field: SpecField, value: Any) -> Any:
    """What a person would type to say this value."""
    if isinstance(field, MultiSelectField):
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
    if isinstance(value, str):
        # Text areas send every line break as two characters.
        return value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    try:
        text = field.to_form(value)
    except (TypeError, ValueError, AttributeError):
        text = None
    return text if isinstance(text, str) else json.dumps(value)


def can_be_sent(key: str, value: Any) -> bool:
    """What no JSON body may hold at all, the parser refuses before any rule is asked."""
    text = json.dumps([key, value])
    return "\\u0000" not in text and "\\ud" not in text and "\\uD" not in text


def as_input(method: MethodDefinition, body: Body, label: str) -> Input:
    """The same input for forms and for programs."""
    fields = {spec.path: build_field(spec) for spec in method.specs}
    shown = {spec.path for spec in shown_specs(method.specs)}
    typed, sent = QueryDict(mutable=True), {target: {} for target in TARGETS}
    for target in TARGETS:
        section = body.get(target)
        for key, value in section.items() if isinstance(section, dict) else ():
            if not can_be_sent(key, value):
                continue
            path = f"{target}.{key}"
            if path in shown:
                meant = _type(typed, path, fields[path], value)
            else:
                # No form asks for it: it can only be smuggled in, as the text that it is.
                meant = value if isinstance(value, str) else json.dumps(value)
                typed[path] = sent[target][key] = meant
                continue
            if not is_blank(meant):
                sent[target][key] = meant
    typed["label"] = label
    return Input(typed, {**({} if is_blank(label) else {"label": label}), **sent})


def _type(typed: QueryDict, path: str, field: SpecField, value: Any) -> Any:
    text = typed_text(field, value)
    if isinstance(text, list):
        typed.setlist(path, text)
        return field.from_form(text)
    typed[path] = text
    meant = field.from_form(text)
    if field.spec.visible_if is not None and meant == field.from_form(
        field.to_form(field.spec.default)
    ):
        # A form that shows a default in a field that does not apply claims nothing by it.
        return None
    return meant


def through_api(
    client: Any, integration: IntegrationDefinition, method_id: str, sent: Body
) -> Verdict:
    response = client.post_json(
        "/connections",
        {
            "integration": integration.slug,
            "integration_type": integration.type,
            "auth_method_id": method_id,
            **sent,
        },
    )
    if response.status_code == 201:
        return Verdict(True, [])
    assert response.status_code == 400, response.content
    detail = response.json()["detail"]
    assert detail["errors"] == [row["message"] for row in detail["fields"]]
    return Verdict(False, [_row(row) for row in detail["fields"]])


def through_form(base: Any, integration: Any, method: Any, actor: Any, typed: QueryDict) -> Verdict:
    """What a door's form says, as it shows it: each message stands at its own field."""
    form_class = connection_form(base, integration=integration, method=method, actor=actor)
    form = form_class(typed, {})
    is_accepted = form.is_valid()
    rows = as_rows(form.serializer.problems) if not form.serializer.is_valid() else []
    _assert_shown(form, rows)
    return Verdict(is_accepted, [_row(row) for row in rows])


def _assert_shown(form: Any, rows: list[dict[str, Any]]) -> None:
    places = {
        (path, problem.code): form.place_of(path, problem) or "__all__"
        for path, found in (form.serializer.problems if rows else {}).items()
        for problem in found
    }
    shown = [
        (name, error.code, message)
        for name, found in form.errors.as_data().items()
        for error in found
        for message in error.messages
    ]
    assert len(shown) == len(rows)
    for row in rows:
        place = places[row["field"], row["code"]]
        assert any(
            name == place and code == row["code"] and message.startswith(row["message"])
            for name, code, message in shown
        ), (row, shown)


def _row(row: dict[str, Any]) -> tuple[str, str, str, str | None]:
    return row["field"], row["code"], row["message"], row["hint"]
