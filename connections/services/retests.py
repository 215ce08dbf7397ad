"""Live tests of stored connections: on demand, and when they are due.

The call is made with no transaction open; its result is written only if the connection is still as
it was tested, and, for a due one, still ours by its lease.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from connections.access.actors import Actor
from connections.models import Connection
from connections.services.audit import record
from connections.services.checked import Verdict
from connections.services.locks import Overtaken, lock_unchanged
from connections.services.refresh import RefreshFailed, fresh_credential
from connections.services.refresh_reasons import is_gone
from connections.services.schedule import next_attempt, next_test
from connections.services.states import note_verdict
from connections.services.verification import (
    can_be_tried,
    outcome_of_token,
    try_values,
    wrong_account,
)
from connections.stored_values import stored_values
from integrations.catalogue import current_catalogue
from integrations.problems import Problem, Problems
from integrations.requirements import requirements_for
from integrations.specs import IntegrationDefinition, MethodDefinition

WORKER = "worker"
# A service that says no is asked again, later than one that says nothing.
ATTEMPTS_AHEAD_OF_A_NO = 4
# So often nothing may be found where a service was before: a proxy in trouble says it too.
PATIENCE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What a test of a stored connection found: problems by the rules, else a verdict."""

    problems: Problems
    verdict: Verdict | None

    @property
    def passed(self) -> bool:
        return not self.problems and (self.verdict is None or self.verdict.passed)

    def sentences(self) -> list[str]:
        """The result for a person: what is wrong and what to do; never a value."""
        if self.problems:
            found = [problem for problems in self.problems.values() for problem in problems]
            return [problem.in_full for problem in found]
        if self.verdict is None:
            return [_("What is stored fits. The service itself was not asked.")]
        outcome = self.verdict.outcome
        if outcome.cause:
            return [f"{outcome.message}. {outcome.hint}"]
        if outcome.account_label or outcome.account_id:
            account = outcome.account_label or outcome.account_id
            return [_("It works, as %(account)s.") % {"account": account}]
        return [_("It works: the service accepts it.")]


def retest(connection: Connection, lease: UUID) -> None:
    """Carry out a test that is due; whoever lost the lease meanwhile writes nothing."""
    actor = Actor(name=WORKER, workspace=connection.workspace)
    run_live_test(actor=actor, connection=connection, lease=lease)


def run_live_test(*, actor: Actor, connection: Connection, lease: UUID | None = None) -> Tested:
    """Check the stored values against the rules of today, then at the service; keep the result.

    `connection` is updated. Raises Overtaken if it was changed while it was tested.
    """
    integration = current_catalogue().by_pk(connection.integration_id)
    method = integration.method_by_pk(connection.auth_method_id)
    found = _broken_rules(integration, method, connection)
    verdict = None
    if not found and settings.LIVE_TESTS and can_be_tried(method):
        verdict = _try_stored(actor, connection, method)
        if _is_other_account(connection, verdict):
            found = _other_account()
    tested = Tested(problems=found, verdict=verdict)
    # What is stored reads the same for everybody, whoever asked for the test.
    with translation.override(None):
        on_record = found and (_broken_rules(integration, method, connection) or _other_account())
        _write(actor, connection, replace(tested, problems=on_record), lease)
    return tested


def _broken_rules(
    integration: IntegrationDefinition, method: MethodDefinition, connection: Connection
) -> Problems:
    found: Problems = {}
    requirements_for(integration, method)().checked(stored_values(connection), found)
    return found


def _other_account() -> Problems:
    return {"credentials": [wrong_account()]}


def _try_stored(actor: Actor, connection: Connection, method: MethodDefinition) -> Verdict:
    """Try it; a token that is refused though it is not over is refreshed, and tried once more."""
    verdict = _try_once(actor, connection, method, force=False)
    can_refresh = connection.credential is not None and (
        connection.credential.next_refresh_at is not None
    )
    if verdict.outcome.cause == "unauthorized" and can_refresh:
        return _try_once(actor, connection, method, force=True)
    return verdict


def _try_once(
    actor: Actor, connection: Connection, method: MethodDefinition, *, force: bool
) -> Verdict:
    token = None
    if connection.credential is not None:
        try:
            credential = fresh_credential(connection, actor=actor, force=force)
        except RefreshFailed as error:
            return Verdict(outcome=outcome_of_token(error.cause), at=timezone.now(), milliseconds=0)
        connection.credential = credential
        token = credential.get_token().get("access_token")
    values = stored_values(connection)
    return try_values(method, values, workspace=connection.workspace, token=token)


def _is_other_account(connection: Connection, verdict: Verdict) -> bool:
    known, told = connection.account_id, verdict.outcome.account_id
    return verdict.passed and bool(known) and told not in ("", known)


@transaction.atomic
def _write(actor: Actor, connection: Connection, tested: Tested, lease: UUID | None) -> None:
    row = _held(connection, lease)
    before, now = row.status, timezone.now()
    _judge(row, tested, now)
    row.test_lease = row.test_lease_until = None
    row.save()
    if lease is None:
        record(actor, "connection.tested", row.public_id)
    if row.status != before:
        action = "recovered" if row.status == Connection.Status.ACTIVE else "broke"
        record(actor, f"connection.{action}", row.public_id)
    for name in ("status", "status_reason", "last_tested_at", "last_test_ms", "next_test_at"):
        setattr(connection, name, getattr(row, name))
    connection.account_id, connection.account_label = row.account_id, row.account_label


def _held(connection: Connection, lease: UUID | None) -> Connection:
    """The row as it is now, held; Overtaken if its values or its credential are others by now."""
    rows = Connection.objects.within(connection.workspace_id).select_for_update()
    row: Connection | None = rows.filter(pk=connection.pk).first()
    if row is None or row.credential_id != connection.credential_id:
        raise Overtaken
    if lease is not None and row.test_lease != lease:
        raise Overtaken
    if row.sealed_config != connection.sealed_config or row.config != connection.config:
        raise Overtaken
    if connection.credential is not None:
        lock_unchanged(connection.credential)
    row.workspace = connection.workspace
    return row


def _judge(row: Connection, tested: Tested, now: datetime) -> None:
    verdict = tested.verdict
    if verdict is not None and verdict.outcome.status != "unverifiable" and not tested.problems:
        note_verdict(row, verdict)
    row.test_attempts += 1
    if tested.problems:
        _mark(row, _refused(tested.problems), now)
    elif verdict is None or verdict.passed or verdict.outcome.status == "skipped":
        _mark_working(row, now)
    elif verdict.failed and not _may_be_an_outage(row, verdict):
        _mark(row, verdict.outcome, now)
    else:
        # The service could not be asked: what is active stays active.
        row.next_test_at = next_attempt(now, row.test_attempts)


def _may_be_an_outage(row: Connection, verdict: Verdict) -> bool:
    """Whether a service that worked is asked some more before a missing page counts as its no."""
    is_missing = verdict.outcome.cause == "not_found_base_url"
    has_worked = row.status == Connection.Status.ACTIVE
    return is_missing and has_worked and row.test_attempts <= PATIENCE


def _mark_working(row: Connection, now: datetime) -> None:
    row.test_attempts = 0
    is_tried = settings.LIVE_TESTS and row.next_test_at is not None
    row.next_test_at = next_test(now) if is_tried else None
    is_over = row.expires_at is not None and row.expires_at <= now
    if row.status != Connection.Status.INACTIVE and not is_over and not is_gone(row):
        row.mark_active()


@dataclass(frozen=True, slots=True)
class _Reason:
    cause: str
    message: str
    hint: str | None


def _refused(found: Problems) -> _Reason:
    first: Problem = next(problem for problems in found.values() for problem in problems)
    if first.code == "wrong_account":
        return _Reason(first.code, str(first), first.hint)
    hint = _("Edit the connection: what the integration asks for is not what is stored.")
    return _Reason(first.code, str(first), first.hint or hint)


def _mark(row: Connection, reason: Any, now: datetime) -> None:
    row.next_test_at = next_attempt(now, row.test_attempts + ATTEMPTS_AHEAD_OF_A_NO)
    if row.status in (Connection.Status.INACTIVE, Connection.Status.EXPIRED):
        return
    row.mark_error(code=reason.cause, message=reason.message, hint=reason.hint, now=now)
