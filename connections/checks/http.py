"""The declared test: one harmless request, and what its answer says of the credential.

`{method, path or url, headers, body}` are sent as the kind of method authenticates; `expect` are
the statuses that pass (2xx by default), `unauthorized` those that mean a refused credential beside
401; `account_id` and `account_label` are dotted paths into the JSON of the answer.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connections.checks.attempts import Attempt
from connections.checks.outcomes import Cause, Outcome, because, passed
from connections.checks.scopes import granted_scopes, missing_scopes
from connections.egress.messages import Answer

LONGEST_ACCOUNT = 255
# Parts of words in errors, the first that fits counts. What says none of it is trouble of theirs.
SIGNS: tuple[tuple[tuple[str, ...], Cause], ...] = (
    (("ratelimit", "rate_limit", "rate limit", "throttl", "complexity"), "rate_limited"),
    (("scope", "permission", "forbidden"), "forbidden_scope"),
    (
        ("auth", "token", "credential", "denied", "login", "inactive", "revoked", "key"),
        "unauthorized",
    ),
)
CAUSE_BY_STATUS: dict[int, Cause] = {
    401: "unauthorized",
    403: "forbidden_scope",
    429: "rate_limited",
}


def check(attempt: Attempt) -> Outcome:
    test = attempt.method.test
    made = attempt.build(
        verb=test.get("method") or "GET",
        path=test.get("path") or "",
        url=test.get("url") or "",
        headers=test.get("headers"),
        body=test.get("body"),
    )
    answer = attempt.call(made)
    if not _is_expected(test, answer.status):
        return because(_cause(attempt, answer.status), details={"status": answer.status})
    return _read(attempt, answer)


def _is_expected(test: Mapping[str, Any], status: int) -> bool:
    return status in statuses(test.get("expect")) if test.get("expect") else 200 <= status <= 299


def statuses(declared: Any) -> tuple[int, ...]:
    """One status or a list of them."""
    listed = declared if isinstance(declared, list | tuple) else [declared]
    return tuple(status for status in listed if isinstance(status, int))


def _cause(attempt: Attempt, status: int) -> Cause:
    if status in statuses(attempt.method.test.get("unauthorized")):
        return "unauthorized"
    if status == 404 and attempt.has_own_address:
        return "not_found_base_url"
    return CAUSE_BY_STATUS.get(status, "service_error")


def _read(attempt: Attempt, answer: Answer) -> Outcome:
    """What an expected answer says: who it is, and what the credential may do."""
    test, details = attempt.method.test, {"status": answer.status}
    account_id = account_label = ""
    if 200 <= answer.status <= 299 and (test.get("account_id") or test.get("account_label")):
        try:
            document = answer.json()
        except ValueError:
            # A page for people: of a proxy, of a sign-in, of whatever else stands there.
            is_own = attempt.has_own_address
            return because("not_found_base_url" if is_own else "service_error", details=details)
        account_id = found_at(document, test.get("account_id"))
        account_label = found_at(document, test.get("account_label"))
        if test.get("account_id") and not account_id:
            # Slack, and everything that speaks GraphQL, answers 200 to a credential it refuses.
            return because(cause_inside(document), details=details)
    scopes = granted_scopes(answer)
    missing = missing_scopes(attempt.method, scopes)
    if missing:
        return because("forbidden_scope", scopes=scopes, details={**details, "missing": missing})
    return passed(
        account_id=account_id, account_label=account_label, scopes=scopes, details=details
    )


def cause_inside(document: Any) -> Cause:
    """What a 200 without an account means, by the words of its `error` or `errors`.

    Without any it is a refusal: the service was asked who is there, and names nobody.
    """
    members = document if isinstance(document, Mapping) else {}
    said = members.get("error") or members.get("errors") or members.get("error_message")
    words = json.dumps(said).lower() if said else ""
    if not words:
        return "unauthorized"
    found = (cause for signs, cause in SIGNS if any(sign in words for sign in signs))
    return next(found, "service_error")


def found_at(document: Any, path: str | None) -> str:
    """The text or number at a dotted path (`data.0.id`); empty where there is none."""
    if not path:
        return ""
    for part in path.split("."):
        if isinstance(document, Mapping):
            document = document.get(part)
        elif isinstance(document, Sequence) and part.isdecimal() and int(part) < len(document):
            document = document[int(part)]
        else:
            return ""
    is_name = isinstance(document, str | int) and not isinstance(document, bool)
    return short(str(document)) if is_name else ""


def short(text: str) -> str:
    """A service's own word, fit to be stored and shown."""
    return "".join(filter(str.isprintable, text.strip()))[:LONGEST_ACCOUNT]
