"""How an authorization can end, in words that are the same whatever the service wrote."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    title: Any
    next_step: Any
    status: int = 400


TRY_AGAIN = _("Start again from where you came from.")
ASK_STAFF = _("Ask the people who run this installation to look at the OAuth client.")

# By reason of a refused flow, by cause of an OAuthError, and by what else can come in between.
OUTCOMES: dict[str, Outcome] = {
    "connected": Outcome(title=_("Connected"), next_step=_("You can close this page."), status=200),
    "access_denied": Outcome(
        title=_("Cancelled: nothing was changed"),
        next_step=_("To connect after all, start again from where you came from."),
        status=200,
    ),
    # The flow itself.
    "unknown": Outcome(title=_("This link is not valid"), next_step=TRY_AGAIN),
    "late": Outcome(title=_("This took longer than ten minutes"), next_step=TRY_AGAIN),
    "used": Outcome(title=_("This link has been used already"), next_step=TRY_AGAIN),
    "other_browser": Outcome(
        title=_("This was begun in another browser"),
        next_step=_("Go on in the browser in which you opened the link, or start again there."),
    ),
    "other_person": Outcome(
        title=_("This was begun by somebody else"),
        next_step=_("Sign in here as the person who began, and start again."),
    ),
    "not_allowed": Outcome(
        title=_("You may not connect anything in this workspace any more"),
        next_step=_("Ask an administrator of the workspace."),
    ),
    "gone": Outcome(
        title=_("The connection was deleted meanwhile"),
        next_step=_("Make a new connection instead."),
    ),
    "overtaken": Outcome(
        title=_("The connection was changed meanwhile: nothing was stored"), next_step=TRY_AGAIN
    ),
    # What the service, or the rules, said of what came back.
    "wrong_account": Outcome(
        title=_("That is another account: nothing was changed"),
        next_step=_("Sign in at the service with the account of this connection, and try again."),
    ),
    "not_accepted": Outcome(
        title=_("What the service gave cannot be used: nothing was stored"), next_step=TRY_AGAIN
    ),
    # The protocol.
    "invalid_grant": Outcome(
        title=_("The service did not accept its own answer any more"), next_step=TRY_AGAIN
    ),
    "invalid_client": Outcome(
        title=_("The service does not know this installation"), next_step=ASK_STAFF
    ),
    "invalid_scope": Outcome(
        title=_("The service does not grant the access that was asked for"), next_step=ASK_STAFF
    ),
    "rejected": Outcome(title=_("The service refused"), next_step=TRY_AGAIN),
    "rate_limited": Outcome(
        title=_("The service has been asked too often"),
        next_step=_("Wait some minutes, then start again from where you came from."),
    ),
    "unavailable": Outcome(
        title=_("The service cannot be reached right now"),
        next_step=_("Wait some minutes, then start again from where you came from."),
    ),
    "bad_answer": Outcome(
        title=_("The service gave an answer that makes no sense"), next_step=TRY_AGAIN
    ),
    "blocked": Outcome(
        title=_("The address of the service may not be called from here"), next_step=ASK_STAFF
    ),
    "misconfigured": Outcome(title=_("The service is not set up completely"), next_step=ASK_STAFF),
    "unsupported": Outcome(title=_("The service cannot do this"), next_step=ASK_STAFF),
}
