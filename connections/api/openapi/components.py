"""The shape of every answer: exact members, no others, enums from where the values are defined.

English only, like the whole document: it is read by programmers and by their tools.
"""

from connections.api.openapi.members import (
    API_KEY,
    CONNECT_SESSION,
    CONNECTION,
    COUNT,
    CREDENTIAL,
    FIELD,
    INTEGRATION,
    MESSAGES,
    METHOD_ROW,
    PROBLEM,
    PROBLEMS,
    REQUIREMENTS,
    SECRET,
    VALIDATION,
)
from connections.api.openapi.shapes import (
    id_of,
    list_of,
    moment,
    open_object,
    or_null,
    record,
    ref,
    text,
)
from connections.models import ApiKey, Connection, ConnectSession, Credential
from connections.models.api_keys import Permission
from connections.services.dry_run import STAGES
from integrations.auth_methods import AUTH_METHODS
from integrations.field_types import BLANK_SCHEMA, FIELD_TYPES
from integrations.field_types.base import Schema
from integrations.models import FieldSpec, Integration, IntegrationType

# Drafts are seen by staff only.
LISTED_STATUSES = [one for one in Integration.Status.values if one != Integration.Status.DRAFT]
# What a text field may say beside its lengths and its pattern.
FORMATS = [one for one in FIELD_TYPES if one not in ("string", "text", "password")]

ENUMS: dict[str, list[str]] = {
    "IntegrationType": IntegrationType.values,
    "IntegrationStatus": LISTED_STATUSES,
    "AuthMethodType": list(AUTH_METHODS),
    "FieldType": list(FIELD_TYPES),
    "FieldFormat": FORMATS,
    "FieldTarget": FieldSpec.Target.values,
    "ConnectSessionStatus": ConnectSession.Status.values,
    "ConnectionStatus": Connection.Status.values,
    "AuthType": Credential.AuthType.values,
    "CredentialType": Credential.Type.values,
    "CredentialScope": Credential.Scope.values,
    "CredentialStatus": Credential.Status.values,
    "Permission": Permission.values,
    "ApiKeyStatus": ApiKey.Status.values,
    "StageName": list(STAGES),
    "StageStatus": ["passed", "failed", "skipped"],
    "LiveStatus": ["passed", "failed", "unverifiable", "skipped"],
}


def _page(name: str, component: str) -> dict[str, Schema]:
    return {
        name: list_of(ref(component)),
        "total": {**COUNT, "description": "How many there are on all pages."},
        "page": {"type": "integer", "minimum": 1, "description": "`skip` / `limit` + 1."},
        "size": {"type": "integer", "minimum": 1, "description": "The `limit`."},
    }


def _connection_list() -> Schema:
    cursor = or_null(text("Sent as `cursor`, it gets the next page; null on the last one."))
    members = {**_page("connections", "Connection"), "next_cursor": cursor}
    listed = record(
        "A page, newest first. `total` and `page` are left out where a cursor was sent.",
        members,
        optional={"total", "page"},
    )
    return {**listed, "dependentRequired": {"total": ["page"], "page": ["total"]}}


SCHEMAS: dict[str, Schema] = {
    **{name: {"type": "string", "enum": values} for name, values in ENUMS.items()},
    "Blank": {
        **BLANK_SCHEMA,
        "description": "Nothing: null, no visible character or an empty list counts as absent.",
    },
    "Connection": record("A connection, without any secret value.", CONNECTION),
    "ConnectionDetail": record(
        "A connection, with its credential where `include_credential` asked for it.",
        {**CONNECTION, "credential": or_null(ref("Credential"))},
        optional={"credential"},
    ),
    "ConnectionList": _connection_list(),
    "StatusReason": record(
        "Why the status is what it is, and what to do.",
        {
            "code": PROBLEM["code"],
            "message": text(),
            "hint": or_null(text()),
            "since": moment("Since when."),
        },
    ),
    "Account": record("Who is connected, as the service says.", {"id": text(), "label": text()}),
    "RevealedCredentials": record(
        "The values of a connection, secrets included. Each reading is written to the audit log.",
        {
            "id": id_of("conn", "the connection"),
            "auth_method_id": text(),
            "status": ref("ConnectionStatus"),
            "expires_at": or_null(moment("When the credential ends, if it does.")),
            "credentials": open_object("The values of the credential fields."),
            "config": open_object("The values of the configuration fields."),
            "token": or_null(ref("ObtainedToken")),
        },
    ),
    "ObtainedToken": record(
        "A token that was obtained with the credentials, where the kind of method fetches one.",
        {
            "access_token": text(),
            "token_type": text(),
            "expires_at": or_null(moment("When it ends, if it does.")),
        },
    ),
    "OAuthStart": record(
        "Where a person goes to consent.",
        {
            "auth_url": text("To be opened in a browser within ten minutes.", format="uri"),
            "state": text("Names the authorization.", pattern="^[A-Za-z0-9_-]{43}$"),
            "integration_id": text("The slug of the integration."),
        },
    ),
    "OAuthRefreshed": record(
        "What a refresh brought.",
        {
            "status": {"const": "success", "type": "string"},
            "connection_id": id_of("conn", "the connection"),
            "expires_at": or_null(moment("When the new token ends, if it does.")),
        },
    ),
    "OAuthRevoked": record(
        "The grant is gone.",
        {
            "status": {"const": "success", "type": "string"},
            "connection_id": id_of("conn", "the connection"),
        },
    ),
    "ConnectSession": record("A connect session, without its link.", CONNECT_SESSION),
    "NewConnectSession": record(
        "A new connect session. `url` is null where `Idempotency-Key` repeats a request: it is "
        "shown once.",
        {**CONNECT_SESSION, "url": or_null(text("The link, for one person.", format="uri"))},
    ),
    "Credential": record("A credential, without its values.", CREDENTIAL),
    "CredentialList": record("A page, newest first.", _page("credentials", "Credential")),
    "ApiKey": record("An API key, without its secret.", API_KEY),
    "ApiKeyList": record("A page, newest first.", _page("api_keys", "ApiKey")),
    "NewApiKey": record(
        "A new API key. `key` is null where `Idempotency-Key` repeats a request: it is shown once.",
        {**API_KEY, "key": or_null(SECRET)},
    ),
    "RotatedApiKey": record("An API key with its new secret.", {**API_KEY, "key": SECRET}),
    "AuthMethod": record("A way to authenticate with an integration.", METHOD_ROW),
    "Integration": record("What can be connected.", INTEGRATION),
    "IntegrationList": record("A page, by name.", _page("integrations", "Integration")),
    "Requirements": record("What a method asks for.", REQUIREMENTS),
    "Field": record("One input.", FIELD),
    "Option": record("A choice.", {"value": text(), "label": text()}),
    "Validation": record("What the value must hold.", VALIDATION, optional=set(VALIDATION)),
    "Condition": record(
        "Holds while the other field has one of these values.",
        {"field": text("The other field's key."), "in": {"type": "array", "minItems": 1}},
    ),
    "MethodSchema": record(
        "The rules of a method as JSON Schema 2020-12, for `{credentials, config}`.",
        {
            "$schema": {"const": "https://json-schema.org/draft/2020-12/schema"},
            "type": {"const": "object"},
            "properties": open_object("The schemas of `credentials` and `config`."),
            "additionalProperties": {"const": False},
            "allOf": list_of(open_object("A rule over several fields.")),
            "x-rules": list_of(
                record("", {"fields": list_of(text()), "rule": text()}),
                "Rules that JSON Schema cannot say.",
            ),
        },
    ),
    "Report": record(
        "What a check found that stores nothing.",
        {
            "valid": {"type": "boolean"},
            "errors": MESSAGES,
            "fields": PROBLEMS,
            "stages": {**list_of(ref("Stage")), "minItems": len(STAGES), "maxItems": len(STAGES)},
            "live": or_null(ref("LiveTest")),
        },
    ),
    "LiveTest": record(
        "What the service said; null where it was not asked.",
        {
            "status": ref("LiveStatus"),
            "cause": or_null(text("Why it did not pass.")),
            "message": or_null(text()),
            "hint": or_null(text("What to do next.")),
            "account": or_null(ref("Account")),
            "milliseconds": COUNT,
        },
    ),
    "Stage": record(
        "A stage of the check, in their order.",
        {"name": ref("StageName"), "status": ref("StageStatus")},
    ),
    "Problem": record("One thing that is wrong with a request.", PROBLEM),
    "ValidationReport": record(
        "Everything that is wrong with a request, in one answer. Nothing was stored.",
        {
            "detail": record(
                "",
                {
                    "message": {"const": "Connection validation failed", "type": "string"},
                    "errors": {**MESSAGES, "minItems": 1},
                    "fields": {**PROBLEMS, "minItems": 1},
                },
            )
        },
    ),
    "Error": record(
        "Any refusal but a validation report.",
        {"detail": text("One sentence for people."), "code": PROBLEM["code"]},
    ),
}
