"""The protocols by which a person consents, by the kind of auth method."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connections.access.actors import Actor
from connections.models import OAuthFlow
from connections.services.oauth_flows import oauth1, oauth2
from connections.services.oauth_flows.exchanging import Obtained
from connections.services.oauth_flows.parties import Parties, parties_of
from connections.services.oauth_flows.wanted import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """`begin` is what the flow remembers; `exchange` turns what came back into values.

    All raise OAuthError; `begin` NoClient as well.
    """

    begin: Callable[[Actor, Wanted, str, datetime], dict[str, Any]]
    authorization_url: Callable[[Parties, str], str]
    exchange: Callable[[OAuthFlow, Parties, Mapping[str, str], datetime], Obtained]


# A kind that is here has a row in `parties.CONSENTED` as well.
PROTOCOLS: dict[str, Protocol] = {
    "oauth2": Protocol(
        begin=oauth2.begin, authorization_url=oauth2.address, exchange=oauth2.exchange
    ),
    "oauth1": Protocol(
        begin=oauth1.begin, authorization_url=oauth1.address, exchange=oauth1.exchange
    ),
}


def exchange(flow: OAuthFlow, answer: Mapping[str, str], *, now: datetime) -> Obtained:
    """`answer` is what the service said in the callback's address. Raises OAuthError."""
    parties = parties_of(flow)
    return PROTOCOLS[parties.method.kind].exchange(flow, parties, answer, now)
