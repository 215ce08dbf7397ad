"""The report of a check that stores nothing: the verdict, its problems, its stages."""

from typing import Any

from integrations.problems import Problems, as_rows

STAGES = ("shape", "rules", "network", "credential", "scope")


def report(found: Problems) -> dict[str, Any]:
    """`{valid, errors, fields, stages}`; the stages that take a call to the service are skipped."""
    rows = as_rows(found)
    failed = {
        getattr(problem, "stage", "shape") for problems in found.values() for problem in problems
    }
    return {
        "valid": not found,
        "errors": [row["message"] for row in rows],
        "fields": rows,
        "stages": [{"name": name, "status": _status(name, failed)} for name in STAGES],
    }


def _status(name: str, failed: set[str]) -> str:
    if name in ("shape", "rules"):
        return "failed" if name in failed else "passed"
    return "skipped"
