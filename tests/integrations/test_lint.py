"""What lint finds in a definition: each finding once, and none in what we ship."""

from dataclasses import replace
from typing import Any

import pytest

from integrations.files import read_file
from integrations.lint import Finding, errors, lint
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.specs import Condition, MethodDefinition, Spec
from tests.strategies import integration_of

OPTIONS = (("a", "A"), ("b", "B"))
OTHER = Spec(key="other", label="Other", type="select", secure=False, options=OPTIONS)


def spec(**settings: Any) -> Spec:
    return Spec(**{"key": "one", "label": "One", "secure": False, **settings})


def method_of(*specs: Spec, **settings: Any) -> MethodDefinition:
    given = {"id": "m", "name": "M", "kind": "custom", "specs": specs, **settings}
    return MethodDefinition(**given)


def found_in(*methods: MethodDefinition) -> list[tuple[str, str, str]]:
    found = lint(integration_of(*methods))
    return [(finding.level, finding.where, finding.code) for finding in found]


def test_clean_definition_has_no_finding() -> None:
    assert found_in(method_of(spec(), OTHER)) == []


SPEC_FINDINGS: dict[str, tuple[Spec, str, str]] = {
    "unknown type": (spec(type="colour"), "error", "unknown_type"),
    "key with a space": (spec(key="a b"), "error", "bad_key"),
    "key with a digit first": (spec(key="1a"), "error", "bad_key"),
    "key too long": (spec(key="a" * 65), "error", "bad_key"),
    "no label": (spec(label=" "), "error", "no_label"),
    "secret word": (spec(key="client_secret"), "error", "not_secure"),
    "secret word with hyphens": (spec(key="API-Key"), "error", "not_secure"),
    "secret default": (spec(secure=True, default="x"), "error", "secret_default"),
    "secret constant": (spec(secure=True, const="x"), "error", "secret_default"),
    "pattern that cannot run": (spec(pattern="(", examples=("a",)), "error", "bad_pattern"),
    "forbidden pattern that cannot run": (spec(forbidden_pattern="(?=a)"), "error", "bad_pattern"),
    "pattern anchored at its start": (
        spec(pattern="^a", examples=("a",)),
        "warning",
        "half_anchored",
    ),
    "pattern anchored at its end": (
        spec(pattern="a$", examples=("a",)),
        "warning",
        "half_anchored",
    ),
    "pattern without examples": (spec(pattern="a"), "warning", "no_examples"),
    "lengths crossed": (spec(min_length=5, max_length=4), "error", "bad_bounds"),
    "no length": (spec(max_length=0), "error", "bad_bounds"),
    "bounds crossed": (spec(type="integer", minimum=2, maximum=1), "error", "bad_bounds"),
    "one option": (spec(type="select", options=OPTIONS[:1]), "error", "few_options"),
    "no option": (spec(type="multiselect"), "error", "few_options"),
    "same options": (spec(type="select", options=(*OPTIONS, ("a", "C"))), "error", "same_options"),
    "blank option": (spec(type="select", options=(*OPTIONS, (" ", "C"))), "error", "blank_option"),
    "option without label": (
        spec(type="select", options=(*OPTIONS, ("c", ""))),
        "error",
        "blank_option",
    ),
    "no schemes": (spec(type="connection_string"), "error", "no_schemes"),
    "bad scheme": (spec(type="connection_string", schemes=("x|.*",)), "error", "bad_schemes"),
    "other scheme of a URL": (spec(type="url", schemes=("ftp",)), "error", "bad_schemes"),
    "example refused": (spec(type="email", examples=("a@b",)), "error", "example_fails"),
    "blank example": (spec(examples=(" ",)), "error", "example_fails"),
    "bad example accepted": (spec(bad_examples=("a",)), "error", "example_fails"),
    "default refused": (spec(type="integer", default="5"), "error", "example_fails"),
    "default outside its bounds": (
        spec(type="integer", default=5, maximum=4),
        "error",
        "example_fails",
    ),
    "constant refused": (spec(type="boolean", const="yes"), "error", "example_fails"),
    "condition on nothing": (spec(visible_if=Condition("x", ("a",))), "error", "unknown_name"),
    "need on nothing": (spec(required_if=Condition("x", ("a",))), "error", "unknown_name"),
    "condition on itself": (spec(visible_if=Condition("one", ("a",))), "error", "circle"),
    "condition never true": (spec(visible_if=Condition("other", ("c",))), "error", "never_true"),
    "condition on another type": (
        spec(visible_if=Condition("other", (True,))),
        "error",
        "never_true",
    ),
    "optional and never true": (
        spec(visible_if=Condition("other", ("c",)), required=False),
        "warning",
        "never_true",
    ),
    "blank in a condition": (
        spec(visible_if=Condition("other", ("a", " "))),
        "error",
        "blank_condition",
    ),
}


@pytest.mark.parametrize("name", SPEC_FINDINGS)
def test_finding_in_a_field(name: str) -> None:
    one, level, code = SPEC_FINDINGS[name]
    assert found_in(method_of(one, OTHER)) == [(level, f"m.{one.key}", code)]


def test_condition_on_what_staff_set_up_is_never_true() -> None:
    one = spec(visible_if=Condition("other", ("a",)))
    method = method_of(one, replace(OTHER, stage="setup"))
    assert found_in(method) == [("error", "m.one", "never_true")]


def test_condition_on_a_constant() -> None:
    flag = Spec(key="flag", label="Flag", type="boolean", secure=False, const=True)
    assert found_in(method_of(flag, spec(visible_if=Condition("flag", (True,))))) == []
    found = found_in(method_of(flag, spec(visible_if=Condition("flag", (1,)))))
    assert found == [("error", "m.one", "never_true")]


def test_every_field_of_a_circle_is_named() -> None:
    chain = [spec(key=a, visible_if=Condition(b, ("x",))) for a, b in ("ab", "bc", "ca")]
    assert found_in(method_of(*chain)) == [("error", f"m.{key}", "circle") for key in "abc"]


@pytest.mark.parametrize("key", ["token_type", "secret_name", "token_url", "key", "username"])
def test_telling_key_may_be_public(key: str) -> None:
    assert found_in(method_of(spec(key=key))) == []


def test_brought_field_keeps_the_type_that_its_kind_reads() -> None:
    one = spec(key="expires_at", type="string", required=False)
    urls = {"authorization_url": "https://x.example", "token_url": "https://x.example"}
    method = method_of(one, kind="oauth2", oauth=urls)
    found = [row for row in found_in(method) if row[0] == "error" and row[2] != "unknown_name"]
    assert found == [("error", "m.expires_at", "changed_type")]


METHOD_FINDINGS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no fields": ({"specs": ()}, "error", "no_fields"),
    "no URLs": ({"kind": "oauth2_client_credentials"}, "warning", "no_oauth_url"),
    "no place for the key": ({"kind": "api_key"}, "error", "no_location"),
    "unknown name in the request": (
        {"request": {"base_url": "https://{x}"}},
        "error",
        "unknown_name",
    ),
    "unknown name in the test": ({"test": {"path": "/{x}"}}, "error", "unknown_name"),
    "unknown name deep down": ({"request": {"headers": {"A": "{x}"}}}, "error", "unknown_name"),
    "unknown rule": ({"rules": {"none_of": [["one", "other"]]}}, "error", "unknown_rule"),
    "rule is no list": ({"rules": {"any_of": {"one": "other"}}}, "error", "bad_rule"),
    "group is no list": ({"rules": {"any_of": ["one", "other"]}}, "error", "bad_rule"),
    "group of one": ({"rules": {"any_of": [["one"]]}}, "error", "bad_rule"),
    "group of numbers": ({"rules": {"any_of": [[1, 2]]}}, "error", "bad_rule"),
    "rule on nothing": ({"rules": {"any_of": [["one", "x"]]}}, "error", "unknown_name"),
}


@pytest.mark.parametrize("name", METHOD_FINDINGS)
def test_finding_in_a_method(name: str) -> None:
    settings, level, code = METHOD_FINDINGS[name]
    settings = {"specs": (spec(), OTHER), **settings}
    assert found_in(method_of(**settings)) == [(level, "m", code)]


def test_findings_of_an_integration() -> None:
    assert found_in() == [("warning", "", "no_method")]
    one, two = (method_of(spec(), id=name, is_default=True) for name in ("a", "b"))
    assert found_in(one, two) == [("error", "", "two_defaults")]


@pytest.mark.parametrize(
    ("oauth", "codes"), [({"token_url": "https://x.example"}, []), ({}, ["unknown_name"])]
)
def test_obtained_token_may_stand_in_a_template(oauth: dict[str, str], codes: list[str]) -> None:
    request = {"headers": {"X-Token": "{access_token}"}}
    method = method_of(spec(), request=request, oauth=oauth)
    assert [code for _level, _where, code in found_in(method)] == codes


def test_issuer_stands_for_the_urls() -> None:
    method = method_of(spec(), kind="oauth2", oauth={"issuer": "https://x.example"})
    assert "no_oauth_url" not in {code for _level, _where, code in found_in(method)}


def test_errors_come_first_and_say_where() -> None:
    method = method_of(spec(pattern="a"), OTHER, rules={"any_of": [["one", "x"]]})
    integration = integration_of(method)
    assert [finding.level for finding in lint(integration)] == ["error", "warning"]
    assert [str(finding) for finding in errors(integration)] == [
        "m: A rule names 'x', which is no field."
    ]
    assert str(Finding("error", "", "x", "Text.")) == "Text."


def test_same_finding_is_told_once() -> None:
    one = spec(examples=("", " "))
    assert found_in(method_of(one)) == [("error", "m.one", "example_fails")]


@pytest.mark.parametrize("path", sorted(BUILT_IN.glob("*.yaml")), ids=lambda path: path.stem)
def test_catalogue_has_no_finding(path: Any) -> None:
    assert lint(read_file(path)) == []
