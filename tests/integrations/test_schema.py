"""A method's JSON Schema and its serializer give one verdict over whole documents.

Where they may differ is what the schema itself declares in `x-rules`: then a refusal of the server
names one of the fields that are declared there, and nothing else.
"""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.requirements import build_requirements
from integrations.schema import method_schema
from integrations.specs import Condition, IntegrationDefinition, MethodDefinition, Spec
from tests.strategies import inputs, integration_of, methods

FILES = sorted(BUILT_IN.glob("*.yaml"))
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@cache
def definition(path: Path) -> IntegrationDefinition:
    return read_file(path)


def validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    options = jsonschema_rs.RegexOptions(size_limit=8 * 1024 * 1024)
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=options)


def as_normalised(
    method: MethodDefinition, body: dict[str, Any], values: dict[str, Any]
) -> dict[str, Any]:
    """The body with every paste replaced by what was made of it."""
    body = deepcopy(body)
    for spec in method.specs:
        is_pasted = spec.prefix or spec.suffix or spec.strip
        if is_pasted and (body.get(spec.target) or {}).get(spec.key) is not None:
            section = values[spec.target]
            body[spec.target][spec.key] = section.get(spec.key)
    return body


def agree(method: MethodDefinition, body: dict[str, Any]) -> bool:
    """Assert that both say the same of a body, as far as the schema can say it; what they say."""
    schema = method_schema(method)
    serializer = build_requirements(integration_of(method), method)(data=body)
    is_valid = serializer.is_valid()
    if is_valid:
        normalised = as_normalised(method, body, serializer.validated_data)
        assert validator(schema).is_valid(normalised), "the schema refuses what the server accepts"
    elif validator(schema).is_valid(body):
        declared = {path for rule in schema["x-rules"] for path in rule["fields"]}
        assert set(serializer.problems) <= declared, "a refusal that the schema does not declare"
    return is_valid


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
@given(data=st.data())
def test_catalogue_file(path: Path, data: st.DataObject) -> None:
    method = data.draw(st.sampled_from(definition(path).methods))
    event("valid" if agree(method, data.draw(inputs(method))) else "invalid")


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(data=st.data())
def test_random_method(data: st.DataObject) -> None:
    method = data.draw(methods())
    for body in data.draw(st.lists(inputs(method), min_size=4, max_size=8)):
        event("valid" if agree(method, body) else "invalid")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_schema_is_well_formed(path: Path) -> None:
    for method in definition(path).methods:
        schema = method_schema(method)
        jsonschema_rs.meta.validate(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def spec(key: str, **settings: Any) -> Spec:
    return Spec(key=key, label=key.title(), secure=False, **settings)


def method_of(*specs: Spec, **settings: Any) -> MethodDefinition:
    return MethodDefinition(id="m", name="M", kind="custom", specs=specs, **settings)


MODE = spec("mode", type="select", default="a", options=(("a", "A"), ("b", "B")))
ON_B = Condition("mode", ("b",))
CONDITIONAL = method_of(
    MODE, spec("key", visible_if=ON_B), spec("note", visible_if=ON_B, required=False)
)
CIRCLE = method_of(
    spec("one", visible_if=Condition("two", ("x",)), required=False),
    spec("two", visible_if=Condition("one", ("x",)), required=False),
)  # fmt: skip
SETUP = method_of(spec("one", stage="setup"))
CONSTANT = method_of(spec("one", type="integer", const=1))
RULES = method_of(
    spec("one", required=False),
    spec("two", required=False),
    rules={"one_of": [["one", "two"]]},
)

DOCUMENTS: list[tuple[str, MethodDefinition, dict[str, Any], bool]] = [
    ("nothing where nothing is needed", method_of(), {}, True),
    ("null sections", method_of(), {"credentials": None, "config": None}, True),
    ("section is a list", method_of(), {"credentials": []}, False),
    ("section is text", method_of(), {"config": "x"}, False),
    ("missing", method_of(spec("one")), {}, False),
    ("in the other section", method_of(spec("one")), {"config": {"one": "x"}}, False),
    ("unknown beside it", method_of(spec("one")), {"credentials": {"one": "x", "b": 1}}, False),
    ("unknown and blank", method_of(), {"credentials": {"b": None}}, False),
    ("blank", method_of(spec("one")), {"credentials": {"one": "\u200b"}}, False),
    ("hidden by a default", CONDITIONAL, {}, True),
    ("hidden and given", CONDITIONAL, {"credentials": {"key": "x"}}, False),
    ("hidden and blank", CONDITIONAL, {"credentials": {"key": " "}}, True),
    ("shown and missing", CONDITIONAL, {"credentials": {"mode": "b"}}, False),
    ("shown and given", CONDITIONAL, {"credentials": {"mode": "b", "key": "x"}}, True),
    ("circle", CIRCLE, {}, True),
    ("circle and given", CIRCLE, {"credentials": {"one": "x", "two": "x"}}, False),
    ("constant left out", CONSTANT, {}, True),
    ("constant repeated", CONSTANT, {"credentials": {"one": 1}}, True),
    ("constant as a truth value", CONSTANT, {"credentials": {"one": True}}, False),
    ("none of one", RULES, {}, False),
    ("one of one", RULES, {"credentials": {"one": "x", "two": ""}}, True),
    ("two of one", RULES, {"credentials": {"one": "x", "two": "y"}}, False),
    ("setup", SETUP, {}, True),
    ("setup and given", SETUP, {"credentials": {"one": "x"}}, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "body", "is_valid"), [pytest.param(*row, id=name) for name, *row in DOCUMENTS]
)
def test_document(method: MethodDefinition, body: dict[str, Any], is_valid: bool) -> None:
    assert agree(method, body) is is_valid
    assert validator(method_schema(method)).is_valid(body) is is_valid


def test_unknown_section_is_refused_by_the_schema() -> None:
    assert not validator(method_schema(method_of())).is_valid({"secrets": {}})


def test_schema_names_its_fields_for_people() -> None:
    schema = method_schema(method_of(spec("one"), spec("two", target="config")))
    assert schema["properties"]["credentials"]["properties"]["one"]["title"] == "One"
    assert schema["properties"]["config"]["properties"]["two"]["title"] == "Two"


def test_schema_holds_no_default_of_a_secret() -> None:
    method = method_of(Spec(key="one", label="One", secure=True, default="s3cret"))
    assert "s3cret" not in str(method_schema(method))
