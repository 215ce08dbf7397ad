"""Where people sign in and look after their account.

allauth finds its pages by name. What has no name here does not exist: no sign-up, no pages for
addresses, phones and accounts elsewhere.
"""

from allauth.account.views import password_change, reauthenticate
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from connections.web import account

sign_in = account.SignInView.as_view()

urlpatterns = [
    path("sign-in", sign_in, name="sign-in"),
    path("sign-in", sign_in, name="account_login"),
    path("sign-in/code", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-out", account.sign_out, name="sign-out"),
    path("sign-out", account.sign_out, name="account_logout"),
    path("account/confirm", reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code", mfa.reauthenticate, name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey",
        account.PasskeyConfirmView.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/password", password_change, name="account_change_password"),
    path("account/sessions", account.sessions, name="sessions"),
    path("account/security", account.SecurityView.as_view(), name="mfa_index"),
    path("account/security/app", app.activate_totp, name="mfa_activate_totp"),
    path("account/security/app/remove", app.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/security/codes", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "account/security/codes/new",
        codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path("account/security/passkeys", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("account/security/passkeys/new", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/security/passkeys/<int:pk>", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path(
        "account/security/passkeys/<int:pk>/remove",
        passkeys.remove_webauthn,
        name="mfa_remove_webauthn",
    ),
]
