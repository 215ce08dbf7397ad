"""What every sign-in form does, the pages' and the admin's alike."""

from typing import Any

# Hashing takes longer the longer the password is; nobody types this much.
LONGEST_PASSWORD = 4096


class BoundedPassword:
    """Mixed into an AuthenticationForm: a password that nobody types is not hashed."""

    def clean_password(self: Any) -> str:
        """Says what a wrong password gets."""
        password: str = self.cleaned_data["password"]
        if len(password) > LONGEST_PASSWORD:
            raise self.get_invalid_login_error()
        return password
