"""From the tables to the document: what drf-spectacular asks for each route and method."""

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema

from connections.api.openapi.bodies import body_schema, query_parameters
from connections.api.openapi.catalogue_operations import CATALOGUE_OPERATIONS
from connections.api.openapi.components import SCHEMAS
from connections.api.openapi.connection_operations import CONNECTION_OPERATIONS
from connections.api.openapi.link_operations import LINK_OPERATIONS
from connections.api.openapi.oauth_operations import OAUTH_OPERATIONS
from connections.api.openapi.operations import Body, Operation, Operations
from connections.api.openapi.parameters import HEADERS, IDEMPOTENCY_KEY, PATHS, SECURITY_SCHEMES
from connections.api.openapi.refusals import REFUSALS
from connections.api.openapi.secret_operations import SECRET_OPERATIONS
from connections.api.openapi.shapes import JSON_TYPE, ref
from integrations.field_types.base import Schema

OPERATIONS: Operations = {
    **CONNECTION_OPERATIONS,
    **OAUTH_OPERATIONS,
    **LINK_OPERATIONS,
    **CATALOGUE_OPERATIONS,
    **SECRET_OPERATIONS,
}
EVERYWHERE = ("BadQuery", "Unauthenticated", "Forbidden", "NotFound", "Unavailable")
WITH_BODY = ("BadBody", "BodyTooLarge", "UnsupportedMediaType")


class ContractSchema(AutoSchema):
    """Looks a route up in the table; a route that is not there is an error, and not a guess."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> Schema:
        operation = OPERATIONS[type(self.view), method]
        permission = str(self.view.permissions[method])
        return {
            "operationId": operation.id,
            "tags": [operation.tag],
            "summary": operation.summary,
            "description": _description(operation, permission),
            # Any of the two headers; OpenAPI 3.1 lists under each what the key must be able to do.
            "security": [{scheme: [permission]} for scheme in SECURITY_SCHEMES],
            "x-permission": permission,
            "parameters": _parameters(operation, path),
            **_request_body(operation.body, is_required=not self.view.takes_empty_body),
            "responses": _responses(operation),
        }


def add_components(result: Schema, **_context: Any) -> Schema:
    """The hook that adds what operations refer to."""
    bodies = [operation.body for operation in OPERATIONS.values() if operation.body is not None]
    result["components"] = {
        "schemas": SCHEMAS | {body.name: _body_schema(body) for body in bodies},
        "responses": {name: refusal.as_response() for name, refusal in REFUSALS.items()},
        "securitySchemes": SECURITY_SCHEMES,
    }
    return result


def _description(operation: Operation, permission: str) -> str:
    said = f"Needs a key with the permission `{permission}`."
    return f"{operation.description.strip()}\n\n{said}".strip()


def _parameters(operation: Operation, path: str) -> list[Schema]:
    found = [PATHS[name] for name in re.findall(r"{(\w+)}", path)]
    found += query_parameters(operation.query)
    return [*found, *HEADERS, *([IDEMPOTENCY_KEY] if operation.is_creation else [])]


def _body_schema(body: Body) -> Schema:
    return body_schema(body.serializer, is_change=body.is_change, never_blank=body.never_blank)


def _request_body(body: Body | None, *, is_required: bool) -> Schema:
    if body is None:
        return {}
    return {"requestBody": {"required": is_required, "content": _json(body.name, body.examples)}}


def _json(component: str, examples: Any) -> Schema:
    named = {name: {"value": value} for name, value in examples.items()}
    return {JSON_TYPE: {"schema": ref(component), "examples": named}}


def _responses(operation: Operation) -> Schema:
    names = [*EVERYWHERE, *(WITH_BODY if operation.body else ()), *operation.refusals]
    # Later names stand in for earlier ones of the same status.
    refused = {str(REFUSALS[name].status): name for name in names}
    return {
        str(operation.status): _answer(operation),
        **{
            status: {"$ref": f"#/components/responses/{name}"}
            for status, name in sorted(refused.items())
        },
    }


def _answer(operation: Operation) -> Schema:
    answer: Schema = {
        "description": operation.summary + ".",
        "headers": dict(ANSWER_HEADERS | (CREATION_HEADERS if operation.is_creation else {})),
    }
    if operation.answer is not None:
        answer["content"] = _json(operation.answer, operation.answer_examples)
    return answer


ANSWER_HEADERS: Schema = {
    "Cache-Control": {
        "description": "Nothing that needs a key is kept by a cache.",
        "required": True,
        "schema": {"type": "string", "const": "no-store"},
    }
}
CREATION_HEADERS: Schema = {
    "Location": {
        "description": "Where it is found from now on.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference", "pattern": "^/api/v1/"},
    },
    "Idempotency-Replayed": {
        "description": "There where the answer is that of an earlier request with the same key.",
        "required": False,
        "schema": {"type": "string", "const": "true"},
    },
}
