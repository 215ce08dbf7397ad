"""The operations on consents: begin one, refresh what it gave, give it back."""

from connections.api import oauth
from connections.api.openapi import oauth_examples
from connections.api.openapi.connection_operations import NO_MEMBERS
from connections.api.openapi.operations import OAUTH, Body, Operation, Operations
from connections.oauth_serializers import InitiateSerializer

OAUTH_OPERATIONS: Operations = {
    (oauth.OAuthInitiate, "POST"): Operation(
        id="initiateOAuth",
        tag=OAUTH,
        summary="Begin an authorization",
        description="A person opens `auth_url` in a browser within ten minutes and consents at the "
        "service. What comes back is validated like any creation, and becomes a new connection, or "
        "repairs `connection_id` in place if it is of the same account. The browser then goes to "
        "`redirect_uri` with `status=success` and `connection_id`, or with `status=failed` and "
        "`error`; without a `redirect_uri` it ends on a page of this installation.",
        body=Body(
            name="OAuthInitiation",
            serializer=InitiateSerializer,
            examples=oauth_examples.INITIATIONS,
        ),
        answer="OAuthStart",
        answer_examples=oauth_examples.STARTS,
        refusals=("CannotSignIn", "ServiceDown"),
    ),
    (oauth.OAuthRefresh, "POST"): Operation(
        id="refreshOAuth",
        tag=OAUTH,
        summary="Refresh the token of a connection",
        description="At once, however long the stored token is good for.",
        body=NO_MEMBERS,
        answer="OAuthRefreshed",
        answer_examples=oauth_examples.REFRESHED,
        refusals=("NotRefreshable", "CannotRefresh"),
    ),
    (oauth.OAuthRevoke, "POST"): Operation(
        id="revokeOAuth",
        tag=OAUTH,
        summary="Revoke the grant of a connection at its service",
        description="The connection stays, as `expired`; connecting again repairs it.",
        body=NO_MEMBERS,
        answer="OAuthRevoked",
        answer_examples=oauth_examples.REVOKED,
        refusals=("NotRevocable", "CannotRevoke"),
    ),
}
