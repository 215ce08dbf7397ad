"""Why a link leads to nothing, in words that say what to do next."""

from django.utils.translation import gettext_lazy as _

from connections.web.outcomes import Outcome

ASK_AGAIN = _("Ask whoever sent it to you for a new one.")

ENDINGS: dict[str, Outcome] = {
    "unknown": Outcome(
        title=_("This link is not valid"),
        next_step=_("Copy the whole address, or ask whoever sent it to you for a new one."),
        status=404,
    ),
    "completed": Outcome(
        title=_("This link has been used already"),
        next_step=_("What it was for is connected. To connect more, ask for another link."),
        status=410,
    ),
    "expired": Outcome(title=_("This link has expired"), next_step=ASK_AGAIN, status=410),
    "cancelled": Outcome(title=_("This link was cancelled"), next_step=ASK_AGAIN, status=410),
    "withdrawn": Outcome(
        title=_("This can no longer be connected"),
        next_step=_("Go back and choose another, or ask whoever sent you the link."),
        status=410,
    ),
    "deleted": Outcome(
        title=_("The connection was deleted meanwhile"),
        next_step=_("Ask whoever sent you the link for a new connection instead."),
        status=410,
    ),
    "tried_too_often": Outcome(
        title=_("This was tried too often"), next_step=ASK_AGAIN, status=429
    ),
    "foreign": Outcome(
        title=_("The form came from another place"),
        next_step=_("Open the link itself and send its form. Nothing was changed."),
        status=403,
    ),
    # Of a secret that was asked for.
    "done": Outcome(
        title=_("This link has been used already"),
        next_step=_("The secret was handed over; there is nothing left to do."),
        status=410,
    ),
    "refused": Outcome(title=_("This cannot be completed"), next_step=ASK_AGAIN, status=410),
    "taken_back": Outcome(
        title=_("This link was taken back"),
        next_step=_("Whoever sent it does not need the secret any more."),
        status=410,
    ),
}
