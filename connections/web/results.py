"""What a live test showed, in words for the person who waits for it: never a value."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.models import Connection
from connections.services.checked import Verdict
from connections.services.retests import Tested
from integrations.texts import stored_in_words

Kind = Literal["passed", "failed", "open", "rules", "untried", "expired", "off"]
KEY = "live_result"

TITLES: dict[str, Any] = {
    "passed": gettext_lazy("%(service)s accepts it"),
    "failed": gettext_lazy("%(service)s does not accept it"),
    "open": gettext_lazy("%(service)s could not be asked"),
    "rules": gettext_lazy("It is not what %(service)s asks for"),
    "untried": gettext_lazy("%(service)s was not asked"),
    "expired": gettext_lazy("The access to %(service)s has ended"),
    "off": gettext_lazy("It is switched off"),
}
OF_STATUS: dict[str, Kind] = {
    Connection.Status.INACTIVE: "off",
    Connection.Status.TESTING: "open",
    Connection.Status.ERROR: "failed",
    Connection.Status.EXPIRED: "expired",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`sentences` are cause and remedy. `is_new`: it answers what the person just did."""

    kind: Kind
    service: str
    sentences: list[str] = field(default_factory=list)
    milliseconds: int | None = None
    at: datetime | None = None
    next_at: datetime | None = None
    account: str = ""
    done: str = ""
    is_new: bool = False

    @property
    def title(self) -> str:
        return str(TITLES[self.kind]) % {"service": self.service}


def result_of(tested: Tested, service: str, **more: Any) -> Result:
    """Of a test that was just made."""
    verdict = tested.verdict
    return Result(
        kind=kind_of(tested),
        service=service,
        sentences=tested.sentences(),
        milliseconds=verdict.milliseconds if verdict is not None else None,
        is_new=True,
        **more,
    )


def kind_of(tested: Tested) -> Kind:
    verdict = tested.verdict
    if any(one.code == "wrong_account" for found in tested.problems.values() for one in found):
        return "failed"
    if tested.problems:
        return "rules"
    if verdict is None or verdict.outcome.status == "skipped":
        return "untried"
    if verdict.passed:
        return "passed"
    return "failed" if verdict.failed else "open"


def refused(verdict: Verdict | None, service: str) -> Result | None:
    """Why a form was refused by the service; None where the service did not refuse it."""
    if verdict is None or not verdict.failed:
        return None
    return result_of(Tested(problems={}, verdict=verdict), service)


def keep(request: HttpRequest, row: Connection, tested: Tested, done: str = "") -> None:
    """For the page that comes next; `done` is what was done before it was tried."""
    result = result_of(tested, row.integration.name)
    # What was not asked says less than the row does, unless all is well with that.
    is_told_by_row = result.kind == "untried" and row.status != Connection.Status.ACTIVE
    request.session[KEY] = {
        "about": _state_of(row),
        "kind": "" if is_told_by_row else result.kind,
        "sentences": result.sentences,
        "milliseconds": result.milliseconds,
        "done": done,
    }


def _state_of(row: Connection) -> list[str]:
    """What a result is about: it says nothing of a connection that was changed since."""
    return [row.public_id, row.updated_at.isoformat()]


def result_for(request: HttpRequest, row: Connection) -> Result:
    """What was just found out about the connection, else what is known of it."""
    kept = request.session.get(KEY)
    if kept is None or kept["about"] != _state_of(row):
        return _of_row(row)
    del request.session[KEY]
    if not kept["kind"]:
        return replace(_of_row(row), done=kept["done"], is_new=True)
    is_tried = kept["kind"] not in ("untried", "rules")
    return Result(
        kind=kept["kind"],
        service=row.integration.name,
        sentences=kept["sentences"],
        milliseconds=kept["milliseconds"],
        at=row.last_tested_at if is_tried and kept["kind"] != "open" else None,
        next_at=_next_of(row),
        account=account_of(row),
        done=kept["done"],
        is_new=True,
    )


def _of_row(row: Connection) -> Result:
    reason = row.status_reason or {}
    said = [stored_in_words(reason.get(name) or "") for name in ("message", "hint")]
    return Result(
        kind=OF_STATUS.get(row.status) or ("passed" if row.last_tested_at else "untried"),
        service=row.integration.name,
        sentences=[" ".join(filter(None, said))] if reason else _nothing_to_say(row),
        milliseconds=row.last_test_ms,
        at=row.last_tested_at,
        next_at=_next_of(row),
        account=account_of(row),
    )


def _nothing_to_say(row: Connection) -> list[str]:
    if row.status == Connection.Status.INACTIVE:
        return [_("Nothing can use it until it is switched on again.")]
    if row.last_tested_at is None:
        return [_("What is stored fits what it asks for. Test it to see whether it works.")]
    return []


def _next_of(row: Connection) -> datetime | None:
    return row.next_test_at if row.status != Connection.Status.INACTIVE else None


def account_of(row: Connection) -> str:
    return row.account_label or row.account_id
