"""The browser's part of an authorization: it leaves with a cookie and has to come back with it."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from django.conf import settings

from connections.models import OAuthFlow
from connections.services.oauth_flows.parties import parties_of
from connections.services.oauth_flows.protocols import PROTOCOLS
from connections.tokens import digest_of, is_secret, new_secret

LIFETIME = timedelta(minutes=10)
# 256 random bits in base64url, and nothing else: whatever looks different costs no query.

Reason = Literal["unknown", "late", "used", "other_browser", "other_person"]


class FlowRefused(Exception):
    """The flow may not go on; nothing was called and nothing was changed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def cookie_name(flow: OAuthFlow) -> str:
    """One for each flow, so that two in one browser do not disturb each other."""
    prefix = "__Host-" if settings.HTTPS else ""
    return f"{prefix}oauth-{flow.id.hex}"


def find_flow(state: str) -> OAuthFlow:
    """The flow of a state, with its workspace. Raises FlowRefused."""
    if not is_secret(state):
        raise FlowRefused("unknown")
    rows = OAuthFlow.objects.select_related("workspace", "owner", "auth_method")
    found: OAuthFlow | None = rows.filter(
        state_digest=digest_of(state), workspace__is_active=True
    ).first()
    if found is None:
        raise FlowRefused("unknown")
    return found


def _refuse_over(flow: OAuthFlow, user: Any, now: datetime) -> None:
    if flow.used_at is not None:
        raise FlowRefused("used")
    if flow.expires_at <= now:
        raise FlowRefused("late")
    if flow.owner_id is not None and flow.owner_id != getattr(user, "pk", None):
        raise FlowRefused("other_person")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Where the browser goes, and the cookie that it takes along (for `max_age` seconds)."""

    url: str = field(repr=False)
    cookie: str
    secret: str = field(repr=False)
    max_age: int


def open_flow(state: str, *, user: Any, now: datetime) -> Opened:
    """Bind the browser that asks, in place of any that asked before.

    Raises FlowRefused, or OAuthError("misconfigured") where the definition has changed meanwhile.
    """
    flow = find_flow(state)
    _refuse_over(flow, user, now)
    parties = parties_of(flow)
    url = PROTOCOLS[parties.method.kind].authorization_url(parties, state)
    secret = new_secret()
    rows = OAuthFlow.objects.within(flow.workspace_id).filter(pk=flow.pk, used_at=None)
    if not rows.update(browser_digest=digest_of(secret)):
        raise FlowRefused("used")
    max_age = int((flow.expires_at - now).total_seconds())
    return Opened(url=url, cookie=cookie_name(flow), secret=secret, max_age=max_age)


def take_flow(state: str, *, cookies: Mapping[str, str], user: Any, now: datetime) -> OAuthFlow:
    """The flow that a browser comes back with, its one use taken. Raises FlowRefused."""
    flow = find_flow(state)
    _refuse_over(flow, user, now)
    held = digest_of(cookies.get(cookie_name(flow), ""))
    if not hmac.compare_digest(held, flow.browser_digest):
        raise FlowRefused("other_browser")
    if not flow.use(now):
        # Another tab was quicker.
        raise FlowRefused("used")
    return flow
