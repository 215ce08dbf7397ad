"""The operations on connections."""

from connections.api import connections, live, queries
from connections.api.openapi import examples
from connections.api.openapi.operations import CONNECTIONS, CREATION, Body, Operation, Operations
from connections.serializers import (
    ConnectionChangeSerializer,
    ConnectionSerializer,
    DryRunSerializer,
)
from integrations.requirements import StrictSerializer

CONNECTION_CHANGE = Body(
    name="ConnectionChange",
    serializer=ConnectionChangeSerializer,
    examples=examples.CONNECTION_CHANGES,
    is_change=True,
    never_blank=frozenset({"status"}),
)
NO_MEMBERS = Body(name="NoMembers", serializer=StrictSerializer, examples={"nothing": {}})
CHANGE_TEXT = (
    "Absent members keep what is stored, null clears, a value replaces; the same holds for each "
    "member of `credentials` and `config`. The whole result is validated before anything is "
    "replaced. {same}"
)

CONNECTION_OPERATIONS: Operations = {
    (connections.ConnectionList, "GET"): Operation(
        id="listConnections",
        tag=CONNECTIONS,
        summary="List connections",
        query=queries.ListQuery,
        answer="ConnectionList",
        answer_examples=examples.CONNECTION_LISTS,
        refusals=("BadListQuery",),
    ),
    (connections.ConnectionList, "POST"): Operation(
        id="createConnection",
        tag=CONNECTIONS,
        summary="Create a connection",
        description="Validates the whole body against the requirements of the auth method and "
        "reports every problem in one answer. Nothing is stored when anything is refused.",
        query=queries.VerifyQuery,
        body=Body(
            name="ConnectionCreation",
            serializer=ConnectionSerializer,
            examples=examples.CONNECTION_CREATIONS,
        ),
        status=201,
        answer="Connection",
        answer_examples=examples.CONNECTIONS,
        refusals=(*CREATION, "CreationConflict", "CannotVerify"),
    ),
    (live.ConnectionDryRun, "POST"): Operation(
        id="validateConnection",
        tag=CONNECTIONS,
        summary="Check values without storing them",
        description="A dry run: the answer is 200 whether the values fit or not, and says what is "
        "wrong with them.",
        query=queries.DryRunQuery,
        body=Body(name="DryRun", serializer=DryRunSerializer, examples=examples.DRY_RUNS),
        answer="Report",
        answer_examples=examples.REPORTS,
        refusals=("BadBody",),
    ),
    (connections.UserConnectionList, "GET"): Operation(
        id="listUserConnections",
        tag=CONNECTIONS,
        summary="List the connections of one owner",
        query=queries.OwnerListQuery,
        answer="ConnectionList",
        answer_examples=examples.CONNECTION_LISTS,
        refusals=("BadListQuery",),
    ),
    (connections.ConnectionDetail, "GET"): Operation(
        id="getConnection",
        tag=CONNECTIONS,
        summary="Read a connection",
        query=queries.DescribeQuery,
        answer="ConnectionDetail",
        answer_examples=examples.CONNECTION_DETAILS,
    ),
    (connections.ConnectionDetail, "PUT"): Operation(
        id="replaceConnection",
        tag=CONNECTIONS,
        summary="Change a connection (as PATCH)",
        description=CHANGE_TEXT.format(same="The same as PATCH."),
        query=queries.VerifyQuery,
        body=CONNECTION_CHANGE,
        answer="Connection",
        answer_examples=examples.CONNECTIONS,
        refusals=("Overtaken", "CannotVerify"),
    ),
    (connections.ConnectionDetail, "PATCH"): Operation(
        id="changeConnection",
        tag=CONNECTIONS,
        summary="Change a connection",
        description=CHANGE_TEXT.format(same=""),
        query=queries.VerifyQuery,
        body=CONNECTION_CHANGE,
        answer="Connection",
        answer_examples=examples.CONNECTIONS,
        refusals=("Overtaken", "CannotVerify"),
    ),
    (connections.ConnectionDetail, "DELETE"): Operation(
        id="deleteConnection",
        tag=CONNECTIONS,
        summary="Delete a connection",
        description="A credential that no other connection uses goes with it.",
        query=queries.DeleteQuery,
        status=204,
        refusals=("CannotRevoke",),
    ),
    (live.ConnectionTest, "POST"): Operation(
        id="testConnection",
        tag=CONNECTIONS,
        summary="Test a stored connection",
        description="The stored values against the rules of today, then at the service. The result "
        "becomes the status of the connection.",
        body=NO_MEMBERS,
        answer="Report",
        answer_examples=examples.REPORTS,
        refusals=("Overtaken",),
    ),
    (live.ConnectionCredentials, "GET"): Operation(
        id="revealCredentials",
        tag=CONNECTIONS,
        summary="Read the secret values of a connection",
        description="Refreshed first if they are about to end. Written to the audit log.",
        answer="RevealedCredentials",
        answer_examples=examples.REVEALED,
        refusals=("Overtaken", "CannotRefresh"),
    ),
}
