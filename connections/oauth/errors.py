"""Why a provider gave no grant, no token and no revocation: one typed error."""

from collections.abc import Mapping
from typing import Literal, get_args

Cause = Literal[
    "invalid_grant",  # the code or the refresh token is not good, or no longer
    "invalid_client",  # the client id is unknown there, or its proof is wrong
    "invalid_scope",
    "access_denied",  # a person or a policy said no
    "rejected",  # refused for a reason that is none of the others
    "rate_limited",
    "unavailable",  # not reached, or it failed
    "bad_answer",  # it answered, but not with what was asked for
    "blocked",  # an address that nothing may be sent to
    "misconfigured",  # the definition, its values or the client cannot work
    "unsupported",  # the provider does not do this
]
CAUSES: tuple[Cause, ...] = get_args(Cause)

# What egress says of a call that brought nothing back.
NETWORK_CAUSES: Mapping[str, Cause] = {
    "bad_url": "misconfigured",
    "blocked": "blocked",
    "dns": "unavailable",
    "refused": "unavailable",
    "timeout": "unavailable",
    "tls": "unavailable",
    "busy": "unavailable",
    "bad_answer": "bad_answer",
    "too_large": "bad_answer",
}


class OAuthError(Exception):
    """Nothing was obtained. Its text is the cause: never what a provider wrote, nor what was sent.

    `retry_after` is in seconds, 0 to 3600, where the provider named a wait. `network` is the cause
    of the EgressError where nothing came back, else blank.
    """

    def __init__(
        self, cause: Cause, *, retry_after: float | None = None, network: str = ""
    ) -> None:
        super().__init__(cause)
        self.cause = cause
        self.retry_after = retry_after
        self.network = network

    @property
    def is_final(self) -> bool:
        """Whether the grant is gone: only the person who gave it can give it again."""
        return self.cause == "invalid_grant"

    @property
    def is_temporary(self) -> bool:
        """Whether the same call may succeed later, with nothing changed."""
        return self.cause in ("rate_limited", "unavailable")
