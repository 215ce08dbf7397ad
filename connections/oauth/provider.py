"""A provider: where it is asked, and in which of the many dialects of OAuth 2."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connections.egress import EgressError, parse
from connections.oauth.errors import OAuthError
from integrations.specs import MethodDefinition
from integrations.templates import UnfilledTemplate, Values, fill, fill_optional, fill_url

URLS = (
    "authorization_url",
    "token_url",
    "refresh_url",
    "revoke_url",
    "registration_url",
    "jwks_uri",
    "issuer",
)
# Taken as they are declared.
PLAIN = (
    *("client_auth", "pkce", "scope_separator", "scope_param", "token_format", "answer_format"),
    *("access_token_path", "refresh_token_path", "revoke_format", "revoke_auth"),
)
WORD_LISTS = ("default_scopes", "required_scopes", "token_types")
# What was found out about a provider and is stored with the grant that it gave.
DISCOVERED = (*URLS, "resource", "client_auth", "sends_issuer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Templates are filled: addresses and parameters are as they are sent. Blank: not known.

    `client_auth` and `*_format` are keys as in definitions; paths are dotted.
    """

    authorization_url: str = field(default="", repr=False)
    token_url: str = field(default="", repr=False)
    refresh_url: str = field(default="", repr=False)
    revoke_url: str = field(default="", repr=False)
    registration_url: str = field(default="", repr=False)
    jwks_uri: str = field(default="", repr=False)
    issuer: str = field(default="", repr=False)
    # RFC 8707: the resource that tokens are asked for.
    resource: str = field(default="", repr=False)
    client_auth: str = ""
    pkce: bool = True
    # RFC 9207: whether every answer to the browser carries `iss`.
    sends_issuer: bool = False
    default_scopes: tuple[str, ...] = ()
    required_scopes: tuple[str, ...] = ()
    scope_separator: str = " "
    scope_param: str = "scope"
    authorize_params: Mapping[str, str] = field(default_factory=dict, repr=False)
    token_params: Mapping[str, str] = field(default_factory=dict, repr=False)
    refresh_params: Mapping[str, str] = field(default_factory=dict, repr=False)
    token_format: str = "form"  # noqa: S105 - no secret
    answer_format: str = "json"
    access_token_path: str = "access_token"  # noqa: S105 - no secret
    refresh_token_path: str = ""
    # Beside `Bearer`: words that a service uses for the same thing.
    token_types: tuple[str, ...] = ()
    assertion_audience: str = field(default="", repr=False)
    revoke_format: str = "form"
    revoke_auth: str = "client"

    def needed(self, name: str) -> str:
        """The address of that name. Raises OAuthError `misconfigured` where there is none."""
        url: str = getattr(self, name)
        if not url:
            raise OAuthError("misconfigured")
        return url

    @property
    def endpoints(self) -> dict[str, Any]:
        """What to store with a grant, so that it is refreshed and revoked where it was given."""
        found = {name: getattr(self, name) for name in DISCOVERED}
        return {name: value for name, value in found.items() if value}


def provider_for(
    method: MethodDefinition, values: Values, *, endpoints: Mapping[str, Any] | None = None
) -> Provider:
    """The provider of a method; the stored `endpoints` of a grant replace the definition's.

    Raises OAuthError `misconfigured` where a template names a field that holds nothing, or a value
    that may not stand in an address.
    """
    stored = {name: (endpoints or {})[name] for name in DISCOVERED if (endpoints or {}).get(name)}
    declared = method.oauth
    found: dict[str, Any] = {
        **_plain(declared),
        **_addresses(method, values, known=stored),
        **{name: tuple(_words(declared.get(name))) for name in WORD_LISTS if declared.get(name)},
        **{
            name: _filled(declared.get(name) or {}, method, values)
            for name in ("authorize_params", "token_params", "refresh_params")
        },
        **stored,
    }
    return Provider(**found)


def _plain(declared: Mapping[str, Any]) -> dict[str, Any]:
    return {name: declared[name] for name in PLAIN if declared.get(name) is not None}


def _addresses(
    method: MethodDefinition, values: Values, *, known: Mapping[str, Any]
) -> dict[str, str]:
    names = [name for name in URLS if method.oauth.get(name) and name not in known]
    audience = method.oauth.get("assertion_audience", "")
    try:
        found = {name: fill_url(method.oauth[name], method, values) for name in names}
        return {**found, "assertion_audience": fill(audience, method, values)}
    except UnfilledTemplate:
        raise OAuthError("misconfigured") from None


def _words(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else list(value)


def _filled(
    templates: Mapping[str, str], method: MethodDefinition, values: Values
) -> dict[str, str]:
    """Parameters of empty fields are left out."""
    found = {name: fill_optional(value, method, values) for name, value in templates.items()}
    return {name: value for name, value in found.items() if value is not None}


def with_endpoints(provider: Provider, **found: Any) -> Provider:
    """The provider with what was discovered where its definition says nothing."""
    missing = {name: value for name, value in found.items() if not getattr(provider, name)}
    return replace(provider, **missing)


def check_url(url: Any) -> str:
    """The URL, if it may be stored as an address of a provider or opened in a browser.

    One that egress would call, in ASCII and without a fragment. Raises OAuthError `bad_answer`.
    Whether its host has an address that may be called shows when it is called.
    """
    if not isinstance(url, str) or not url.isascii() or "#" in url:
        raise OAuthError("bad_answer")
    try:
        parse(url)
    except EgressError:
        raise OAuthError("bad_answer") from None
    return url
