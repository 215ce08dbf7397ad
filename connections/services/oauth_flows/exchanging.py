"""Coming back from the service: what it gave becomes values, its words become causes."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from connections.models import OAuthFlow
from connections.oauth.errors import OAuthError
from connections.oauth.tokens import TokenAnswer
from connections.services.checked import Grant
from connections.services.oauth_flows.parties import Parties
from integrations.problems import printable
from integrations.specs import MethodDefinition
from integrations.templates import OWN_HOST_RULES

logger = logging.getLogger("connections.oauth")

# Types of fields that decide where tokens are sent.
PLACES = OWN_HOST_RULES | {"url"}
# What an authorization endpoint may answer (RFC 6749, section 4.1.2.1), as causes of ours.
ERRORS = {
    "access_denied": "access_denied",
    "consent_required": "access_denied",
    "interaction_required": "access_denied",
    "login_required": "access_denied",
    "invalid_scope": "invalid_scope",
    "unauthorized_client": "invalid_client",
    "server_error": "unavailable",
    "temporarily_unavailable": "unavailable",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Obtained:
    """What the consent brought: values for the method's fields, and where they came from."""

    parties: Parties
    credentials: dict[str, Any] = field(repr=False)
    config: dict[str, Any] = field(repr=False)
    grant: Grant
    # `(id, label)` of the account, where the service signed who it is.
    account: tuple[str, str] = ("", "")


def refused_with(flow: OAuthFlow, word: str) -> OAuthError:
    """The service's own words are for the log: short, and on one line."""
    logger.warning("authorization_refused", extra={"flow": str(flow.id), "error": printable(word)})
    return OAuthError(ERRORS.get(word, "rejected"))  # type: ignore[arg-type]


def token_values(token: TokenAnswer, asked: tuple[str, ...]) -> dict[str, Any]:
    """A token answer as the fields of the kind; scopes that it is silent of are those asked for."""
    scopes = asked if token.scopes is None else token.scopes
    ends = token.expires_at
    values: dict[str, Any] = {
        "access_token": token.access_token,
        "refresh_token": token.refresh_token,
        "token_type": "Bearer",
        "expires_at": ends and ends.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "scope": list(scopes),
    }
    return {name: value for name, value in values.items() if value}


def picked_values(
    method: MethodDefinition, extra: Mapping[str, Any], answer: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Values of the stage `automatic`: from the token answer, else from the callback's address.

    The address was in the person's hands: what decides where tokens are sent is not taken from it.
    """
    picked: dict[str, dict[str, Any]] = {"credentials": {}, "config": {}}
    for spec in method.specs:
        if spec.stage != "automatic":
            continue
        value = extra.get(spec.key)
        if value is None and spec.type not in PLACES:
            value = answer.get(spec.key)
        if value is not None:
            picked[spec.target][spec.key] = value
    return picked
