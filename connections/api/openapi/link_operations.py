"""The operations on connect sessions."""

from connections.api import connect_sessions
from connections.api.openapi import link_examples
from connections.api.openapi.operations import CREATION, LINKS, Body, Operation, Operations
from connections.links.serializers import SessionSerializer

LINK_OPERATIONS: Operations = {
    (connect_sessions.ConnectSessionList, "POST"): Operation(
        id="createConnectSession",
        tag=LINKS,
        summary="Make a connect link",
        description="One person opens `url`, without signing in, and connects one of the "
        "`integrations`, or repairs `connection_id` in place. Values that are given here are "
        "neither shown there nor can they be changed. The link makes one connection at most. "
        "Afterwards the browser goes to `return_url` with `status=success`, `connection_id` and "
        "`session_id`; in a popup or a frame one message "
        '`{type: "mielto:connected", connection_id, session_id}` goes to `origin`. The link is in '
        "this answer and nowhere else.",
        body=Body(
            name="ConnectSessionCreation",
            serializer=SessionSerializer,
            examples=link_examples.CREATIONS,
        ),
        status=201,
        answer="NewConnectSession",
        answer_examples=link_examples.NEW_SESSIONS,
        refusals=CREATION,
    ),
    (connect_sessions.ConnectSessionDetail, "GET"): Operation(
        id="getConnectSession",
        tag=LINKS,
        summary="Read how far a connect session is",
        description="Sessions are kept for seven days after their end.",
        answer="ConnectSession",
        answer_examples=link_examples.SESSIONS,
    ),
    (connect_sessions.ConnectSessionDetail, "DELETE"): Operation(
        id="cancelConnectSession",
        tag=LINKS,
        summary="Cancel a connect session",
        description="Its link stops working at once. One that is over already stays as it is.",
        status=204,
        refusals=("AlreadyCompleted",),
    ),
}
