"""Whether a service accepts what is about to be stored: the live part of every check.

No row is read or written here, and no transaction may be open: a call takes seconds.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from django.conf import settings
from django.utils import timezone

from connections.checks import Outcome, run_check
from connections.checks.outcomes import EGRESS_CAUSES, Cause, because
from connections.egress import Answer, EgressError, Request, Send, send
from connections.egress.limits import WHOLE_CALL_SECONDS
from connections.models import Workspace
from connections.oauth.errors import OAuthError
from connections.oauth.obtain import obtain_token, obtains_token
from connections.services.checked import Checked, Verdict
from connections.services.waiting import waiting
from integrations.auth_methods import AUTH_METHODS
from integrations.problems import Problem, Problems
from integrations.specs import MethodDefinition

Policy = Literal["auto", "never", "required"]

# What a refused or failed request for a token says of the credentials that it was made with.
CAUSES_OF_TOKENS: Mapping[str, Cause] = {
    "invalid_grant": "unauthorized",
    "invalid_client": "unauthorized",
    "access_denied": "unauthorized",
    "rejected": "unauthorized",
    "unauthorized": "unauthorized",
    "revoked": "unauthorized",
    "token_expired": "unauthorized",
    "no_client": "unauthorized",
    "invalid_scope": "forbidden_scope",
    "misconfigured": "not_found_base_url",
    "unsupported": "not_found_base_url",
    "blocked": "blocked",
    "rate_limited": "rate_limited",
    "busy": "rate_limited",
    "unavailable": "service_error",
    "bad_answer": "service_error",
}
# What a service sends back of a secret gives it away from this length on.
SHORTEST_PART = 8
# Somebody waits for the answer of a page.
LONGEST_CALL = WHOLE_CALL_SECONDS
# Causes that lie in the address, not in the credential.
OF_THE_ADDRESS = {"dns", "refused", "timeout", "tls", "blocked", "not_found_base_url"}


class Unverifiable(Exception):
    """A verdict was required and there is none. `outcome` is None where nothing can be tried."""

    def __init__(self, outcome: Outcome | None) -> None:
        super().__init__("unverifiable")
        self.outcome = outcome


def can_be_tried(method: MethodDefinition) -> bool:
    return bool(method.test) or obtains_token(method)


def door_of(workspace: Workspace) -> Send:
    """The door to the network for calls on behalf of a workspace, while a request waits."""

    def call(request: Request) -> Answer:
        with waiting():
            return send(request, caller=str(workspace.id), seconds=LONGEST_CALL)

    return call


def try_values(
    method: MethodDefinition,
    values: Mapping[str, Mapping[str, Any]],
    *,
    workspace: Workspace,
    token: str | None = None,
) -> Verdict:
    """Try `{credentials, config}` at the service; whatever goes wrong becomes an outcome.

    `token` is one that was obtained before and is still good; without it one is obtained where the
    kind of method needs one.
    """
    started, now = time.monotonic(), timezone.now()
    door, obtained = door_of(workspace), None
    try:
        with waiting():
            if token is None and obtains_token(method):
                obtained = obtain_token(method, values, send=door, now=now)
                token = obtained.access_token
            outcome = (
                run_check(method, values, token=token, send=door, caller=str(workspace.id))
                if method.test
                else Outcome(status="passed")
            )
    except OAuthError as error:
        outcome = outcome_of_token(error.cause)
    except EgressError as error:
        outcome = because(EGRESS_CAUSES[error.cause])
    spent = round((time.monotonic() - started) * 1000)
    outcome = without_secrets(outcome, method, values, token)
    return Verdict(outcome=outcome, token=obtained, at=now, milliseconds=spent)


def without_secrets(
    outcome: Outcome,
    method: MethodDefinition,
    values: Mapping[str, Mapping[str, Any]],
    token: str | None,
) -> Outcome:
    """The outcome without an account whose name is a secret: a service may send back anything."""
    known = [values[spec.target].get(spec.key) for spec in method.specs if spec.secure]
    secrets = [one for one in (*known, token) if isinstance(one, str) and one]
    told = (outcome.account_id, outcome.account_label)
    if any(_is_part(text, secret) for secret in secrets for text in told):
        return replace(outcome, account_id="", account_label="")
    return outcome


def _is_part(text: str, secret: str) -> bool:
    """Whether one gives the other away; a few letters are a part of everything."""
    return secret in text or (len(text) >= SHORTEST_PART and text in secret)


def outcome_of_token(cause: str) -> Outcome:
    """What it says of the credentials that no token came, by the cause of the error."""
    return because(CAUSES_OF_TOKENS[cause])


class Verifier:
    """Tries values at most once, however often a form asks, and keeps what it learned.

    `policy`: `auto` stores what could not be tried and tries again later; `required` raises
    Unverifiable for it; `never` tries nothing. After `close()` nothing is called any more: a
    transaction is open, and what was not tried before is tried later.
    """

    def __init__(self, workspace: Workspace, policy: Policy = "auto") -> None:
        self.workspace = workspace
        self.policy = policy
        self._is_closed = False
        self._known: list[tuple[tuple[Any, ...], Verdict]] = []

    def close(self) -> None:
        self._is_closed = True

    def verdict(self, checked: Checked) -> Verdict | None:
        """None where nothing is tried: by policy, by setting, or because it cannot be."""
        if self.policy == "never":
            return None
        if not settings.LIVE_TESTS or not can_be_tried(checked.method) or is_over(checked):
            return self._nothing()
        key = (checked.method, checked.credentials, checked.config)
        found = next((verdict for tried, verdict in self._known if tried == key), None)
        if found is None:
            found = self._try(checked)
            self._known.append((key, found))
        if self.policy == "required" and not (found.passed or found.failed):
            raise Unverifiable(found.outcome if found.is_open else None)
        return found

    def _try(self, checked: Checked) -> Verdict:
        if self._is_closed:
            return Verdict(outcome=because("timeout"), at=timezone.now(), milliseconds=0)
        values = {"credentials": checked.credentials, "config": checked.config}
        return try_values(checked.method, values, workspace=self.workspace)

    def _nothing(self) -> None:
        if self.policy == "required":
            raise Unverifiable(None)


def is_over(checked: Checked) -> bool:
    """Whether its token has expired: a refresh comes first, and tests what it brought."""
    now = timezone.now()
    expires_at = AUTH_METHODS[checked.method.kind].expiry(checked.credentials, now)
    return expires_at is not None and expires_at <= now


def problems_of(checked: Checked, verdict: Verdict | None, account_id: str = "") -> Problems:
    """What a refusal means for the fields; nothing unless the service said no.

    `account_id` is of the account that it has to be, where one is known.
    """
    if verdict is not None and verdict.failed:
        outcome = verdict.outcome
        path = _path_of(checked.method, outcome.cause)
        stage = stage_of(outcome)
        problem = Problem(outcome.message, outcome.cause, hint=outcome.hint, stage=stage)
        return {path: [problem]}
    if account_id and checked.account_told[0] not in ("", account_id):
        return {"credentials": [wrong_account()]}
    return {}


def wrong_account() -> Problem:
    outcome = because("wrong_account")
    return Problem(outcome.message, "wrong_account", hint=outcome.hint, stage="credential")


def stage_of(outcome: Outcome) -> str:
    """The stage that an outcome ended at: `network`, `credential` or `scope`."""
    if outcome.cause in OF_THE_ADDRESS:
        return "network"
    return "scope" if outcome.cause == "forbidden_scope" else "credential"


def _path_of(method: MethodDefinition, cause: str) -> str:
    """The section that a person has to look at."""
    has_credentials = any(spec.target == "credentials" for spec in method.specs)
    if cause not in OF_THE_ADDRESS and has_credentials:
        return "credentials"
    places = [spec.path for spec in method.specs if spec.type in ("url", "hostname", "subdomain")]
    return next(iter(places), "credentials" if has_credentials else "config")
