"""The report of a check that stores nothing: the verdict, its problems, its stages."""

from typing import Any

from connections.services.checked import Verdict
from connections.services.verification import stage_of
from integrations.problems import Problems, as_rows

STAGES = ("shape", "rules", "network", "credential", "scope")
BY_RULES, LIVE = STAGES[:2], STAGES[2:]


def report(found: Problems, verdict: Verdict | None = None) -> dict[str, Any]:
    """`{valid, errors, fields, stages, live}`; `live` is null where nothing was tried.

    A service that could not be asked makes nothing invalid: `live.status` says `unverifiable`.
    """
    rows = as_rows(found)
    failed = {
        getattr(problem, "stage", "shape") for problems in found.values() for problem in problems
    }
    return {
        "valid": not found,
        "errors": [row["message"] for row in rows],
        "fields": rows,
        "stages": [
            *({"name": name, "status": _by_rules(name, failed)} for name in BY_RULES),
            *({"name": name, "status": _live(name, verdict)} for name in LIVE),
        ],
        "live": None if verdict is None else live(verdict),
    }


def _by_rules(name: str, failed: set[str]) -> str:
    return "failed" if name in failed else "passed"


def _live(name: str, verdict: Verdict | None) -> str:
    """Stages before the one that it ended at passed, those after it never began."""
    if verdict is None or verdict.outcome.status == "skipped":
        return "skipped"
    if verdict.passed:
        return "passed"
    end = stage_of(verdict.outcome)
    if name != end:
        return "passed" if LIVE.index(name) < LIVE.index(end) else "skipped"
    # The service was reached, and did not say what it thinks of the credential.
    is_known = verdict.failed or name == "network"
    return "failed" if is_known else "skipped"


def live(verdict: Verdict) -> dict[str, Any]:
    """`{status, cause, message, hint, account, milliseconds}` of a call; never its answer."""
    outcome = verdict.outcome
    account = {"id": outcome.account_id, "label": outcome.account_label}
    return {
        "status": outcome.status,
        "cause": outcome.cause or None,
        "message": str(outcome.message) or None,
        "hint": str(outcome.hint) or None,
        "account": account if outcome.account_id else None,
        "milliseconds": verdict.milliseconds,
    }
