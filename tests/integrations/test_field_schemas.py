"""The JSON Schema of every field type gives the serializer's verdict.

What a schema cannot say is declared by the field (`unsaid`) or by what a paste may carry around the
value; then, and only then, the two may differ, and never by refusing more than the server does.
"""

from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rest_framework.serializers import ValidationError

from integrations.field_types import BLANK_SCHEMA, FIELD_TYPES, SpecField, is_blank
from tests.integrations.bad_values import BAD
from tests.integrations.field_values import GOOD, Row, rows
from tests.strategies import json_values, mutations

LINEAR = jsonschema_rs.RegexOptions(size_limit=8 * 1024 * 1024)


def validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=LINEAR)


def server_accepts(field: SpecField, value: Any) -> bool:
    try:
        field.run_validation(value)
    except ValidationError:
        return False
    return True


def is_pasted(row: Row) -> bool:
    return bool({"prefix", "suffix", "strip"} & set(row.spec))


@pytest.mark.parametrize(("type_", "row"), rows(GOOD))
def test_schema_accepts_good_value(type_: str, row: Row) -> None:
    field = row.field(type_)
    is_accepted = validator(field.value_schema()).is_valid(row.value)
    assert is_accepted is row.said
    assert row.said or is_pasted(row), "only what a paste carries may be unsaid of a good value"


@pytest.mark.parametrize(("type_", "row"), rows(BAD))
def test_schema_refuses_bad_value(type_: str, row: Row) -> None:
    field = row.field(type_)
    is_refused = not validator(field.value_schema()).is_valid(row.value)
    assert is_refused is row.said
    assert row.said or field.unsaid or is_pasted(row), "what is unsaid has to be declared"


@pytest.mark.parametrize("type_", FIELD_TYPES)
def test_schema_is_well_formed(type_: str) -> None:
    for row in GOOD[type_]:
        jsonschema_rs.meta.validate(row.field(type_).value_schema())


@given(json_values)
def test_blank_schema_says_what_is_blank(value: Any) -> None:
    assert validator(BLANK_SCHEMA).is_valid(value) is is_blank(value)


@given(st.text(st.characters(max_codepoint=0x3100, exclude_categories=["L", "N"]), max_size=3))
def test_blank_schema_knows_every_blank_character(text: str) -> None:
    assert validator(BLANK_SCHEMA).is_valid(text) is is_blank(text)


@cache
def unpasted(type_: str) -> list[tuple[Row, SpecField, jsonschema_rs.Draft202012Validator]]:
    tables = [row for row in (*GOOD[type_], *BAD[type_]) if not is_pasted(row)]
    different = {repr(sorted(row.spec.items())): row for row in tables}.values()
    fields = [row.field(type_) for row in different]
    checks = [validator(field.value_schema()) for field in fields]
    return list(zip(different, fields, checks, strict=True))


@pytest.mark.parametrize("type_", FIELD_TYPES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_schema_and_server_agree(type_: str, data: st.DataObject) -> None:
    """Over anything that JSON can carry, and above all over what is nearly right."""
    _row, field, check = data.draw(st.sampled_from(unpasted(type_)), label="spec")
    values = [row.value for row in GOOD[type_] if not is_pasted(row)]
    value = data.draw(json_values | st.sampled_from(values).flatmap(mutations), label="value")
    assume(not is_blank(value))
    said, done = check.is_valid(value), server_accepts(field, value)
    if field.unsaid:
        assert said or not done, "a schema may be laxer in what it declares, never stricter"
    else:
        assert said is done
