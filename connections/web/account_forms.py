"""allauth's forms in our dress: labels instead of placeholders, and nothing endless to hash."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.account.forms import ReauthenticateForm as PasswordAgainForm
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django import forms
from django.core.cache import cache
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from connections.access.mfa_adapter import MfaAdapter
from connections.access.sign_in import LONGEST_PASSWORD
from connections.web.forms import DressedField

LONGEST_NAME = 254
LONGEST_CODE = 40
# Its own step and those that are tolerated; the cache rounds down, so one more.
SECONDS_OF_A_CODE = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 2)
MALFORMED = (
    *(AttributeError, LookupError, TypeError, ValueError, struct.error),
    *(NotImplementedError, RecursionError, InvalidSignature, UnsupportedAlgorithm),
)


class Dressed:
    """Mixed into a form: the site's inputs, without texts that vanish when somebody types."""

    bound_field_class = DressedField
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)


class SignInForm(Dressed, LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["login"]
        name.label, name.max_length = _("User name or e-mail address"), LONGEST_NAME
        name.widget.attrs.update(autocomplete="username webauthn", maxlength=LONGEST_NAME)
        name.validators.append(MaxLengthValidator(LONGEST_NAME))


class ConfirmForm(Dressed, PasswordAgainForm):
    pass


class PasswordForm(Dressed, ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))
        self.fields["oldpassword"].label = _("Current password")
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password again")


class BoundedCode(Dressed):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].validators.append(MaxLengthValidator(LONGEST_CODE))  # type: ignore[attr-defined]
        self.fields["code"].widget.attrs["inputmode"] = "numeric"  # type: ignore[attr-defined]


class CodeOnce(BoundedCode):
    """A code of an app works once: RFC 6238, section 5.2."""

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        found = self.authenticator  # type: ignore[attr-defined]
        if found.type == Authenticator.Type.TOTP:
            # allauth remembers it for one step, however many it takes it for.
            cache.touch(totp.TOTP(found)._get_used_cache_key(code), SECONDS_OF_A_CODE)
        return code


class CodeForm(CodeOnce, AuthenticateForm):
    pass


class ConfirmCodeForm(CodeOnce, ReauthenticateForm):
    pass


class AppForm(BoundedCode, ActivateTOTPForm):
    """allauth keeps the seed of an app that is being set up in the session: here it is sealed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session, adapter = context.request.session, MfaAdapter()
        sealed = session.pop(totp.SECRET_SESSION_KEY, None)
        # Finds none, makes one and puts it into the session, which is written with the answer.
        super().__init__(*args, **kwargs)
        if self.is_bound and sealed is not None:
            self.secret = adapter.decrypt(sealed)
        session[totp.SECRET_SESSION_KEY] = adapter.encrypt(self.secret)


@contextmanager
def refusing() -> Iterator[None]:
    """Whatever a form got in place of a passkey's answer is a wrong one.

    The libraries take what a browser makes, and fail in many ways at what somebody made up.
    """
    try:
        yield
    except MALFORMED:
        raise MfaAdapter().validation_error("incorrect_code") from None


class CredentialField(forms.JSONField):
    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        with refusing():
            return super().to_python(value)


class Assertion:
    """Mixed into a form that lets a passkey in."""

    def clean_credential(self) -> Any:
        with refusing():
            return super().clean_credential()  # type: ignore[misc]


class PasskeyLoginForm(Assertion, LoginWebAuthnForm):
    credential = CredentialField()


class PasskeyStepForm(Assertion, AuthenticateWebAuthnForm):
    credential = CredentialField()


class PasskeyConfirmForm(Assertion, ReauthenticateWebAuthnForm):
    credential = CredentialField()


class PasskeyForm(Dressed, AddWebAuthnForm):
    name = forms.CharField(label=_("Name of the passkey"), required=False, max_length=100)
    credential = CredentialField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alone = self.fields["passwordless"]
        alone.label = _("Sign in with it alone, without a password")
        alone.help_text = _("It then asks for a finger, a face or a PIN each time.")

    def clean(self) -> Any:
        with refusing():
            return super().clean()


class PasskeyNameForm(Dressed, EditWebAuthnForm):
    name = forms.CharField(label=_("Name of the passkey"), max_length=100)
