"""From a consent to a connection: what it brought passes the same rules as any other."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connections.access.actors import Actor
from connections.models import Connection, ConnectSession, OAuthFlow
from connections.serializers import ConnectionChangeSerializer, ConnectionSerializer
from connections.services.connect_sessions import SessionOver, complete_session
from connections.services.oauth_flows.exchanging import Obtained
from connections.services.oauth_flows.protocols import exchange
from integrations.catalogue import current_version
from integrations.problems import Refused


class ConnectionGone(Exception):
    """The connection to repair was deleted while its person consented."""


def complete(flow: OAuthFlow, answer: Mapping[str, str], *, now: datetime) -> Connection:
    """Carry out a flow whose one use was taken: a new connection, or the repaired one.

    Nothing is stored when this raises: OAuthError, Refused, Unverifiable, ConnectionGone, Overtaken
    or SessionOver.
    """
    obtained = exchange(flow, answer, now=now)
    actor = Actor(
        name=flow.created_by,
        workspace=flow.workspace,
        user=flow.owner,
        catalogue_version=current_version(),
    )
    context = obtained.parties.context
    session = session_of(flow, context)
    if context["connection"]:
        return _repair(actor, session, obtained)
    return _create(actor, flow, session, obtained)


def session_of(flow: OAuthFlow, context: Mapping[str, Any]) -> ConnectSession | None:
    """The connect session that the flow belongs to, if any. Raises SessionOver if it is gone."""
    link = context.get("link")
    if not link:
        return None
    session = ConnectSession.objects.named(flow.workspace_id, link["session"])
    if session is None:
        raise SessionOver
    session.workspace = flow.workspace
    return session  # type: ignore[no-any-return]


def _saved(
    actor: Actor, session: ConnectSession | None, save: Callable[[], Connection]
) -> Connection:
    if session is None:
        return save()
    return complete_session(actor=actor, session=session, save=save)


def _create(
    actor: Actor, flow: OAuthFlow, session: ConnectSession | None, obtained: Obtained
) -> Connection:
    parties, context = obtained.parties, obtained.parties.context
    body = {
        "integration": parties.integration.slug,
        "integration_type": parties.integration.type,
        "auth_method_id": parties.method.id,
        "label": context["label"],
        "user_id": context["user_id"],
        "credentials": obtained.credentials,
        "config": obtained.config,
        "metadata": session.metadata if session else {},
    }
    serializer = ConnectionSerializer(
        data=body, context={"actor": actor, "account": obtained.account}
    )
    _judge(serializer, obtained)
    # What staff connect for somebody else is nobody's until they say whose.
    owner = flow.owner if context["place"] == "web" else None
    return _saved(actor, session, lambda: serializer.save(owner=owner))


def _repair(actor: Actor, session: ConnectSession | None, obtained: Obtained) -> Connection:
    connection = Connection.objects.find(actor.workspace, obtained.parties.context["connection"])
    if connection is None:
        raise ConnectionGone
    method = obtained.parties.method
    # The old tokens go, also where the new answer has no counterpart.
    keys = [spec.key for spec in method.specs if spec.target == "credentials"]
    body = {
        "auth_method_id": method.id,
        "credentials": {**_cleared(keys, obtained.credentials), **obtained.credentials},
        "config": obtained.config,
        **(_described(session) if session else {}),
    }
    serializer = ConnectionChangeSerializer(
        connection, data=body, context={"actor": actor, "account": obtained.account}
    )
    _judge(serializer, obtained)
    return _saved(actor, session, serializer.save)


def _described(session: ConnectSession) -> dict[str, Any]:
    """What the session says of the connection beside its values, where it says something."""
    said = {"label": session.label, "metadata": session.metadata}
    return {name: value for name, value in said.items() if value}


def _cleared(keys: list[str], given: Mapping[str, Any]) -> dict[str, None]:
    return {key: None for key in keys if key not in given}


def _judge(serializer: Any, obtained: Obtained) -> None:
    """Raise Refused, or note where the values came from."""
    if not serializer.is_valid():
        raise Refused(serializer.problems)
    serializer.checked_values = replace(serializer.checked_values, grant=obtained.grant)
