"""The operations on the catalogue."""

from connections.api import catalogue, queries
from connections.api.openapi import examples
from connections.api.openapi.operations import CATALOGUE, Operation, Operations

CATALOGUE_OPERATIONS: Operations = {
    (catalogue.Requirements, "GET"): Operation(
        id="getRequirements",
        tag=CATALOGUE,
        summary="Read what a method asks for",
        query=queries.MethodQuery,
        answer="Requirements",
        answer_examples=examples.REQUIREMENTS,
    ),
    (catalogue.IntegrationList, "GET"): Operation(
        id="listIntegrations",
        tag=CATALOGUE,
        summary="List what can be connected",
        query=queries.CatalogueQuery,
        answer="IntegrationList",
        answer_examples=examples.INTEGRATION_LISTS,
    ),
    (catalogue.IntegrationDetail, "GET"): Operation(
        id="getIntegration",
        tag=CATALOGUE,
        summary="Read an integration",
        answer="Integration",
        answer_examples=examples.INTEGRATIONS,
    ),
    (catalogue.IntegrationSchema, "GET"): Operation(
        id="getIntegrationSchema",
        tag=CATALOGUE,
        summary="Read a method's rules as JSON Schema",
        description="A document that this schema accepts is accepted by the server, but for the "
        "rules in `x-rules`.",
        query=queries.MethodQuery,
        answer="MethodSchema",
        answer_examples=examples.METHOD_SCHEMAS,
    ),
}
