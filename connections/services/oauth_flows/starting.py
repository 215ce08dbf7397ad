"""Beginning an authorization: who asks whom for what, and what becomes of the answer."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connections.access.actors import Actor
from connections.models import OAuthFlow
from connections.services.oauth_flows.addresses import start_url
from connections.services.oauth_flows.browser import LIFETIME
from connections.services.oauth_flows.protocols import PROTOCOLS
from connections.services.oauth_flows.wanted import Wanted
from connections.tokens import digest_of, new_secret

# How long a flow that is over is kept: until then its state is told from one that never was.
KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """`url` is our page that a browser opens; `state` names the flow and is stored nowhere."""

    url: str = field(repr=False)
    state: str = field(repr=False)


def begin_flow(*, actor: Actor, wanted: Wanted, now: datetime) -> Begun:
    """Store the flow and say where it starts.

    Raises NoClient, or OAuthError where the service cannot be asked as it is described.
    """
    state = new_secret()
    context = {
        "credentials": wanted.credentials,
        "config": wanted.config,
        "label": wanted.label,
        "user_id": wanted.user_id,
        "return_url": wanted.return_url,
        "connection": wanted.connection.public_id if wanted.connection else "",
        "place": wanted.place,
        "link": asdict(wanted.link) if wanted.link else None,
        **PROTOCOLS[wanted.method.kind].begin(actor, wanted, state, now),
    }
    return _store(actor, wanted, context, state, now)


def _store(
    actor: Actor, wanted: Wanted, context: dict[str, Any], state: str, now: datetime
) -> Begun:
    flow = OAuthFlow(
        workspace=actor.workspace,
        state_digest=digest_of(state),
        auth_method_id=wanted.method.pk,
        owner=wanted.owner,
        created_by=actor.name,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    flow.set_context(context)
    rows = OAuthFlow.objects.within(actor.workspace.id)
    rows.filter(expires_at__lt=now - KEPT_FOR).delete()
    flow.save(force_insert=True)
    return Begun(url=start_url(state), state=state)
