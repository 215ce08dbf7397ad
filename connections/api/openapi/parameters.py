"""Parameters of paths and headers, and the two ways to send a key."""

from connections.api.base import LONGEST_IDEMPOTENCY_KEY
from connections.api.openapi.shapes import id_of
from integrations.field_types.base import Schema


def _path(name: str, description: str, schema: Schema) -> Schema:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
    }


def _header(name: str, description: str, schema: Schema) -> Schema:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": schema,
    }


SLUG: Schema = {"type": "string", "minLength": 1, "maxLength": 100, "examples": ["gmail"]}
PATHS: dict[str, Schema] = {
    one["name"]: one
    for one in (
        _path("connection_id", "The connection.", id_of("conn", "a connection")),
        _path("credential_id", "The credential.", id_of("cred", "a credential")),
        _path("session_id", "The connect session.", id_of("cns", "a connect session")),
        _path("key_id", "The API key.", id_of("key", "an API key")),
        _path("integration_id", "The integration, by its slug.", SLUG),
        _path(
            "user_id",
            "The caller's own id for the user who owns the connections.",
            {"type": "string", "minLength": 1},
        ),
    )
}

HEADERS: list[Schema] = [
    _header(
        "X-Workspace-Id",
        "The workspace that the caller means. The key names it already: another one is a 404.",
        id_of("wsp", "the workspace of the key"),
    )
]
IDEMPOTENCY_KEY = _header(
    "Idempotency-Key",
    "Made up by the caller, once for each creation. A repeated request with the same key and body "
    "gets the first answer again, with `Idempotency-Replayed: true`, for 24 hours.",
    {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_IDEMPOTENCY_KEY,
        "pattern": "^[ -~]+$",
    },
)

SECURITY_SCHEMES: dict[str, Schema] = {
    "bearerKey": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "mk_…",
        "description": "`Authorization: Bearer <key>`.",
    },
    "headerKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "`X-API-Key: <key>`. Two headers with different keys are refused.",
    },
}
