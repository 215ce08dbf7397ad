"""What is answered, as plain functions: the read path builds no serializer."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from connections.ids import public_id
from connections.models import ApiKey, Connection, ConnectSession, Credential
from integrations.field_types import build_field
from integrations.requirements import shown_specs
from integrations.specs import Condition, IntegrationDefinition, MethodDefinition, Spec


def moment(value: datetime | None) -> str | None:
    """ISO 8601 with `Z`."""
    if value is None:
        return None
    # Django reads moments in UTC, whose offset isoformat writes in six characters.
    return f"{value.isoformat(timespec='microseconds')[:26]}Z"


class Shown(NamedTuple):
    """What may be seen of a connection's row: nothing encrypted, moments as texts."""

    id: UUID
    workspace_id: UUID
    integration_id: int
    auth_method_id: int
    credential_id: UUID | None
    label: str
    status: str
    user_id: str
    account_id: str
    account_label: str
    created_by: str
    config: dict[str, Any]
    secrets_set: list[str]
    metadata: dict[str, str]
    status_reason: dict[str, str] | None
    expires_at: str | None
    last_tested_at: str | None
    last_used_at: str | None
    created_at: str | None
    updated_at: str | None


# The columns of `Shown` that the database stores as JSON and as moments.
JSON_COLUMNS = ("config", "secrets_set", "metadata", "status_reason")
MOMENT_COLUMNS = ("expires_at", "last_tested_at", "last_used_at", "created_at", "updated_at")
PLAIN_COLUMNS = Shown._fields[: -len(JSON_COLUMNS + MOMENT_COLUMNS)]


def shown(row: Connection) -> Shown:
    plain = [getattr(row, name) for name in PLAIN_COLUMNS + JSON_COLUMNS]
    return Shown(*plain, *(moment(getattr(row, name)) for name in MOMENT_COLUMNS))


def connection_payload(row: Shown, integration: IntegrationDefinition) -> dict[str, Any]:
    """A connection without a single secret value; its names come from the catalogue."""
    return {
        "id": f"conn_{row.id.hex}",
        "workspace_id": f"wsp_{row.workspace_id.hex}",
        "integration": integration.slug,
        "integration_type": integration.type,
        "auth_method_id": integration.method_by_pk(row.auth_method_id).id,
        "label": row.label,
        "status": row.status,
        "status_reason": row.status_reason,
        "config": row.config,
        "secrets_set": row.secrets_set,
        "credential_id": f"cred_{row.credential_id.hex}" if row.credential_id else None,
        "user_id": row.user_id or None,
        "account": ({"id": row.account_id, "label": row.account_label} if row.account_id else None),
        "metadata": row.metadata,
        "expires_at": row.expires_at,
        "last_tested_at": row.last_tested_at,
        "last_used_at": row.last_used_at,
        "created_by": row.created_by,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def credential_payload(row: Credential, *, connections: int) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "workspace_id": public_id("wsp", row.workspace_id),
        "label": row.label,
        "description": row.description or None,
        "auth_type": row.auth_type,
        "credential_type": row.credential_type,
        "credential_scope": row.credential_scope,
        "provider": row.provider or None,
        "user_id": row.user_id or None,
        "status": row.status,
        "expires_at": moment(row.expires_at),
        "last_used_at": moment(row.last_used_at),
        "created_by": row.created_by,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
        "connections": connections,
    }


def api_key_payload(row: ApiKey) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "workspace_id": public_id("wsp", row.workspace_id),
        "label": row.label,
        "starts_with": row.shown,
        "permissions": row.permissions,
        "status": row.status,
        "expires_at": moment(row.expires_at),
        "ip_whitelist": row.ip_whitelist,
        "last_used_at": moment(row.last_used_at),
        "created_by": row.created_by,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


def integration_payload(definition: IntegrationDefinition) -> dict[str, Any]:
    return {
        "id": definition.slug,
        "name": definition.name,
        "integration_type": definition.type,
        "description": definition.description,
        "categories": list(definition.categories),
        "logo_url": definition.logo_url or None,
        "docs_url": definition.docs_url or None,
        "auth_methods": method_rows(definition),
        "status": definition.status,
        "revision": definition.revision,
    }


def method_rows(definition: IntegrationDefinition) -> list[dict[str, Any]]:
    default = definition.default_method
    return [
        {
            "id": method.id,
            "name": method.name,
            "type": method.kind,
            "is_default": method is default,
        }
        for method in definition.methods
    ]


def requirements_payload(
    definition: IntegrationDefinition, method: MethodDefinition
) -> dict[str, Any]:
    fields = [field_payload(spec) for spec in shown_specs(method.specs)]
    return {
        "integration_id": definition.slug,
        "integration_type": definition.type,
        "auth_method": {
            "id": method.id,
            "name": method.name,
            "type": method.kind,
            "description": method.description or None,
        },
        "auth_methods": method_rows(definition),
        "required_fields": [field for field in fields if field["required"]],
        "fields": fields,
    }


def field_payload(spec: Spec) -> dict[str, Any]:
    """All that a client needs to draw the field."""
    return {
        "key": spec.key,
        "label": build_field(spec).name,
        "type": spec.type,
        "target": spec.target,
        "required": spec.required and spec.default is None,
        "secure": spec.secure,
        "help": spec.help_text or None,
        "placeholder": spec.placeholder or None,
        "default": spec.default,
        "options": [{"value": value, "label": label} for value, label in spec.options] or None,
        "validation": _validation(spec),
        "visible_if": _condition(spec.visible_if),
        "required_if": _condition(spec.required_if),
        "group": spec.group or None,
        "advanced": spec.advanced,
        "prefix": spec.prefix or None,
        "suffix": spec.suffix or None,
        "docs_url": spec.docs_url or None,
    }


def _validation(spec: Spec) -> dict[str, Any]:
    known = {
        "minLength": spec.min_length,
        "maxLength": spec.max_length,
        "minimum": spec.minimum,
        "maximum": spec.maximum,
        "pattern": spec.pattern or None,
        "patternMessage": spec.pattern_message or None,
        "format": spec.type if spec.type not in ("string", "text", "password") else None,
    }
    return {name: value for name, value in known.items() if value is not None}


def _condition(condition: Condition | None) -> dict[str, Any] | None:
    if condition is None:
        return None
    return {"field": condition.field, "in": list(condition.values)}


def session_payload(row: ConnectSession, now: datetime) -> dict[str, Any]:
    """A session without its link; of its configuration only the names of what is set."""
    return {
        "id": row.public_id,
        "workspace_id": row.workspace.public_id,
        "status": row.status_at(now),
        "integrations": row.integrations,
        "connection_id": row.connected or row.repairs or None,
        "user_id": row.user_id or None,
        "label": row.label or None,
        "metadata": row.metadata,
        "config_set": row.config_keys,
        "return_url": row.return_url or None,
        "origin": row.origin or None,
        "locale": row.locale or None,
        "failure": row.failure or None,
        "expires_at": moment(row.expires_at),
        "ended_at": moment(row.ended_at),
        "created_by": row.created_by,
        "created_at": moment(row.created_at),
    }
