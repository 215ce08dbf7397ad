"""Tokens that need no person: fetched with the values of a connection, or signed with them."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connections.egress import Send
from connections.oauth import discovery
from connections.oauth.assertions import signed_assertion
from connections.oauth.clients import Client
from connections.oauth.errors import OAuthError
from connections.oauth.provider import Provider, provider_for
from connections.oauth.token_answers import TokenAnswer
from connections.oauth.tokens import request_token
from integrations.field_types.documents import normal_pem
from integrations.specs import MethodDefinition
from integrations.templates import UnfilledTemplate, Values, as_text, fill, fill_optional, value_of

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# GitHub takes ten minutes at most, counted from the moment of issue, which is set back a little.
BEARER_SECONDS = 540
KIND_GRANTS: Mapping[str, str] = {
    "oauth2_client_credentials": "client_credentials",
    "jwt": "jwt_bearer",
    "service_account": "service_account",
}


def obtains_token(method: MethodDefinition) -> bool:
    """Whether connections of this method get their tokens by `obtain_token`."""
    return bool(grant_of(method))


def grant_of(method: MethodDefinition) -> str:
    """A key of GRANTS, or blank; an assertion that nobody trades is the token itself."""
    grant = str(method.oauth.get("grant") or KIND_GRANTS.get(method.kind, ""))
    is_traded = method.oauth.get("token_url") or method.oauth.get("issuer")
    return "assertion" if grant == "jwt_bearer" and not is_traded else grant


def obtain_token(
    method: MethodDefinition, values: Values, *, send: Send, now: datetime
) -> TokenAnswer:
    """A new token for these values; nobody is asked and nothing is stored.

    Raises OAuthError; `misconfigured` where values are missing, or a key cannot sign.
    """
    grant = grant_of(method)
    if grant not in GRANTS:
        raise OAuthError("misconfigured")
    try:
        return GRANTS[grant](_Case(method, values, send, now))
    except UnfilledTemplate:
        raise OAuthError("misconfigured") from None


class _Case:
    """What every grant reads: one method with its values, at one moment."""

    def __init__(self, method: MethodDefinition, values: Values, send: Send, now: datetime) -> None:
        self.method, self.values, self.send, self.now = method, values, send, now

    def text(self, name: str) -> str:
        """Blank where the field holds nothing."""
        value = value_of(self.method, name, self.values)
        return "" if value is None else as_text(value)

    def needed(self, name: str) -> str:
        if not (text := self.text(name)):
            raise OAuthError("misconfigured")
        return text

    def provider(self) -> Provider:
        found = provider_for(self.method, self.values)
        return discovery.completed(found, send=self.send)

    def client(self) -> Client | None:
        """None where the method asks for no client: the grant proves itself."""
        if not self.text("client_id"):
            return None
        return Client(
            client_id=self.text("client_id"),
            client_secret=self.text("client_secret"),
            private_key=normal_pem(self.text("private_key")),
            key_id=self.text("key_id"),
        )

    def scope(self, provider: Provider) -> str:
        """The scopes that the connection names, else the definition's."""
        named = value_of(self.method, "scope", self.values)
        scopes = named.split() if isinstance(named, str) else named
        return provider.scope_separator.join(scopes or provider.default_scopes)

    def token(self, provider: Provider, params: Mapping[str, str]) -> TokenAnswer:
        return request_token(provider, self.client(), params=params, send=self.send, now=self.now)

    def claims(self, provider: Provider | None) -> dict[str, Any]:
        """`aud` and `sub`, and what the definition adds (RFC 7523, section 3)."""
        declared = self.method.oauth
        audience = declared.get("assertion_audience") or ""
        subject = fill_optional(declared.get("assertion_subject") or "", self.method, self.values)
        claims = {
            "aud": fill(audience, self.method, self.values)
            or (provider.needed("token_url") if provider else ""),
            "sub": subject or "",
            **{
                name: fill(template, self.method, self.values)
                for name, template in (declared.get("assertion_claims") or {}).items()
            },
        }
        return {name: value for name, value in claims.items() if value}

    def signed(self, claims: Mapping[str, Any], **more: Any) -> str:
        return signed_assertion(
            normal_pem(self.needed("private_key")),
            {"iss": self.needed("issuer"), **claims},
            key_id=self.text("key_id"),
            algorithm=self.method.oauth.get("assertion_alg") or "",
            now=self.now,
            **more,
        )


def _client_credentials(case: _Case) -> TokenAnswer:
    """RFC 6749, section 4.4."""
    provider = case.provider()
    case.needed("client_id")
    params = {"grant_type": "client_credentials", "scope": case.scope(provider)}
    return case.token(provider, params)


def _password(case: _Case) -> TokenAnswer:
    """RFC 6749, section 4.3: for services that have nothing better."""
    provider = case.provider()
    params = {
        "grant_type": "password",
        "username": case.needed("username"),
        "password": case.needed("password"),
        "scope": case.scope(provider),
    }
    return case.token(provider, params)


def _jwt_bearer(case: _Case) -> TokenAnswer:
    """RFC 7523, section 2.1."""
    provider = case.provider()
    params = {
        "grant_type": JWT_BEARER,
        "assertion": case.signed(case.claims(provider)),
        "scope": case.scope(provider),
    }
    return case.token(provider, params)


def _assertion(case: _Case) -> TokenAnswer:
    """The signed assertion is what the service takes as a bearer token; nothing is called."""
    token = case.signed(case.claims(None), seconds=BEARER_SECONDS)
    return TokenAnswer(access_token=token, expires_at=case.now + timedelta(seconds=BEARER_SECONDS))


def _service_account(case: _Case) -> TokenAnswer:
    """Google's form of RFC 7523, with the scopes inside of the assertion.

    The definition says where it is sent, never the key file.
    """
    provider = case.provider()
    key_file = value_of(case.method, "service_account", case.values)
    if not isinstance(key_file, Mapping):
        raise OAuthError("misconfigured")
    claims = {
        **case.claims(provider),
        "iss": key_file.get("client_email", ""),
        "scope": case.scope(provider),
    }
    assertion = signed_assertion(
        normal_pem(str(key_file.get("private_key", ""))),
        claims,
        key_id=str(key_file.get("private_key_id", "")),
        now=case.now,
    )
    return case.token(provider, {"grant_type": JWT_BEARER, "assertion": assertion})


GRANTS: Mapping[str, Callable[[_Case], TokenAnswer]] = {
    "client_credentials": _client_credentials,
    "password": _password,
    "jwt_bearer": _jwt_bearer,
    "assertion": _assertion,
    "service_account": _service_account,
}
