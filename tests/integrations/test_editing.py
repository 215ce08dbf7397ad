"""Example values, request outlines and kept documents, over the whole catalogue."""

import pytest

from integrations.diffs import difference
from integrations.example_values import example_of, example_values
from integrations.export import document_of, written
from integrations.files import parse, read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.request_outline import outline
from integrations.requirements import build_requirements
from integrations.services import definition_digest
from integrations.specs import IntegrationDefinition, Spec

SLUGS = sorted(path.stem for path in BUILT_IN.glob("*.yaml"))
# Key files: nobody writes a real one into a catalogue.
NEEDS_A_KEY = ("private_key", "service_account", "pem")
PLACEHOLDER = "zq-secret-value-{number}"


def builtin(slug: str) -> IntegrationDefinition:
    return read_file(BUILT_IN / f"{slug}.yaml")


@pytest.mark.parametrize("slug", SLUGS)
def test_example_values_pass_the_rules_of_the_catalogue(slug):
    definition = builtin(slug)
    for method in definition.methods:
        values, found = example_values(method), {}
        build_requirements(definition, method)().checked(values, found)
        left = {path for path in found if not path.endswith(NEEDS_A_KEY)}
        left -= {path for path in left if (spec := method.spec(path)) and spec.pattern}
        assert left == set(), (method.id, found)


@pytest.mark.parametrize("slug", SLUGS)
def test_outline_of_a_request_holds_no_secret(slug):
    definition = builtin(slug)
    for method in definition.methods:
        values = example_values(method)
        secrets = []
        for number, spec in enumerate(method.specs):
            if spec.secure and isinstance(values[spec.target].get(spec.key), str):
                secret = PLACEHOLDER.format(number=number)
                values[spec.target][spec.key] = secret
                secrets.append(secret)
        for obtains in (True, False):
            assert "zq-secret" not in repr(outline(method, values, obtains_token=obtains))


@pytest.mark.parametrize("slug", SLUGS)
def test_kept_document_reads_back_the_same(slug):
    definition = builtin(slug)
    again = parse(written(document_of(definition)))
    assert definition_digest(again) == definition_digest(definition)
    assert difference(definition, again) == []


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (Spec(key="a", examples=("first", "second")), "first"),
        (Spec(key="a", default="given", secure=False), "given"),
        (Spec(key="a", pattern="[0-9]{9}"), None),
        (Spec(key="a", min_length=20), "example-example-example-"[:20]),
        (Spec(key="a", max_length=3), "exa"),
        (Spec(key="a", type="integer", minimum=5), 5),
        (Spec(key="a", type="select", options=(("x", "X"), ("y", "Y"))), "x"),
        (Spec(key="a", type="multiselect", options=(("x", "X"), ("y", "Y"))), ["x"]),
        (Spec(key="a", type="pem"), None),
        (Spec(key="a", type="boolean"), True),
    ],
)
def test_example_of_a_field_is_one_that_its_rules_accept(spec, value):
    assert example_of(spec) == value
