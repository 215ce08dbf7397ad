"""Forms only convert: a value shown and sent back is the same, and no rule is written twice."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.serializers import ValidationError

from integrations.field_types import FIELD_TYPES, SpecField, build_field, is_blank
from integrations.specs import Spec
from tests.integrations import key_material as keys
from tests.integrations.field_values import COLOURS, GOOD, Row, rows
from tests.strategies import json_values, mutations


def field_of(type_: str, **settings: Any) -> SpecField:
    return build_field(Spec(key="value", type=type_, label="Value", secure=False, **settings))


def comes_back(value: Any) -> bool:
    """Browsers send each line break of a text area as CR LF, so CR cannot; NUL no body carries."""
    sent = json.dumps(value)
    return "\\r" not in sent and "\\u0000" not in sent


@pytest.mark.parametrize(("type_", "row"), rows(GOOD))
def test_shown_value_comes_back_unchanged(type_: str, row: Row) -> None:
    field = row.field(type_)
    stored = field.run_validation(row.value)
    typed = field.from_form(field.to_form(stored))
    assert typed == stored or not comes_back(stored)
    assert type(typed) is type(stored)


@pytest.mark.parametrize("type_", FIELD_TYPES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_every_stored_value_comes_back_unchanged(type_: str, data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(GOOD[type_]))
    field = row.field(type_)
    value = data.draw(json_values | st.just(row.value).flatmap(mutations))
    try:
        stored = field.run_validation(value)
    except ValidationError:
        return
    if comes_back(stored):
        assert field.from_form(field.to_form(stored)) == stored


@pytest.mark.parametrize("type_", FIELD_TYPES)
def test_nothing_stored_shows_nothing(type_: str) -> None:
    field = field_of(type_, **COLOURS)
    assert is_blank(field.to_form(None))
    assert is_blank(field.from_form(field.to_form(None)))


CONVERTED: dict[str, list[tuple[Any, Any]]] = {
    "string": [("abc", "abc"), (" abc", " abc")],
    "text": [("a\r\nb", "a\nb")],
    "integer": [("7", 7), (" -7 ", -7), ("0", 0), ("9" * 19, int("9" * 19))],
    "port": [("443", 443)],
    "number": [("7", 7), ("0.5", 0.5), ("-1e3", -1000.0), (" 7 ", 7)],
    "boolean": [("true", True), ("false", False)],
    "list": [
        ("a\r\n\r\n b \r\nc", ["a", "b", "c"]),
        ('["a", " b"]', ["a", " b"]),
        ("[1]", ["[1]"]),
    ],
    "scopes": [(" a  b\nc ", ["a", "b", "c"])],
    "headers": [("X-Key: a: b\r\nAccept:*/*", {"X-Key": "a: b", "Accept": "*/*"})],
    "key_values": [("a: b\n\nc:", {"a": "b", "c": ""}), ('{"a:": "b"}', {"a:": "b"})],
    "json": [('{"a": [1, 2.5]}', {"a": [1, 2.5]}), (" {} ", {})],
    "multiselect": [(["red", "blue"], ["red", "blue"])],
}


@pytest.mark.parametrize(
    ("type_", "typed", "value"),
    [
        pytest.param(type_, *pair, id=f"{type_}-{pair[0]!r}")
        for type_, pairs in CONVERTED.items()
        for pair in pairs
    ],
)
def test_typed_text_becomes_json(type_: str, typed: Any, value: Any) -> None:
    converted = field_of(type_, **COLOURS).from_form(typed)
    assert converted == value
    assert type(converted) is type(value)


NOT_CONVERTED: dict[str, tuple[str, list[Any]]] = {
    "integer": (
        "must be a whole number",
        ["x", "7.0", "1e3", "-0", "0x10", "\u0667", "+7", "07", "7 7", "1_000", "9" * 5000],
    ),
    "port": ("must be a valid port", ["443abc", "+443", "0", "65536", "443.0"]),
    "number": (
        "must be a number",
        ["x", "1,5", ".5", "5.", "NaN", "inf", "Infinity", "1e999", "\u0667", "0x10", "1_000"],
    ),
    "boolean": ("must be true or false", ["True", "1", "yes", "on"]),
    "key_values": ("must be name and value pairs", ["a", "a: b\nc", "a: b\na: c", ": b"]),
    "headers": ("must be name and value pairs", ["X Key: a", "a: b\na: c", "\u00dc: a"]),
    "select": ("must be one of: red, green, blue", ["pink", "Red"]),
    "multiselect": ("must be one of: red, green, blue", [["pink"], ["red", "Red"]]),
    "json": (
        "must be a JSON object",
        [
            "{", "[]", "null", "5", "x", '{"a": 1, "a": 2}', '{"a": NaN}', '{"a": -Infinity}',
            '{"a": 1e999}', '{"a": "\\u0000"}', '{"\\ud800": 1}', '{"a": "\\udfff"}',
            '{"a": ' + "9" * 309 + "}", '{"a":' * 33 + "1" + "}" * 33,
            "[" * 100_000, '{"a":' * 50_000, "{'a': 1}",
        ],
    ),
    "service_account": ("must be a service account key in JSON", ["{}", "x", "[" * 100_000]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "typed"),
    [
        pytest.param(type_, typed, id=f"{type_}-{str(typed)[:20]!r}")
        for type_, (_text, listed) in NOT_CONVERTED.items()
        for typed in listed
    ],
)
def test_what_cannot_be_converted_is_refused_by_the_rule(type_: str, typed: Any) -> None:
    field = field_of(type_, **COLOURS)
    with pytest.raises(ValidationError) as refusal:
        field.run_validation(field.from_form(typed))
    assert str(refusal.value.detail[0]) == f"Field 'Value' {NOT_CONVERTED[type_][0]}"


@pytest.mark.parametrize("type_", FIELD_TYPES)
@given(typed=st.text() | st.none() | st.lists(st.text()))
def test_no_typing_breaks_a_form(type_: str, typed: Any) -> None:
    field = field_of(type_, **COLOURS)
    value = field.from_form(typed)
    if not is_blank(value):
        with suppress(ValidationError):
            field.run_validation(value)


def test_pasted_key_of_a_browser_is_normalised() -> None:
    field = field_of("pem")
    typed = field.from_form(keys.ec_key().replace("\n", "\r\n") + "\r\n")
    assert field.run_validation(typed) == keys.ec_key()


@pytest.mark.parametrize("type_", FIELD_TYPES)
def test_form_field_holds_no_rule(type_: str) -> None:
    form_field = field_of(type_, **COLOURS).form_field()
    assert form_field.required is False
    assert form_field.validators == []
    assert form_field.clean("anything \x00 at all") == "anything \x00 at all"


@pytest.mark.parametrize("type_", FIELD_TYPES)
def test_help_text_is_escaped(type_: str) -> None:
    help_text = field_of(type_, help_text="<script>&", **COLOURS).form_field().help_text
    assert help_text == "&lt;script&gt;&amp;"


@pytest.mark.parametrize("type_", FIELD_TYPES)
def test_widget_of_a_secret_never_shows_it(type_: str) -> None:
    spec = Spec(key="value", type=type_, label="Value", secure=True, **COLOURS)
    form_field = build_field(spec).form_field()
    drawn = form_field.widget.render("value", "red")
    assert form_field.initial is None
    assert ">red<" not in drawn
    assert 'value="red" selected' not in drawn
    assert 'value="red" checked' not in drawn
    assert type_ in ("select", "multiselect") or "red" not in drawn
