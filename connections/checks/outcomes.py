"""What a live test found, in codes for programs and in words for people: never in values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections.egress.messages import Cause as EgressCause

Status = Literal["passed", "failed", "unverifiable", "skipped"]
Cause = Literal[
    "",
    "dns",
    "refused",
    "timeout",
    "tls",
    "unauthorized",
    "forbidden_scope",
    "not_found_base_url",
    "rate_limited",
    "service_error",
    "wrong_account",
    "blocked",
]
# The service, or we, said no: trying again with the same values cannot help.
FAILURES: frozenset[Cause] = frozenset(
    ("unauthorized", "forbidden_scope", "not_found_base_url", "wrong_account", "blocked")
)
# What stopped a call at our own door or on the way.
EGRESS_CAUSES: dict[EgressCause, Cause] = {
    "bad_url": "blocked",
    "blocked": "blocked",
    "dns": "dns",
    "refused": "refused",
    "timeout": "timeout",
    "tls": "tls",
    "bad_answer": "service_error",
    "too_large": "service_error",
    "busy": "rate_limited",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`account_id` and `account_label` say whose credential it is, where the service tells.

    `scopes` are the granted ones, None where the service does not tell. `details` hold numbers and
    short words for staff: a status, a count.
    """

    status: Status
    cause: Cause = ""
    account_id: str = ""
    account_label: str = ""
    scopes: tuple[str, ...] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lazy_message(self) -> str | Promise:
        return WORDS[self.cause][0] if self.cause else ""

    @property
    def lazy_hint(self) -> str | Promise:
        return WORDS[self.cause][1] if self.cause else ""

    @property
    def message(self) -> str:
        return str(self.lazy_message)

    @property
    def hint(self) -> str:
        return str(self.lazy_hint)


def passed(**found: Any) -> Outcome:
    return Outcome(status="passed", **found)


def skipped() -> Outcome:
    return Outcome(status="skipped")


def because(cause: Cause, **found: Any) -> Outcome:
    """What did not pass, by its cause."""
    return Outcome(status="failed" if cause in FAILURES else "unverifiable", cause=cause, **found)


WORDS: dict[Cause, tuple[Promise, Promise]] = {
    "dns": (
        _("The name of the service has no address"),
        _("Check the spelling of the host name. If it is right, try again later."),
    ),
    "refused": (
        _("The service does not accept connections at its address"),
        _("Check the host name and the port, and that the service is running."),
    ),
    "timeout": (
        _("The service did not answer in time"),
        _("Try again later. If it is a server of your own, check that it can be reached."),
    ),
    "tls": (
        _("No secure connection to the service could be made"),
        _("Check that its certificate is valid and made out for this host name."),
    ),
    "unauthorized": (
        _("The service does not accept the credential"),
        _("Check that it was copied whole, is not expired and belongs to this service."),
    ),
    "forbidden_scope": (
        _("The service knows the credential but does not let it do this"),
        _("Grant the missing permissions at the service, or use a credential that has them."),
    ),
    "not_found_base_url": (
        _("The service has nothing at the address that was given"),
        _("Check the address, and every name that is a part of it."),
    ),
    "rate_limited": (
        _("The service takes no more calls for now"),
        _("It is tried again later. Nothing has to be done."),
    ),
    "service_error": (
        _("The service gave an answer that says nothing about the credential"),
        _("Try again later. If it goes on, look at the status page of the service."),
    ),
    "wrong_account": (
        _("The credential belongs to another account"),
        _("Sign in with the account of this connection, or make a new connection."),
    ),
    "blocked": (
        _("The address is one that may not be called"),
        _("Use a public address with https. An operator can allow addresses of a network."),
    ),
}
