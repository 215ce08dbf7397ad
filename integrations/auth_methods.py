"""The kinds of auth method: the fields each brings, its rules, and how its values authenticate.

Adding a kind is one class, one name in AUTH_METHODS and one test table.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from integrations.moments import token_expiry
from integrations.problems import Problem, Problems
from integrations.specs import MethodDefinition, Spec
from integrations.texts import translated

PLACEHOLDER = re.compile(r"\{([A-Za-z][A-Za-z0-9_.-]*)\}")


def template_names(template: Any) -> set[str]:
    """The fields that a template, or a tree of templates, names as `{name}`."""
    if isinstance(template, str):
        return set(PLACEHOLDER.findall(template))
    if isinstance(template, Mapping):
        return set().union(*map(template_names, template.values())) if template else set()
    if isinstance(template, list | tuple):
        return set().union(*map(template_names, template)) if template else set()
    return set()


SCOPE = Spec(key="scope", type="scopes", label="Scope", required=False, secure=False)


class AuthMethodKind:
    """One kind. `brings` are the fields that every method of this kind asks for by itself."""

    brings: ClassVar[tuple[Spec, ...]] = ()
    # How values authenticate a request, unless the method's own `request` says otherwise.
    request: ClassVar[Mapping[str, Any]] = {}
    # Brought fields that the effective request does not name fall away.
    follows_request: ClassVar[bool] = False
    # Keys of values whose end `check` and `expiry` judge themselves.
    watches: ClassVar[tuple[str, ...]] = ()
    needs_location: ClassVar[bool] = False
    # Keys of the credentials that a person's consent at the service brings.
    granted: ClassVar[tuple[str, ...]] = ()
    needs_oauth: ClassVar[tuple[str, ...]] = ()
    auth_type: ClassVar[str] = "custom"
    # What JSON Schema cannot say of this kind, as `(fields, sentence)`.
    unsaid: ClassVar[tuple[tuple[tuple[str, ...], str], ...]] = ()
    # How the finished call is signed, where values are never sent: a name in SIGNATURES.
    signature: ClassVar[str] = "none"

    @classmethod
    def effective_request(cls, own: Mapping[str, Any]) -> dict[str, Any]:
        return {**cls.request, **own}

    @classmethod
    def brought(cls, own_request: Mapping[str, Any]) -> tuple[Spec, ...]:
        if not cls.follows_request:
            return cls.brings
        named = template_names(cls.effective_request(own_request))
        return tuple(spec for spec in cls.brings if spec.key in named)

    @classmethod
    def check(cls, method: MethodDefinition, values: Mapping[str, Any], now: datetime) -> Problems:
        """Problems of the credential values together; only fields that passed are in `values`."""
        return {}

    @classmethod
    def auth_type_of(cls, values: Mapping[str, Any]) -> str:
        return cls.auth_type

    @classmethod
    def expiry(cls, values: Mapping[str, Any], now: datetime) -> datetime | None:
        """When the credential ends, where its values say so."""
        return None


class NoAuth(AuthMethodKind): ...


class ApiKey(AuthMethodKind):
    brings = (Spec(key="api_key", type="password", label="API Key"),)
    follows_request = True
    needs_location = True
    auth_type = "api_key"


class Bearer(AuthMethodKind):
    """RFC 6750, section 2.1."""

    brings = (Spec(key="token", type="password", label="Access Token", strip=("Bearer ",)),)
    request: ClassVar[Mapping[str, Any]] = {"headers": {"Authorization": "Bearer {token}"}}
    follows_request = True
    auth_type = "access_token"


class Basic(AuthMethodKind):
    """RFC 7617."""

    brings = (
        Spec(key="username", label="Username", secure=False),
        Spec(key="password", type="password", label="Password"),
    )
    request: ClassVar[Mapping[str, Any]] = {"username": "{username}", "password": "{password}"}
    follows_request = True
    auth_type = "basic_auth"


class OAuth2(AuthMethodKind):
    """A grant: tokens that a person consented to (RFC 6749, section 5.1)."""

    brings = (
        Spec(key="access_token", type="password", label="Access Token"),
        Spec(key="refresh_token", type="password", label="Refresh Token", required=False),
        Spec(
            key="token_type",
            label="Token Type",
            required=False,
            secure=False,
            default="Bearer",
            pattern="[Bb][Ee][Aa][Rr][Ee][Rr]",
            pattern_message="must be Bearer",
            examples=("Bearer",),
            advanced=True,
        ),
        Spec(
            key="expires_at",
            type="datetime",
            label="Expires At",
            required=False,
            secure=False,
            expires=True,
            advanced=True,
        ),
        Spec(
            key="expires_in",
            type="integer",
            label="Expires In",
            required=False,
            secure=False,
            minimum=0,
            maximum=315_360_000,
            help_text="Seconds from now.",
            advanced=True,
        ),
        replace(SCOPE, advanced=True),
    )
    request: ClassVar[Mapping[str, Any]] = {"headers": {"Authorization": "Bearer {access_token}"}}
    granted = tuple(spec.key for spec in brings)
    needs_oauth = ("authorization_url", "token_url")
    watches = ("expires_at", "expires_in")
    unsaid = (
        (
            ("credentials.expires_at", "credentials.expires_in", "credentials.refresh_token"),
            "An expired access token needs a refresh token.",
        ),
        (("credentials.scope",), "The scope covers the scopes that the method requires."),
    )

    @classmethod
    def check(cls, method: MethodDefinition, values: Mapping[str, Any], now: datetime) -> Problems:
        return {**_expiry_problems(values, now), **_scope_problems(method, values)}

    @classmethod
    def auth_type_of(cls, values: Mapping[str, Any]) -> str:
        return "oauth_token_refresh" if values.get("refresh_token") else "oauth_token"

    @classmethod
    def expiry(cls, values: Mapping[str, Any], now: datetime) -> datetime | None:
        return token_expiry(values, now)


def _expiry_problems(values: Mapping[str, Any], now: datetime) -> Problems:
    expires_at = token_expiry(values, now)
    if expires_at is None or expires_at > now or values.get("refresh_token"):
        return {}
    is_moment = bool(values.get("expires_at"))
    field, label = ("expires_at", "Expires At") if is_moment else ("expires_in", "Expires In")
    text = _("Field '%(label)s' says the access token has expired, and there is no refresh token")
    hint = _("Sign in to the service again, or send the refresh token as well.")
    problem = Problem(
        text % {"label": translated(label)}, "expired_token", hint=hint, stage="rules"
    )
    return {f"credentials.{field}": [problem]}


def _scope_problems(method: MethodDefinition, values: Mapping[str, Any]) -> Problems:
    declared = method.oauth.get("required_scopes") or []
    required = declared.split() if isinstance(declared, str) else declared
    missing = [scope for scope in required if scope not in values.get("scope", [])]
    if not values.get("scope") or not missing:
        return {}
    text = _("Field '%(label)s' lacks: %(scopes)s")
    text %= {"label": translated("Scope"), "scopes": ", ".join(missing)}
    hint = _("Grant these scopes at the service and use the new token.")
    return {"credentials.scope": [Problem(text, "missing_scope", hint=hint, stage="rules")]}


class OAuth2ClientCredentials(AuthMethodKind):
    """RFC 6749, section 4.4."""

    brings = (
        Spec(key="client_id", label="Client ID", secure=False),
        Spec(key="client_secret", type="password", label="Client Secret"),
        SCOPE,
    )
    needs_oauth = ("token_url",)
    auth_type = "oauth_token"


class OAuth1(AuthMethodKind):
    """RFC 5849."""

    brings = (
        Spec(key="consumer_key", type="password", label="Consumer Key"),
        Spec(key="consumer_secret", type="password", label="Consumer Secret"),
        Spec(key="oauth_token", type="password", label="Token"),
        Spec(key="oauth_token_secret", type="password", label="Token Secret"),
    )
    granted = ("oauth_token", "oauth_token_secret")
    auth_type = "oauth_token"
    signature = "oauth1"


class JWT(AuthMethodKind):
    """An assertion signed with a private key (RFC 7523)."""

    brings = (
        Spec(key="issuer", label="Issuer", secure=False),
        Spec(key="key_id", label="Key ID", required=False, secure=False),
        Spec(key="private_key", type="pem", label="Private Key"),
    )
    auth_type = "public_key_secret"


class ServiceAccount(AuthMethodKind):
    brings = (Spec(key="service_account", type="service_account", label="Service Account Key"),)
    auth_type = "public_key_secret"


class ConnectionString(AuthMethodKind):
    brings = (Spec(key="connection_string", type="connection_string", label="Connection String"),)
    auth_type = "connection_string"


class AWS(AuthMethodKind):
    """An access key pair for Signature Version 4."""

    brings = (
        Spec(key="access_key_id", label="Access Key ID"),
        Spec(key="secret_access_key", type="password", label="Secret Access Key"),
        Spec(key="session_token", type="password", label="Session Token", required=False),
    )
    auth_type = "public_key_secret"
    signature = "aws"


class Custom(AuthMethodKind):
    """Whatever the definition asks for, sent as its `request` says."""


# Keys are stored in definitions and never renamed.
AUTH_METHODS: dict[str, type[AuthMethodKind]] = {
    "none": NoAuth,
    "api_key": ApiKey,
    "bearer": Bearer,
    "basic": Basic,
    "oauth2": OAuth2,
    "oauth2_client_credentials": OAuth2ClientCredentials,
    "oauth1": OAuth1,
    "jwt": JWT,
    "service_account": ServiceAccount,
    "connection_string": ConnectionString,
    "aws": AWS,
    "custom": Custom,
}


def kind_choices() -> list[tuple[str, str]]:
    return [(key, key.replace("_", " ")) for key in AUTH_METHODS]


def all_specs(
    kind: str, request: Mapping[str, Any], common: Iterable[Spec], own: Iterable[Spec]
) -> tuple[Spec, ...]:
    """Every field of a method: common ones, the kind's, its own; the later replace the earlier."""
    merged: dict[str, Spec] = {}
    for spec in (*common, *AUTH_METHODS[kind].brought(request), *own):
        merged[spec.path] = spec
    return tuple(sorted(merged.values(), key=lambda spec: spec.order))
