"""When a field applies: conditions, chains of them, and the stages of filling in."""

from dataclasses import replace
from typing import Any

import pytest

from integrations.requirements import shown_specs
from integrations.specs import Condition, Spec
from tests.integrations.methods import checked, codes, method_of, spec, values

YES_NO = (("yes", "Yes"), ("no", "No"))
SWITCH = spec("switch", type="select", options=YES_NO, required=False)
SWITCHED = spec("inner", visible_if=Condition("switch", ("yes",)))


@pytest.mark.parametrize(
    ("switch", "credentials", "expected"),
    [
        (SWITCH, {}, []),
        (SWITCH, {"switch": "no"}, []),
        (SWITCH, {"switch": "yes"}, [("inner", "required")]),
        (SWITCH, {"switch": "yes", "inner": "x"}, []),
        (SWITCH, {"inner": "x"}, [("inner", "not_applicable")]),
        (SWITCH, {"inner": 5}, [("inner", "not_applicable")]),
        (SWITCH, {"inner": " "}, []),
        (
            SWITCH,
            {"switch": "maybe", "inner": "x"},
            [("switch", "invalid_choice"), ("inner", "not_applicable")],
        ),
        (replace(SWITCH, default="yes"), {}, [("inner", "required")]),
        (replace(SWITCH, default="yes"), {"switch": "no"}, []),
        (replace(SWITCH, default="yes"), {"switch": "", "inner": "x"}, []),
        (replace(SWITCH, const="yes"), {"inner": "x"}, []),
        (replace(SWITCH, const="no"), {"inner": "x"}, [("inner", "not_applicable")]),
        (replace(SWITCH, stage="setup"), {"inner": "x"}, [("inner", "not_applicable")]),
    ],
)
def test_visible_if(switch: Spec, credentials: dict[str, Any], expected: list[Any]) -> None:
    method = method_of(switch, SWITCHED)
    found = [
        (path.removeprefix("credentials."), code)
        for path, code in codes(method, credentials=credentials)
    ]
    assert found == expected


def test_not_applicable_says_what_to_change() -> None:
    (problem,) = checked(method_of(SWITCH, SWITCHED), credentials={"inner": "x"}).errors[
        "credentials.inner"
    ]
    assert str(problem) == "Field 'Inner' is not applicable here"
    assert problem.hint == "Leave it out, or change 'Switch'."


CHAIN = method_of(
    spec("one", type="select", options=YES_NO, default="yes"),
    spec("two", type="boolean", required=False, visible_if=Condition("one", ("yes",))),
    spec("three", type="integer", required=False, visible_if=Condition("credentials.two", (True,))),
    spec("four", target="config", visible_if=Condition("three", (1, 2))),
)


@pytest.mark.parametrize(
    ("credentials", "config", "expected"),
    [
        ({}, {}, []),
        ({"two": True}, {}, []),
        ({"two": True, "three": 1}, {}, [("config.four", "required")]),
        ({"two": True, "three": 2}, {"four": "x"}, []),
        ({"two": True, "three": 3}, {"four": "x"}, [("config.four", "not_applicable")]),
        ({"two": 1, "three": 1}, {"four": "x"},
         [("credentials.two", "invalid_boolean"), ("credentials.three", "not_applicable"),
          ("config.four", "not_applicable")]),
        ({"two": True, "three": True}, {"four": "x"},
         [("credentials.three", "invalid_integer"), ("config.four", "not_applicable")]),
        ({"one": "no", "two": True, "three": 1}, {"four": "x"},
         [("credentials.two", "not_applicable"), ("credentials.three", "not_applicable"),
          ("config.four", "not_applicable")]),
        ({"one": "no"}, {}, []),
    ],
)  # fmt: skip
def test_chain_of_conditions(
    credentials: dict[str, Any], config: dict[str, Any], expected: list[Any]
) -> None:
    assert codes(CHAIN, credentials=credentials, config=config) == expected


@pytest.mark.parametrize("length", [1, 2, 3, 40])
def test_circle_of_conditions_ends(length: int) -> None:
    """Lint refuses one; a row that was edited by other means must not stop the service."""
    specs = [
        spec(
            f"f{number}", required=False, visible_if=Condition(f"f{(number + 1) % length}", ("x",))
        )
        for number in range(length)
    ]
    given = {one.key: "x" for one in specs}
    expected = [(one.path, "not_applicable") for one in specs]
    assert codes(method_of(*specs), credentials=given) == expected


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ({}, []),
        ({"switch": "yes"}, [("credentials.inner", "required")]),
        ({"switch": "yes", "inner": "x"}, []),
        ({"inner": "x"}, []),
    ],
)
def test_required_if(credentials: dict[str, Any], expected: list[Any]) -> None:
    inner = spec("inner", required=False, required_if=Condition("switch", ("yes",)))
    assert codes(method_of(SWITCH, inner), credentials=credentials) == expected


def test_setup_field_is_refused() -> None:
    method = method_of(spec("one", stage="setup"))
    assert codes(method) == []
    (problem,) = checked(method, credentials={"one": "x"}).errors["credentials.one"]
    assert (problem.code, problem.hint) == (
        "not_applicable",
        "It is set up by staff: leave it out.",
    )


def test_setup_field_with_a_condition_is_still_staff_s() -> None:
    method = method_of(SWITCH, replace(SWITCHED, stage="setup"))
    found = checked(method, credentials={"switch": "yes", "inner": "x"}).errors
    assert found["credentials.inner"][0].hint == "It is set up by staff: leave it out."


@pytest.mark.parametrize("settings", [{"stage": "automatic"}, {"deprecated": True}])
def test_field_that_is_not_asked_for_is_accepted(settings: dict[str, Any]) -> None:
    method = method_of(spec("one", **settings))
    assert shown_specs(method.specs) == []
    assert codes(method) == []
    assert values(method, credentials={"one": "x"})["credentials"] == {"one": "x"}
    assert codes(method, credentials={"one": 5}) == [("credentials.one", "invalid_text")]
