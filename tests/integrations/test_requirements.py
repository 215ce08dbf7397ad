"""Presence, unknown members, rules over several fields and normalisation, over a whole method."""

from typing import Any

import pytest

from integrations.requirements import requirements_for
from tests.integrations.methods import checked, codes, method_of, spec, values
from tests.strategies import integration_of

ONE = method_of(spec("one"))
OPTIONAL = method_of(spec("one", required=False))


@pytest.mark.parametrize("blank", [None, "", "  ", "\n", "\u200b", "\ufeff", []])
def test_blank_required_field_is_missing(blank: Any) -> None:
    serializer = checked(ONE, credentials={"one": blank})
    (problem,) = serializer.errors["credentials.one"]
    assert (str(problem), problem.code) == ("Field 'One' is required", "required")


@pytest.mark.parametrize("blank", [None, "", "  ", []])
def test_blank_optional_field_is_absent(blank: Any) -> None:
    assert values(OPTIONAL, credentials={"one": blank}) == {"credentials": {}, "config": {}}


@pytest.mark.parametrize(
    "sections", [{}, {"credentials": None}, {"credentials": None, "config": {}}]
)
def test_section_may_be_absent_or_null(sections: dict[str, Any]) -> None:
    assert values(OPTIONAL, **sections) == {"credentials": {}, "config": {}}
    assert codes(ONE, **sections) == [("credentials.one", "required")]


@pytest.mark.parametrize("section", ["x", 5, [], [1], True, ""])
def test_section_that_is_no_object(section: Any) -> None:
    expected = [("credentials", "invalid_json"), ("credentials.one", "required")]
    assert codes(ONE, credentials=section) == expected
    (problem,) = checked(ONE, credentials=section).errors["credentials"]
    assert str(problem) == "Field 'credentials' must be a JSON object"


def test_default_fills_in_and_a_value_replaces_it() -> None:
    method = method_of(spec("one", default=["a"], type="list"))
    assert values(method)["credentials"] == {"one": ["a"]}
    assert values(method, credentials={"one": ["b"]})["credentials"] == {"one": ["b"]}


def test_default_is_no_ones_to_change() -> None:
    method = method_of(spec("one", default=["a"], type="list"), spec("two", const={}, type="json"))
    first = values(method)["credentials"]
    first["one"].append("changed")
    first["two"]["changed"] = True
    assert values(method)["credentials"] == {"one": ["a"], "two": {}}


@pytest.mark.parametrize(
    ("const", "given", "code"),
    [
        ("x", None, None),
        ("x", "x", None),
        ("x", "y", "const"),
        (1, 1, None),
        (1, True, "const"),
        (True, 1, "const"),
        (False, False, None),
        (False, 0, "const"),
    ],
)
def test_constant(const: Any, given: Any, code: str | None) -> None:
    method = method_of(spec("one", const=const, type="string"))
    found = codes(method, credentials={"one": given})
    assert found == ([("credentials.one", code)] if code else [])
    if code is None:
        stored = values(method)["credentials"]["one"]
        assert stored == const
        assert type(stored) is type(const)


# Unknown members, and several problems at once.


def test_unknown_member_is_refused_with_a_hint() -> None:
    method = method_of(spec("api_key"), spec("region", target="config", required=False))
    found = checked(method, credentials={"api_kee": "x", "zzz": 1}, config={"api_key": "x"}).errors
    assert [(path, str(one), one.hint) for path, (one,) in found.items()] == [
        ("credentials.api_key", "Field 'Api_Key' is required", None),
        ("credentials.api_kee", "Unknown field 'api_kee'", "Did you mean 'api_key'?"),
        ("credentials.zzz", "Unknown field 'zzz'", None),
        ("config.api_key", "Unknown field 'api_key'", None),
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a\nb", "a?b"), ("\u200b", "?"), ("x" * 70, "x" * 64 + "\u2026"), ("\ud800", "?"), ("", "")],
)
def test_unknown_name_is_quoted_safely(name: str, shown: str) -> None:
    (problem,) = checked(OPTIONAL, credentials={name: 1}).errors[f"credentials.{shown}"]
    assert str(problem) == f"Unknown field '{shown}'"


def test_answer_names_only_some_of_thousands_of_unknown_members() -> None:
    found = checked(OPTIONAL, credentials={f"x{number}": 1 for number in range(5000)}).errors
    assert list(found) == [f"credentials.x{number}" for number in range(20)]


def test_every_problem_is_reported_in_the_order_of_the_fields() -> None:
    method = method_of(
        spec("one"),
        spec("two", target="config", type="integer"),
        spec("three", required=False),
        spec("four", required=False),
        spec("five", type="email"),
        rules={"any_of": [["three", "four"]]},
    )
    found = codes(method, config={"two": "x", "other": 1}, credentials={"five": "x"})
    assert found == [
        ("credentials.one", "required"),
        ("config.two", "invalid_integer"),
        ("credentials.three", "any_of"),
        ("credentials.five", "invalid_email"),
        ("config.other", "unknown"),
    ]


# Rules over several fields.

PAIR = (spec("one", required=False), spec("two", required=False))


@pytest.mark.parametrize(
    ("rule", "given", "is_kept"),
    [
        ("any_of", "", False), ("any_of", "one", True), ("any_of", "one two", True),
        ("one_of", "", False), ("one_of", "two", True), ("one_of", "one two", False),
        ("all_or_none", "", True), ("all_or_none", "one", False), ("all_or_none", "one two", True),
    ],
)  # fmt: skip
def test_rule(rule: str, given: str, is_kept: bool) -> None:
    method = method_of(*PAIR, rules={rule: [["one", "two"]]})
    credentials = {"one": "", "two": None} | dict.fromkeys(given.split(), "x")
    expected = [] if is_kept else [("credentials.one", rule)]
    assert codes(method, credentials=credentials) == expected


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("any_of", "Fill in at least one of the fields 'One', 'Two'"),
        ("one_of", "Fill in exactly one of the fields 'One', 'Two'"),
    ],
)
def test_rule_s_message_names_its_fields(rule: str, sentence: str) -> None:
    (problem,) = checked(method_of(*PAIR, rules={rule: [["one", "two"]]})).errors["credentials.one"]
    assert (str(problem), problem.stage) == (sentence, "rules")


def test_what_is_wrong_with_a_field_by_itself_comes_before_its_rule() -> None:
    method = method_of(*PAIR, rules={"all_or_none": [["one", "two"]]})
    assert codes(method, credentials={"one": 5}) == [("credentials.one", "invalid_text")]


# Normalisation.


@pytest.mark.parametrize(
    ("settings", "given", "stored"),
    [
        ({"strip": ("Bearer ",)}, "Bearer abc", "abc"),
        ({"strip": ("quotes",)}, "'abc'", "abc"),
        ({"strip": ("space",)}, "\u200b abc\r\n", "abc"),
        ({"strip": ("space", "quotes", "Bearer ")}, ' "Bearer abc" ', "abc"),
        ({"prefix": "https://"}, "https://abc", "abc"),
        ({"suffix": ".example.com"}, "abc.example.com", "abc"),
        ({"type": "subdomain", "suffix": ".example.com"}, "https://abc.example.com/", "abc"),
    ],
)
def test_paste_is_normalised(settings: dict[str, Any], given: str, stored: str) -> None:
    assert values(method_of(spec("one", **settings)), credentials={"one": given}) == {
        "credentials": {"one": stored},
        "config": {},
    }


@pytest.mark.parametrize("given", [" abc", "abc\n", "\u200babc"])
def test_nothing_is_trimmed_unasked(given: str) -> None:
    (problem,) = checked(ONE, credentials={"one": given}).errors["credentials.one"]
    assert problem.code == "surrounding_space"
    assert problem.hint == "Remove what was copied along with the value."


# The class of a method.


def test_class_is_built_once_per_definition() -> None:
    integration = integration_of(ONE)
    assert requirements_for(integration, ONE) is requirements_for(integration, ONE)
    assert requirements_for(integration_of(ONE), ONE) is not requirements_for(integration, ONE)
