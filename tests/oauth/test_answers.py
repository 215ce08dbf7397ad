"""Causes of refusals, and how long they ask to wait."""

import json
from typing import Any

import pytest

from connections.egress import Answer
from connections.oauth import answers
from connections.oauth.errors import CAUSES, NETWORK_CAUSES, OAuthError
from tests.oauth.cases import NOW


def said(status: int, members: Any = None, **headers: str) -> Answer:
    body = json.dumps(members).encode() if members is not None else b""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers={"content-type": "application/json", **named}, body=body)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("3600", 3600),
        ("3601", 3600),
        ("1000000000", 3600),
        ("9" * 5000, 3600),
        ("-5", 0),
        ("Tue, 24 Nov 2026 12:00:30 GMT", 30),
        ("Tue, 24 Nov 2026 13:30:00 GMT", 3600),
        ("Tue, 24 Nov 2020 12:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("", None),
        ("soon", None),
        ("1e9", None),
        ("1.5", None),
        ("٧", None),
        ("NaN", None),
        ("Xyz, 99 Abc 2026 99:99:99 GMT", None),
    ],
)
def test_wait_is_between_now_and_an_hour(text: str, seconds: float | None) -> None:
    assert answers.wait_of(said(429, retry_after=text), NOW) == seconds


def test_wait_that_nobody_asked_for_is_none() -> None:
    assert answers.wait_of(said(429), NOW) is None


@pytest.mark.parametrize(
    ("answer", "cause", "wait"),
    [
        (said(429, retry_after="5"), "rate_limited", 5),
        (said(503, retry_after="5"), "unavailable", 5),
        (said(503), "unavailable", None),
        (said(408), "unavailable", None),
        (said(400, {"error": "slow_down"}, retry_after="5"), "rate_limited", 5),
        (said(400, {"error": "INVALID_GRANT "}), "invalid_grant", None),
        (said(400, {"error": {"type": "invalid_scope"}}), "invalid_scope", None),
        (said(400, {"error": 7}), "rejected", None),
        (said(401, {"error": "unheard_of"}), "invalid_client", None),
        (said(403, {"error": "access_denied"}), "access_denied", None),
        (said(418), "rejected", None),
        (said(304), "bad_answer", None),
    ],
    ids=str,
)
def test_refusal(answer: Answer, cause: str, wait: float | None) -> None:
    error = answers.refusal(answer, now=NOW)

    assert (error.cause, error.retry_after) == (cause, wait)


@pytest.mark.parametrize("cause", CAUSES)
def test_only_a_gone_grant_is_final_and_only_outages_are_temporary(cause: Any) -> None:
    error = OAuthError(cause)

    assert error.is_final is (cause == "invalid_grant")
    assert error.is_temporary is (cause in {"rate_limited", "unavailable"})


def test_every_cause_that_is_named_anywhere_is_known() -> None:
    named = {*answers.ERRORS.values(), *answers.STATUSES.values(), *NETWORK_CAUSES.values()}

    assert named <= set(CAUSES)
