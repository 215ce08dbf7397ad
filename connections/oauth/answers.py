"""Calls to a provider, and what their answers say: an object, or the reason of a refusal."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl

from django.utils import timezone

from connections.egress import Answer, EgressError, Request, Send
from connections.oauth.errors import NETWORK_CAUSES, Cause, OAuthError

LONGEST_WAIT = 3600.0
MOST_PAIRS = 200
# Some services label their JSON as text or as a script; HTML is a page for people.
JSON_TYPES = {"application/json", "text/json", "text/javascript", "text/plain", ""}
FORM_TYPES = {"application/x-www-form-urlencoded", "text/plain", "text/html", ""}

# RFC 6749, sections 4.1.2.1 and 5.2, RFC 7009, section 2.2.1, and what GitHub and Slack say.
ERRORS: Mapping[str, Cause] = {
    "invalid_grant": "invalid_grant",
    "bad_verification_code": "invalid_grant",
    "bad_refresh_token": "invalid_grant",
    "invalid_code": "invalid_grant",
    "code_already_used": "invalid_grant",
    "code_expired": "invalid_grant",
    "invalid_refresh_token": "invalid_grant",
    "token_expired": "invalid_grant",
    "token_revoked": "invalid_grant",
    "account_inactive": "invalid_grant",
    "invalid_client": "invalid_client",
    "unauthorized_client": "invalid_client",
    "invalid_client_id": "invalid_client",
    "bad_client_secret": "invalid_client",
    "incorrect_client_credentials": "invalid_client",
    "invalid_scope": "invalid_scope",
    "access_denied": "access_denied",
    "consent_required": "access_denied",
    "interaction_required": "access_denied",
    "login_required": "access_denied",
    "unsupported_grant_type": "unsupported",
    "unsupported_response_type": "unsupported",
    "unsupported_token_type": "unsupported",
    "redirect_uri_mismatch": "misconfigured",
    "bad_redirect_uri": "misconfigured",
    "invalid_target": "misconfigured",
    "server_error": "unavailable",
    "internal_error": "unavailable",
    "fatal_error": "unavailable",
    "temporarily_unavailable": "unavailable",
    "slow_down": "rate_limited",
    "ratelimited": "rate_limited",
    "rate_limited": "rate_limited",
    "too_many_requests": "rate_limited",
}
# Where the body does not say it.
STATUSES: Mapping[int, Cause] = {
    401: "invalid_client",
    404: "misconfigured",
    405: "misconfigured",
    408: "unavailable",
    410: "misconfigured",
    425: "unavailable",
    429: "rate_limited",
}


def call(request: Request, *, send: Send) -> Answer:
    """Raises OAuthError where nothing came back."""
    try:
        return send(request)
    except EgressError as error:
        raise OAuthError(NETWORK_CAUSES[error.cause], network=error.cause) from None


def read_object(answer: Answer, *, answer_format: str = "json") -> dict[str, Any]:
    """The members of an answer's body. Raises OAuthError `bad_answer` for anything else."""
    found = READERS[answer_format](answer)
    if not isinstance(found, dict):
        raise OAuthError("bad_answer")
    return found


def _read_json(answer: Answer) -> Any:
    if answer.media_type not in JSON_TYPES and not answer.media_type.endswith("+json"):
        raise OAuthError("bad_answer")
    try:
        return answer.json()
    except ValueError:
        raise OAuthError("bad_answer") from None


def _read_form(answer: Answer) -> Any:
    """Providers that were declared to answer so still answer some errors in JSON."""
    return read_form(answer) if answer.media_type in FORM_TYPES else _read_json(answer)


def read_form(answer: Answer) -> dict[str, str]:
    """The pairs of a form, whatever its type is called. Raises OAuthError `bad_answer`."""
    try:
        text = answer.body.decode("ascii")
        pairs = parse_qsl(text, strict_parsing=True, max_num_fields=MOST_PAIRS, errors="strict")
    except ValueError:
        raise OAuthError("bad_answer") from None
    return dict(pairs)


READERS: Mapping[str, Callable[[Answer], Any]] = {"json": _read_json, "form": _read_form}


def refusal(
    answer: Answer, *, answer_format: str = "json", now: datetime | None = None
) -> OAuthError:
    """The error that an answer without success is; its body is read for an error code only.

    An overloaded or failing provider is never believed to have ended a grant.
    """
    wait = wait_of(answer, now)
    if answer.status == 429:
        return OAuthError("rate_limited", retry_after=wait)
    if answer.status >= 500:
        return OAuthError("unavailable", retry_after=wait)
    if answer.status < 400:
        return OAuthError("bad_answer")
    code = ""
    with suppress(OAuthError):
        code = error_code(read_object(answer, answer_format=answer_format))
    cause = ERRORS.get(code) or STATUSES.get(answer.status, "rejected")
    return OAuthError(cause, retry_after=wait)


def refusal_inside(members: Mapping[str, Any], answer: Answer, now: datetime) -> OAuthError | None:
    """The error that an answer with status 200 carries: `error`, or `ok: false`."""
    if members.get("ok", True) is not False and not members.get("error"):
        return None
    cause = ERRORS.get(error_code(members), "rejected")
    return OAuthError(cause, retry_after=wait_of(answer, now))


def error_code(members: Mapping[str, Any]) -> str:
    """Blank where no text says it; some services wrap it in an object."""
    found = members.get("error")
    if isinstance(found, dict):
        found = next((found[key] for key in ("code", "type", "status") if key in found), "")
    return found.strip().lower() if isinstance(found, str) else ""


def wait_of(answer: Answer, now: datetime | None = None) -> float | None:
    """Seconds that `Retry-After` asks for, 0 to 3600; None where it says nothing readable.

    RFC 9110, section 10.2.3: a number of seconds or a date.
    """
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        # A number of thousands of digits is refused by int() and long enough anyway.
        return min(float(text), LONGEST_WAIT) if len(text) < 10 else LONGEST_WAIT
    if text.startswith("-") and text[1:].isdigit():
        return 0.0
    try:
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        left = (aware - (now or timezone.now())).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(left, 0.0), LONGEST_WAIT)
