"""Request bodies and query parameters, from the specs that carry out their rules."""

from connections.api.openapi.shapes import ref
from connections.api.queries import QuerySerializer
from connections.contract import CONFIG, CREDENTIALS
from integrations.field_types import SpecField
from integrations.field_types.base import Schema
from integrations.requirements import StrictSerializer
from integrations.specs import Spec

# What each member and each parameter is for; a name means the same wherever it stands.
TEXTS = {
    "auth_method_id": "An auth method of the integration, by its id; its default one if absent.",
    "auth_type": "What kind of values it holds.",
    "category": "Only integrations of this category.",
    "config": "Values for the configuration fields.",
    "connection_id": "A connection to repair in place; what it stores of `config` stays.",
    "credential_id": "A stored credential of this workspace.",
    "credential_scope": "Whom it is for.",
    "credential_type": "What it opens.",
    "credentials": "Values for the credential fields.",
    "cursor": "The `next_cursor` of the page before; empty for the first page. It replaces `skip`, "
    "leaves out `total` and costs the same on every page.",
    "description": "What it is for.",
    "expires_at": "When it stops working.",
    "expires_in": "For how many seconds the link works.",
    "expires_before": "Only connections whose credential ends before this moment.",
    "include_credential": "Whether the answer describes the credential too, without its values.",
    "integration": "An integration, by its slug.",
    "integration_id": "An integration, by its slug.",
    "integrations": "What may be connected, by slugs; one alone leads straight to its form. Needed "
    "unless `connection_id` says it.",
    "integration_type": "The type of the integration.",
    "ip_whitelist": "IP addresses and networks that it works from; everywhere if empty.",
    "label": "How people recognise it.",
    "limit": "How many there are on a page.",
    "live": "Whether the credential is tried at the service too; without it the stages `network`, "
    "`credential` and `scope` are skipped.",
    "locale": "The language of the pages; without it that of the browser.",
    "metadata": "Name and value pairs of the caller.",
    "origin": "The exact origin of the page that opens or frames the link: one of the workspace's "
    "embedding origins. It alone is told how the session ends.",
    "overlap_seconds": "How many seconds the old secret works beside the new one.",
    "permissions": "What it may do, no more than the key that makes it.",
    "provider": "The service that it belongs to.",
    "redirect_uri": "Where the browser goes afterwards: one of the workspace's return addresses, "
    "letter by letter.",
    "return_url": "Where the browser goes afterwards: one of the workspace's return addresses, "
    "letter by letter.",
    "revoke": "Whether the grant is also revoked at the service. If that fails nothing is deleted.",
    "scopes": "The scopes to ask for; those of the method if absent. Required ones are added.",
    "search": "Words that the names or labels contain.",
    "skip": "How many to leave out before the page.",
    "status": "The status.",
    "user_id": "The caller's own id for the user who owns it.",
    "verify": "Whether the credential is tried at the service before anything is stored. `auto` "
    "stores as `testing` what could not be tried, and tries again later; `required` refuses that.",
}

SECTION = (
    "An object whose members depend on the auth method: "
    "`GET /api/v1/integrations/{integration_id}/schema` has their JSON Schema, "
    "`GET /api/v1/connections/integrations/{integration_id}/requirements` their description."
)
_OBJECT_OR_NULL: Schema = {"type": ["object", "null"], "additionalProperties": True}
# Checked by the method's requirements, and not by the spec that lets them through.
SECTIONS: dict[Spec, Schema] = {
    CREDENTIALS: {
        **_OBJECT_OR_NULL,
        "description": f"{TEXTS['credentials']} {SECTION}",
        "writeOnly": True,
    },
    CONFIG: {**_OBJECT_OR_NULL, "description": f"{TEXTS['config']} {SECTION}"},
}


def body_schema(
    serializer: type[StrictSerializer], *, is_change: bool, never_blank: frozenset[str]
) -> Schema:
    """What a body may hold. In a change every member may be absent, and keeps what is stored."""
    fields = serializer.spec_fields
    demanded = [] if is_change else [key for key, field in fields.items() if field.spec.required]
    members = {
        key: _member(field, is_blank_fine=_may_be_blank(field, never_blank))
        for key, field in fields.items()
    }
    schema: Schema = {"type": "object", "properties": members, "additionalProperties": False}
    if is_change:
        for member in members.values():
            member.pop("default", None)
    return {**schema, "required": demanded} if demanded else schema


def _may_be_blank(field: SpecField, never_blank: frozenset[str]) -> bool:
    return not field.spec.required and field.spec.key not in never_blank


def _member(field: SpecField, *, is_blank_fine: bool) -> Schema:
    spec = field.spec
    if spec in SECTIONS:
        return dict(SECTIONS[spec])
    schema = field.value_schema()
    if is_blank_fine:
        schema = {"anyOf": [schema, ref("Blank")]}
    return {"description": TEXTS[spec.key], **schema, **_default(spec)}


def _default(spec: Spec) -> Schema:
    return {} if spec.default is None else {"default": spec.default}


def query_parameters(serializer: type[QuerySerializer]) -> list[Schema]:
    found = [_parameter(field) for field in serializer.spec_fields.values()]
    return [*found, METADATA_FILTER] if serializer.takes_metadata else found


def _parameter(field: SpecField) -> Schema:
    spec = field.spec
    return {
        "name": spec.key,
        "in": "query",
        "description": TEXTS[spec.key],
        "required": spec.required,
        # A blank parameter counts as absent.
        **({} if spec.required else {"allowEmptyValue": True}),
        "schema": {**field.value_schema(), **_default(spec)},
    }


METADATA_FILTER: Schema = {
    "name": "metadata",
    "in": "query",
    "description": "`metadata.<name>=<value>`: only connections with that pair in their metadata; "
    "several pairs narrow the list further.",
    "required": False,
    # Each member is a parameter by its own name.
    "style": "form",
    "explode": True,
    "schema": {
        "type": "object",
        "patternProperties": {"^metadata\\..+$": {"type": "string"}},
        "additionalProperties": False,
    },
}
