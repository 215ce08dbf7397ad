"""Why a token could not be refreshed, and what that makes of the connections that use it."""

from typing import Literal, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from connections.oauth.errors import OAuthError

# What becomes of the connection: `over` (its user has to repair it), `wrong` (somebody set
# something up wrongly), `wait` (nothing: it is tried again).
Effect = Literal["over", "wrong", "wait"]


class Reason(NamedTuple):
    effect: Effect
    message: str | Promise
    hint: str | Promise


SIGN_IN_AGAIN = _("Connect again with the same account: the connection stays the same.")
ASK_STAFF = _("Ask the people who run this installation.")

REASONS: dict[str, Reason] = {
    "invalid_grant": Reason(
        "over", _("The service no longer accepts the consent that was given."), SIGN_IN_AGAIN
    ),
    "revoked": Reason("over", _("Access was revoked at the service."), SIGN_IN_AGAIN),
    "token_expired": Reason(
        "over", _("The access token has expired and there is no refresh token."), SIGN_IN_AGAIN
    ),
    "no_client": Reason(
        "over",
        _("The access token has expired and cannot be refreshed here."),
        _("No OAuth client is set up for this method: send a fresh access token."),
    ),
    "invalid_client": Reason(
        "wrong",
        _("The service does not accept the OAuth client of this method."),
        _("Check the client id and the client secret of the OAuth client."),
    ),
    "unauthorized": Reason(
        "wrong",
        _("The service does not accept these credentials."),
        _("Check them at the service, and send them again."),
    ),
    "invalid_scope": Reason(
        "wrong", _("The service does not grant these scopes any more."), SIGN_IN_AGAIN
    ),
    "rejected": Reason("wrong", _("The service refused to refresh the token."), SIGN_IN_AGAIN),
    "misconfigured": Reason(
        "wrong", _("The addresses of this method are not complete."), ASK_STAFF
    ),
    "unsupported": Reason("wrong", _("The service cannot refresh this token."), SIGN_IN_AGAIN),
    "blocked": Reason(
        "wrong", _("The address of the service may not be called from here."), ASK_STAFF
    ),
    "rate_limited": Reason(
        "wait", _("The service asks for fewer requests."), _("Try again later.")
    ),
    "bad_answer": Reason(
        "wait", _("The service gave an answer that nobody can read."), _("Try again later.")
    ),
    "unavailable": Reason("wait", _("The service cannot be reached."), _("Try again later.")),
    "busy": Reason("wait", _("Somebody else is refreshing this token."), _("Try again.")),
}
# What is read as another cause: it says the same.
_SAME: dict[str, str] = {"access_denied": "invalid_grant"}
# Where a method obtains tokens by itself, a refusal is about the values that the user gave.
_OF_OWN_VALUES = {"invalid_grant", "invalid_client", "access_denied", "rejected"}
# Reasons of a connection that a token which works again does away with.
CURED_BY_A_TOKEN = {"refresh_pending", *REASONS}


# No token and no client brings these back: only a new consent does.
GONE = ("invalid_grant", "revoked")


def is_gone(connection: Connection) -> bool:
    """Whether the consent itself was taken back, whatever an access token may still be good for."""
    code = (connection.status_reason or {}).get("code")
    return connection.status == Connection.Status.EXPIRED and code in GONE


class RefreshFailed(Exception):
    """No token that is good for a while. `cause` is one of REASONS; `retry_after` in seconds."""

    def __init__(self, cause: str, *, retry_after: float | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.retry_after = retry_after

    @property
    def reason(self) -> Reason:
        return REASONS[self.cause]

    @property
    def is_temporary(self) -> bool:
        return self.reason.effect == "wait"

    @property
    def is_final(self) -> bool:
        """Whether trying again is of no use until its user has repaired it."""
        return self.reason.effect == "over"


def failure_of(error: OAuthError, *, of_own_values: bool) -> RefreshFailed:
    """What a service's refusal means; `of_own_values`: no grant, the values themselves."""
    if of_own_values and error.cause in _OF_OWN_VALUES:
        return RefreshFailed("unauthorized")
    cause = _SAME.get(error.cause, error.cause)
    return RefreshFailed(cause, retry_after=error.retry_after)
