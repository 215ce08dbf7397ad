"""The names of checks, the causes they give, and that the catalogue can be tried at all."""

from typing import Any, get_args

import pytest

from connections.checks import CHECKS, run_check
from connections.checks.outcomes import EGRESS_CAUSES, FAILURES, WORDS, Cause, because
from connections.egress import Answer, EgressError, Request
from connections.egress.messages import Cause as EgressCause
from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.serializers import TestShape as DeclaredShape
from integrations.specs import MethodDefinition
from tests.checks.trying import method_of, said, values_of
from tests.integrations.test_outgoing import sample

CAUSES = [cause for cause in get_args(Cause) if cause]


def test_definitions_may_name_the_checks_that_there_are() -> None:
    (declared,) = [spec for spec in DeclaredShape.specs if spec.key == "check"]
    assert [value for value, _label in declared.options] == list(CHECKS)


def test_every_reason_of_the_door_has_a_cause() -> None:
    assert set(EGRESS_CAUSES) == set(get_args(EgressCause))


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_says_what_happened_and_what_to_do(cause: Any) -> None:
    outcome = because(cause)
    assert outcome.status == ("failed" if cause in FAILURES else "unverifiable")
    assert outcome.message
    assert outcome.hint.endswith(".")
    assert set(WORDS) == set(CAUSES)


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        ("bad_url", ("failed", "blocked")),
        ("blocked", ("failed", "blocked")),
        ("dns", ("unverifiable", "dns")),
        ("refused", ("unverifiable", "refused")),
        ("timeout", ("unverifiable", "timeout")),
        ("tls", ("unverifiable", "tls")),
        ("bad_answer", ("unverifiable", "service_error")),
        ("too_large", ("unverifiable", "service_error")),
        ("busy", ("unverifiable", "rate_limited")),
    ],
)
def test_what_the_door_says_becomes_an_outcome(cause: Any, expected: tuple[str, str]) -> None:
    def door(request: Request) -> Answer:
        raise EgressError(cause)

    method = method_of(request={"base_url": "https://api.example.com"}, test={"path": "/me"})
    assert said(run_check(method, values_of(token="t"), token=None, send=door)) == expected


def test_unknown_check_is_an_error_of_the_definition() -> None:
    method = method_of(test={"check": "telepathy"})
    with pytest.raises(KeyError):
        run_check(method, values_of(), token=None, send=lambda request: Answer(status=200))


CALLED_BY_HTTP = [
    pytest.param(method, id=f"{path.stem}-{method.id}")
    for path in sorted(BUILT_IN.glob("*.yaml"))
    for method in read_file(path).methods
    if method.test and method.test.get("check", "http") in ("http", "mcp", "s3")
]


@pytest.mark.parametrize("method", CALLED_BY_HTTP)
def test_filled_method_of_the_catalogue_gets_as_far_as_the_door(method: MethodDefinition) -> None:
    values: dict[str, dict[str, Any]] = {"credentials": {}, "config": {}}
    for spec in method.specs:
        values[spec.target][spec.key] = sample(spec)
    asked: list[Request] = []

    def door(request: Request) -> Answer:
        asked.append(request)
        raise EgressError("dns")

    outcome = run_check(method, values, token="EXAMPLE-token", send=door)
    assert said(outcome) == ("unverifiable", "dns")
    assert len(asked) == 1
