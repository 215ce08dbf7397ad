"""Answers of a token endpoint, read strictly (RFC 6749, section 5.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connections.oauth.errors import OAuthError
from connections.oauth.provider import Provider

LONGEST_TOKEN = 32_768
LONGEST_SCOPE = 32_768
MOST_SCOPES = 1_000
# Ten years: what the fields of a stored grant allow.
LONGEST_LIFE = 315_360_000
LONGEST_NUMBER = 15
DEEPEST_EXTRA = 5
SECRET_MEMBERS = {"access_token", "refresh_token", "id_token", "client_secret"}
BEARER = "Bearer"
# What can be sent in a header as it is.
TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAnswer:
    """`scopes` is None where the answer does not name them: then they are those asked for.

    `expires_at` is None where nobody said when it ends. `refresh_token` is what to store: blank
    where there is none. `extra` is the rest of the answer, without its tokens, as it was nested.
    `id_token` is what was not looked at yet; whoever asks for a token gets checked `id_claims`.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    token_type: str = BEARER
    expires_at: datetime | None = None
    scopes: tuple[str, ...] | None = None
    id_claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    id_token: str = field(default="", repr=False)


def read_token_answer(
    members: Mapping[str, Any], provider: Provider, now: datetime, *, is_refresh: bool = False
) -> TokenAnswer:
    """Raises OAuthError `bad_answer` for a token answer that is none."""
    holder, name = _holder(members, provider.access_token_path)
    if is_refresh and name not in holder:
        # Slack nests the tokens of a code, but not those of a refresh.
        holder, name = members, "access_token"
    return TokenAnswer(
        access_token=_token(holder.get(name)),
        refresh_token=_refresh_token(members, holder, provider),
        token_type=_token_type(holder.get("token_type"), provider),
        expires_at=_end(holder, now),
        scopes=_scopes(holder.get("scope"), provider.scope_separator),
        extra=_without_secrets(members, DEEPEST_EXTRA),
        id_token=_id_token(members.get("id_token")),
    )


def _holder(members: Mapping[str, Any], path: str) -> tuple[Mapping[str, Any], str]:
    """The object that holds the last part of a dotted path, and that part."""
    *parents, name = path.split(".")
    holder: Any = members
    for parent in parents:
        holder = holder.get(parent) if isinstance(holder, Mapping) else None
    return (holder if isinstance(holder, Mapping) else {}), name


def _token(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TOKEN or not TOKEN.fullmatch(value):
        raise OAuthError("bad_answer")
    return value


def _refresh_token(
    members: Mapping[str, Any], holder: Mapping[str, Any], provider: Provider
) -> str:
    name = "refresh_token"
    if provider.refresh_token_path:
        nested, last = _holder(members, provider.refresh_token_path)
        holder, name = (nested, last) if last in nested else (holder, name)
    value = holder.get(name)
    return "" if value in (None, "") else _token(value)


def _token_type(value: Any, provider: Provider) -> str:
    """Many services leave it out; what is not a bearer token cannot be sent as one."""
    if value in (None, ""):
        return BEARER
    known = {"bearer", *(word.lower() for word in provider.token_types)}
    if not isinstance(value, str) or value.lower() not in known:
        raise OAuthError("bad_answer")
    return BEARER


def _end(holder: Mapping[str, Any], now: datetime) -> datetime | None:
    seconds = min(_number(holder.get("expires_in")), LONGEST_LIFE)
    if seconds:
        return now + timedelta(seconds=seconds)
    if holder.get("expires_at") in (None, "", 0):
        # Mailchimp says 0 of tokens that do not end.
        return None
    end = _moment(holder["expires_at"])
    if end <= now:
        raise OAuthError("bad_answer")
    return min(end, now + timedelta(seconds=LONGEST_LIFE))


def _number(value: Any) -> int:
    """At least 0; some services write numbers as text, or with a fraction."""
    if value in (None, ""):
        return 0
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:LONGEST_NUMBER])
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise OAuthError("bad_answer")
    return int(min(value, 10**LONGEST_NUMBER))


def _moment(value: Any) -> datetime:
    """Seconds since 1970, or a date and time, of UTC unless it says otherwise."""
    try:
        if isinstance(value, str) and not value.isdigit():
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return datetime.fromtimestamp(_number(value), UTC)
    except (ValueError, OverflowError, OSError):
        raise OAuthError("bad_answer") from None


def _scopes(value: Any, separator: str) -> tuple[str, ...] | None:
    """Whatever separates them here separates them there, or not: spaces always do."""
    if value is None:
        return None
    if isinstance(value, str) and len(value) <= LONGEST_SCOPE:
        value = value.replace(separator or " ", " ").split()
    if not isinstance(value, list) or len(value) > MOST_SCOPES:
        raise OAuthError("bad_answer")
    if not all(isinstance(scope, str) and TOKEN.fullmatch(scope) for scope in value):
        raise OAuthError("bad_answer")
    return tuple(dict.fromkeys(value))


def _id_token(value: Any) -> str:
    if value in (None, ""):
        return ""
    if not isinstance(value, str):
        raise OAuthError("bad_answer")
    return value


def _without_secrets(value: Any, depth: int) -> Any:
    """A copy that is cut where it is deeper than anything that a definition picks up."""
    if isinstance(value, Mapping):
        return {
            name: _without_secrets(part, depth - 1)
            for name, part in value.items()
            if depth and name not in SECRET_MEMBERS
        }
    if isinstance(value, list):
        return [_without_secrets(part, depth - 1) for part in value if depth]
    return value
