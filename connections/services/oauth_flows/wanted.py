"""What a person is asked for: the input of a flow."""

from dataclasses import dataclass, field
from typing import Any, Literal

from connections.models import Connection
from integrations.specs import IntegrationDefinition, MethodDefinition

# Where the person came from, and goes back to. `link` is the page of a connect session, `tab` a tab
# that was opened beside it because it is framed.
Place = Literal["api", "web", "admin", "link", "tab"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The connect session that a person consents for; the flow keeps its token encrypted."""

    session: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person is asked to consent to, and what becomes of it.

    `credentials` and `config` are what is known before the consent, and passed the rules for it.
    `connection` is repaired in place; without one a new connection is made.
    """

    integration: IntegrationDefinition
    method: MethodDefinition
    credentials: dict[str, Any] = field(default_factory=dict, repr=False)
    config: dict[str, Any] = field(default_factory=dict, repr=False)
    scopes: tuple[str, ...] = ()
    label: str = ""
    user_id: str = ""
    return_url: str = ""
    connection: Connection | None = None
    owner: Any = None
    place: Place = "api"
    link: Link | None = None
