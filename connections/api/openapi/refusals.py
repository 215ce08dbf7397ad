"""Every refusal: its status, its codes with their sentences, its headers.

Each is a response component that operations refer to. The sentences are examples; the codes are the
contract. A test provokes each of them.
"""

from dataclasses import dataclass, field

from connections.api.openapi.shapes import JSON_TYPE, ref
from integrations.field_types.base import Schema

# As published.
REPORT_EXAMPLE: Schema = {
    "detail": {
        "message": "Connection validation failed",
        "errors": ["Field 'API Key' is required", "Field 'Email' must be a valid email address"],
        "fields": [
            {
                "field": "credentials.api_key",
                "code": "required",
                "message": "Field 'API Key' is required",
                "hint": None,
            },
            {
                "field": "credentials.email",
                "code": "invalid_email",
                "message": "Field 'Email' must be a valid email address",
                "hint": None,
            },
        ],
    }
}
QUERY_REPORT_EXAMPLE: Schema = {
    "detail": {
        "message": "Connection validation failed",
        "errors": ["Unknown field 'limt'"],
        "fields": [
            {
                "field": "limt",
                "code": "unknown",
                "message": "Unknown field 'limt'",
                "hint": "Did you mean 'limit'?",
            }
        ],
    }
}

RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds to wait before the next try.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}
WWW_AUTHENTICATE = {
    "WWW-Authenticate": {
        "description": "The scheme that is asked for (RFC 9110, section 11.6.1).",
        "required": True,
        "schema": {"type": "string", "const": 'Bearer realm="api"'},
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One status of an operation; `codes` maps each code to the sentences that come with it."""

    status: int
    description: str
    codes: dict[str, tuple[str, ...]]
    report: Schema | None = None
    headers: Schema = field(default_factory=dict)

    def as_response(self) -> Schema:
        content = {"schema": self._schema(), "examples": self._examples()}
        headers = {"headers": self.headers} if self.headers else {}
        return {
            "description": self.description,
            **headers,
            "content": {JSON_TYPE: content},
        }

    def _schema(self) -> Schema:
        plain = {"allOf": [ref("Error")], "properties": {"code": {"enum": list(self.codes)}}}
        return {"oneOf": [ref("ValidationReport"), plain]} if self.report else plain

    def _examples(self) -> Schema:
        examples = {"validation_report": {"value": self.report}} if self.report else {}
        for code, sentences in self.codes.items():
            for number, sentence in enumerate(sentences, 1):
                name = code if number == 1 else f"{code}_{number}"
                examples[name] = {"value": {"detail": sentence, "code": code}}
        return examples


QUERY_CODES = {
    "repeated_parameter": ("The query parameter 'limit' is given twice.",),
    "too_many_parameters": ("There are too many query parameters.",),
    "bad_request": ("The request is not valid.",),
}
BODY_CODES = {
    **QUERY_CODES,
    "malformed_body": (
        "The body must be a JSON object.",
        "The body is not valid JSON at line 2, column 6.",
        "An object in the body names the same member twice.",
    ),
}
IN_USE = "2 connections use this credential: delete them first."
OVERTAKEN = "It was changed by somebody else meanwhile: read it again."
UNAVAILABLE = {"unavailable": ("The database cannot be reached right now: try again.",)}
NOT_TESTABLE = "This cannot be tried at its service: nothing was stored. Use verify=auto."
NOT_REVOCABLE = ("The service has no way to revoke this from here. Nothing was deleted.",)
NOT_REFRESHABLE = "The service cannot be reached. Try again later."

REFUSALS: dict[str, Refusal] = {
    "BadQuery": Refusal(
        status=400,
        description="A query parameter is unknown, repeated or wrong.",
        codes=QUERY_CODES,
        report=QUERY_REPORT_EXAMPLE,
    ),
    "BadListQuery": Refusal(
        status=400,
        description="A query parameter is unknown, repeated or wrong.",
        codes={
            **QUERY_CODES,
            "bad_cursor": ("The cursor is not one of this list's: start again.",),
            "exclusive": ("Send either 'skip' or 'cursor', not both.",),
        },
        report=QUERY_REPORT_EXAMPLE,
    ),
    "BadBody": Refusal(
        status=400,
        description="The body or a query parameter is refused: every problem in one answer.",
        codes=BODY_CODES,
        report=REPORT_EXAMPLE,
    ),
    "BadCreation": Refusal(
        status=400,
        description="The body, a query parameter or the Idempotency-Key is refused.",
        codes={
            **BODY_CODES,
            "bad_idempotency_key": (
                "Idempotency-Key must be 1 to 255 printable ASCII characters.",
            ),
        },
        report=REPORT_EXAMPLE,
    ),
    "CannotSignIn": Refusal(
        status=400,
        description="The body is refused, or the service cannot be asked as it is described.",
        codes={
            **BODY_CODES,
            "cannot_sign_in": (
                "Nobody can sign in there: look at the addresses in `config`, or ask staff.",
            ),
        },
        report=REPORT_EXAMPLE,
    ),
    "Unauthenticated": Refusal(
        status=401,
        description="No key, or one that opens nothing: the same answer for every reason.",
        codes={
            "invalid_key": ("Send a valid API key as 'Authorization: Bearer …' or 'X-API-Key'.",)
        },
        headers=WWW_AUTHENTICATE,
    ),
    "Forbidden": Refusal(
        status=403,
        description="The key lacks the permission that the operation needs.",
        codes={"missing_permission": ("This key lacks the permission 'write'.",)},
    ),
    "TooManyPermissions": Refusal(
        status=403,
        description="The key lacks the permission, or would give more than it has.",
        codes={
            "missing_permission": (
                "This key lacks the permission 'manage'.",
                "A key cannot give what it does not have: reveal.",
            )
        },
    ),
    "NotFound": Refusal(
        status=404,
        description="Nothing by that name in this workspace; a stranger's does not exist.",
        codes={
            "not_found": (
                "Connection not found",
                "Credential not found",
                "Connect session not found",
                "API key not found",
                "Integration not found",
                "Auth method not found",
                "Workspace not found",
                "Not found",
            )
        },
    ),
    "StillRunning": Refusal(
        status=409,
        description="A request with the same Idempotency-Key has not ended yet.",
        codes={"still_running": ("A request with this Idempotency-Key is still running.",)},
    ),
    "CreationConflict": Refusal(
        status=409,
        description="The same request has not ended yet, or the credential was just changed.",
        codes={
            "still_running": ("A request with this Idempotency-Key is still running.",),
            "conflict": (OVERTAKEN,),
        },
    ),
    "AlreadyCompleted": Refusal(
        status=409,
        description="The session has made its connection.",
        codes={"already_completed": ("This session is completed: delete its connection instead.",)},
    ),
    "NotRefreshable": Refusal(
        status=409,
        description="There is no token to refresh, its service refuses, or it was just changed.",
        codes={
            "not_refreshable": ("This connection has no token to refresh.",),
            "conflict": (OVERTAKEN,),
        },
    ),
    "NotRevocable": Refusal(
        status=409,
        description="The service cannot revoke it, or refuses to, or it was just changed.",
        codes={
            "not_revocable": (
                "The service has no way to revoke this from here. Nothing was changed.",
            ),
            "conflict": (OVERTAKEN,),
        },
    ),
    "Overtaken": Refusal(
        status=409,
        description="Somebody else changed it since it was read: nothing was stored.",
        codes={"conflict": (OVERTAKEN,)},
    ),
    "InUse": Refusal(
        status=409,
        description="Connections use the credential, or it was just changed: nothing was deleted.",
        codes={"in_use": (IN_USE,), "conflict": (OVERTAKEN,)},
    ),
    "BodyTooLarge": Refusal(
        status=413,
        description="The body is larger than 1 MiB.",
        codes={"body_too_large": ("The body is larger than 1 MiB.",)},
    ),
    "UnsupportedMediaType": Refusal(
        status=415,
        description="The body is not application/json in UTF-8, or it is compressed.",
        codes={
            "unsupported_media_type": (
                "Send the body as application/json in UTF-8, without Content-Encoding.",
            )
        },
    ),
    "OtherBody": Refusal(
        status=422,
        description="The Idempotency-Key belongs to a request with another body.",
        codes={"idempotency_mismatch": ("This Idempotency-Key was used with another body.",)},
    ),
    "Unavailable": Refusal(
        status=503,
        description="Not now: nothing was done, and the same request may be sent again.",
        codes=UNAVAILABLE,
        headers=RETRY_AFTER,
    ),
    "ServiceDown": Refusal(
        status=503,
        description="Not now, or the service that has to describe itself cannot be reached.",
        codes={
            **UNAVAILABLE,
            "service_down": ("The service cannot be reached right now: try again.",),
        },
        headers=RETRY_AFTER,
    ),
    "CannotVerify": Refusal(
        status=503,
        description="Not now, or `verify=required` asked for a verdict and there is none.",
        codes={**UNAVAILABLE, "unverifiable": (NOT_TESTABLE,)},
        headers=RETRY_AFTER,
    ),
    "CannotRevoke": Refusal(
        status=503,
        description="Not now, or the service did not revoke the grant.",
        codes={**UNAVAILABLE, "cannot_revoke": NOT_REVOCABLE},
        headers=RETRY_AFTER,
    ),
    "CannotRefresh": Refusal(
        status=503,
        description="Not now, or the token is over and its service cannot be asked for a new one.",
        codes={**UNAVAILABLE, "refresh_failed": (NOT_REFRESHABLE,)},
        headers=RETRY_AFTER,
    ),
}
