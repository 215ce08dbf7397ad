"""The state of a connection after its values were checked, and when it is looked at next."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from connections.models import Connection, Credential
from connections.services.checked import Checked, Grant, Verdict
from connections.services.clients import client_of
from connections.services.schedule import next_attempt, next_refresh, next_test
from connections.services.verification import can_be_tried


def keeps_grant(credential: Credential, values: Mapping[str, Any]) -> bool:
    """Whether new values hold the refresh token that is stored."""
    if not values.get("refresh_token") or not credential.sealed_values:
        return False
    return bool(credential.get_values().get("refresh_token") == values["refresh_token"])


def note_origin(
    credential: Credential, checked: Checked, now: datetime, *, is_same_grant: bool
) -> None:
    """Where the new values came from, what they obtained, when they are refreshed. Does not save.

    A refresh that is under way keeps its lease for as long as its token is stored: a second one
    with the same token would look like theft to the service. Of another token it loses it.
    """
    grant, verdict = checked.grant or Grant(), checked.verdict
    if checked.grant is not None or not is_same_grant:
        credential.oauth_client_id = grant.client_pk
        credential.endpoints = dict(grant.endpoints)
    if not is_same_grant:
        credential.refresh_lease = credential.refresh_lease_until = None
    token = verdict.token if verdict is not None else None
    if token is None:
        credential.set_token(None)
    else:
        credential.set_token(
            {"access_token": token.access_token, "token_type": token.token_type}, token.expires_at
        )
    credential.refresh_attempts, credential.next_refresh_at = 0, None
    if checked.method.kind == "oauth2":
        ends = checked.end_of("credentials", now)
        # Without a way to refresh it is looked at when it ends: then its connections say so.
        is_kept = is_refreshable(credential, checked)
        credential.next_refresh_at = next_refresh(ends, now) if is_kept else ends


def is_refreshable(credential: Credential, checked: Checked) -> bool:
    """Whether it holds a refresh token, and a client to use it with is set up."""
    if checked.method.kind != "oauth2" or not checked.credentials.get("refresh_token"):
        return False
    values = {"credentials": checked.credentials, "config": checked.config}
    return client_of(credential, checked.method, values) is not None


def apply_state(connection: Connection, checked: Checked, now: datetime) -> None:
    """Active, unless its token is over or nobody could try it. Does not save."""
    verdict = checked.verdict
    if verdict is not None:
        note_verdict(connection, verdict)
    note_account(connection, *checked.account_told)
    connection.test_attempts, connection.next_test_at = 0, None
    if settings.LIVE_TESTS and can_be_tried(checked.method):
        connection.next_test_at = next_test(now)
    if connection.status == Connection.Status.INACTIVE:
        return
    if connection.expires_at is not None and connection.expires_at <= now:
        _apply_end(connection, checked, now)
    elif verdict is not None and verdict.is_open:
        mark_untried(connection, verdict, now)
    else:
        connection.mark_active()


def note_verdict(connection: Connection, verdict: Verdict) -> None:
    """When it was tried, for how long, and whose account answered."""
    connection.last_tested_at, connection.last_test_ms = verdict.at, verdict.milliseconds
    note_account(connection, verdict.outcome.account_id, verdict.outcome.account_label)


def note_account(connection: Connection, account_id: str, label: str) -> None:
    """Keep who it is; what says nothing changes nothing."""
    if account_id:
        connection.account_id, connection.account_label = account_id[:255], label[:255]


def mark_untried(connection: Connection, verdict: Verdict, now: datetime) -> None:
    """Stored, but nobody could say whether it works: it is tried again soon."""
    outcome = verdict.outcome
    connection.mark_testing(
        code=outcome.cause, message=outcome.lazy_message, hint=outcome.lazy_hint, now=now
    )
    connection.test_attempts = 1
    connection.next_test_at = next_attempt(now, 1)


def _apply_end(connection: Connection, checked: Checked, now: datetime) -> None:
    credential = connection.credential
    if credential is not None and is_refreshable(credential, checked):
        connection.mark_testing(
            code="refresh_pending",
            message=_("The access token has expired and is being refreshed."),
            hint=None,
            now=now,
        )
        return
    connection.mark_expired(
        code="no_client",
        message=_("The access token has expired and cannot be refreshed here."),
        hint=_("No OAuth client is set up for this method: send a fresh access token."),
        now=now,
    )
