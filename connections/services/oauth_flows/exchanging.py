"""Coming back from the service: its code becomes tokens, its words become causes."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connections.models import OAuthFlow
from connections.oauth.authorization import check_issuer
from connections.oauth.errors import OAuthError
from connections.oauth.tokens import TokenAnswer, exchange_code
from connections.services.checked import Grant
from connections.services.oauth_flows.addresses import callback_url
from connections.services.oauth_flows.parties import Parties, parties_of
from connections.services.verification import door_of
from integrations.problems import printable
from integrations.specs import MethodDefinition
from integrations.templates import OWN_HOST_RULES

logger = logging.getLogger("connections.oauth")

LONGEST_CODE = 4096
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


def exchange(flow: OAuthFlow, answer: Mapping[str, str], *, now: datetime) -> Obtained:
    """`answer` is what the service said in the callback's address. Raises OAuthError."""
    parties = parties_of(flow)
    check_issuer(parties.provider, answer.get("iss"))
    if answer.get("error"):
        raise _refused(flow, answer["error"])
    code = answer.get("code", "")
    if not code or len(code) > LONGEST_CODE or not code.isascii() or not code.isprintable():
        raise OAuthError("bad_answer")
    token = exchange_code(
        parties.provider,
        parties.client,
        code=code,
        redirect_uri=callback_url(),
        code_verifier=parties.context["verifier"] if parties.provider.pkce else None,
        nonce=parties.context["nonce"] or None,
        send=door_of(flow.workspace),
        now=now,
    )
    picked = picked_values(parties.method, token.extra, answer)
    context = parties.context
    return Obtained(
        parties=parties,
        credentials={
            **context["credentials"],
            **picked["credentials"],
            **token_values(token, tuple(context["scopes"])),
        },
        config={**context["config"], **picked["config"]},
        grant=Grant(client_pk=parties.row.pk, endpoints=context["endpoints"]),
    )


def _refused(flow: OAuthFlow, word: str) -> OAuthError:
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
