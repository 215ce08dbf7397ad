"""What a change makes of stored values: absent keeps, null clears, a value replaces."""

from collections.abc import Mapping
from typing import Any

from connections.models import Connection, Credential
from integrations.field_types import is_blank
from integrations.requirements import Given
from integrations.specs import TARGETS, MethodDefinition

Sections = dict[str, Any]


def stored_values(connection: Connection) -> Sections:
    """The decrypted `{credentials, config}` of a connection: for the rules, never for an answer."""
    credentials = connection.credential.get_values() if connection.credential else {}
    return {
        "credentials": credentials,
        "config": {**connection.config, **connection.get_secret_config()},
    }


def merged_values(
    connection: Connection,
    method: MethodDefinition,
    data: Mapping[str, Any],
    credential: Credential | None,
) -> Sections:
    """`{credentials, config}` as they would be after the change."""
    stored = stored_values(connection)
    is_put_down = "credential_id" in data and is_blank(data["credential_id"])
    if method.pk != connection.auth_method_id or is_put_down:
        stored["credentials"] = {}
    if credential is not None:
        stored["credentials"] = credential.get_values()
    merged: Sections = {}
    for target in TARGETS:
        given = data.get(target)
        if given is not None and not isinstance(given, dict):
            merged[target] = given
            continue
        kept = {} if target in data and given is None else stored[target]
        if credential is None or target == "config":
            kept = _known(kept, method, target)
        merged[target] = {**kept, **(given or {})}
    return _without_closed(merged, method, data)


def keeps_credential(
    connection: Connection,
    method: MethodDefinition,
    sections: Sections,
    credential: Credential | None,
) -> bool:
    """Whether the change leaves the credential as it is, so that those who share it go on."""
    if credential is not None or method.pk != connection.auth_method_id:
        return False
    return bool(sections["credentials"] == stored_values(connection)["credentials"])


def _known(values: Mapping[str, Any], method: MethodDefinition, target: str) -> Sections:
    """Stored values that the definition still asks for: the others went with their fields."""
    known = {spec.key for spec in method.specs if spec.target == target}
    return {key: value for key, value in values.items() if key in known}


def _without_closed(
    merged: Sections, method: MethodDefinition, data: Mapping[str, Any]
) -> Sections:
    """Drop stored values whose condition the change made false; sent ones stay, to be refused."""
    given = Given(method, merged, {})
    for spec in method.specs:
        section = merged.get(spec.target)
        sent = data.get(spec.target) or {}
        is_kept = isinstance(section, dict) and spec.key in section and spec.key not in sent
        if is_kept and not given.is_open(spec):
            del section[spec.key]
    return merged
