"""The words that shapes are described with: small JSON Schemas (2020-12) as plain values."""

from collections.abc import Iterable
from typing import Any

from integrations.field_types.base import Schema

JSON_TYPE = "application/json"


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def id_of(prefix: str, what: str) -> Schema:
    pattern = f"^{prefix}_[0-9a-f]{{32}}$"
    return {"type": "string", "pattern": pattern, "description": f"The id of {what}."}


def text(description: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": description} if description else {}), **more}


def or_null(schema: Schema) -> Schema:
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def list_of(items: Schema, description: str = "") -> Schema:
    said = {"description": description} if description else {}
    return {"type": "array", "items": items, **said}


def record(description: str, members: dict[str, Schema], *, optional: Iterable[str] = ()) -> Schema:
    """An object with exactly these members, all of them present but the optional ones."""
    said = {"description": description} if description else {}
    return {
        "type": "object",
        **said,
        "properties": members,
        "required": [name for name in members if name not in optional],
        "additionalProperties": False,
    }


def moment(description: str) -> Schema:
    return {
        "type": "string",
        "format": "date-time",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{6})?Z$",
        "description": description,
    }


def open_object(description: str) -> Schema:
    return {"type": "object", "additionalProperties": True, "description": description}
