"""Whose password it is: one look-up and one hash, whoever is named and whatever is wrong."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

# Hashing takes longer the longer the password is; nobody types this much.
LONGEST_PASSWORD = 4096


class SignInBackend(ModelBackend):
    """A user name, or an e-mail address that one person only has."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        **others: Any,
    ) -> Any:
        """None for an unknown name, a wrong password and a locked account alike, after as long."""
        named = username or email
        if not named or not password or len(password) > LONGEST_PASSWORD:
            return None
        user = who_is(named)
        if user is None:
            get_user_model()().set_password(password)
            return None
        fits = user.check_password(password)
        return user if fits and self.user_can_authenticate(user) else None


def who_is(named: str) -> Any:
    """The person of that user name, else the only one of that e-mail address, else None."""
    people = get_user_model()._default_manager
    if not is_storable(named):
        return None
    found = list(people.filter(username=named)) or list(people.filter(email__iexact=named)[:2])
    return found[0] if len(found) == 1 else None


def is_storable(text: str) -> bool:
    """Whether a database could hold it: PostgreSQL knows no NUL, and nothing half a character."""
    return "\0" not in text and text.isprintable()
