"""How people sign in: the settings of django-allauth, which need nothing of the environment."""

AUTHENTICATION_BACKENDS = ["connections.access.sign_in.SignInBackend"]
ACCOUNT_ADAPTER = "connections.access.account_adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
# An address is known to be somebody's by the invitation that was sent there.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Attempts per address of the caller and per name that was typed; counted in the database.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/m/ip,5/300s/key",
    "invite": "20/m/user,200/d/user",
}
ACCOUNT_FORMS = {
    "login": "connections.web.account_forms.SignInForm",
    "reauthenticate": "connections.web.account_forms.ConfirmForm",
    "change_password": "connections.web.account_forms.PasswordForm",
}

MFA_ADAPTER = "connections.access.mfa_adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Mielto Connections"
# A step before and one after, for typing and for clocks that differ: RFC 6238, section 5.2.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "connections.web.account_forms.CodeForm",
    "reauthenticate": "connections.web.account_forms.ConfirmCodeForm",
    "activate_totp": "connections.web.account_forms.AppForm",
    "login_webauthn": "connections.web.account_forms.PasskeyLoginForm",
    "authenticate_webauthn": "connections.web.account_forms.PasskeyStepForm",
    "reauthenticate_webauthn": "connections.web.account_forms.PasskeyConfirmForm",
    "add_webauthn": "connections.web.account_forms.PasskeyForm",
    "edit_webauthn": "connections.web.account_forms.PasskeyNameForm",
}

# One for all processes: limits that each process counted for itself would be as many times larger.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "connections_cacheentry",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
