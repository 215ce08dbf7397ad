"""Second factors at rest: seeds of apps and of recovery codes are encrypted for their person."""

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter

from connections.models.account_keys import open_for, seal_for

FIELD = "second factor"


class MfaAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return seal_for(whose(), text, field=FIELD)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises VaultError for a value that was moved from another person's row."""
        return open_for(whose(), encrypted_text, field=FIELD)


def whose() -> int:
    """Whose second factor a request is about: the person signed in, or on the way to be.

    allauth hands its hooks the text alone. It only ever asks for the person's own: in a signed-in
    session, or in the step between password and code, which knows who gave the password.
    """
    request: Any = context.request
    if request.user.is_authenticated:
        return int(request.user.pk)
    return int(request._login_stage.login.user.pk)
