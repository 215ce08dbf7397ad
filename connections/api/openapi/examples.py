"""Examples of bodies and answers. Tests hold each of them against the schema beside it."""

from typing import Any

from connections.api.openapi.refusals import REPORT_EXAMPLE
from connections.services.dry_run import STAGES

Examples = dict[str, Any]

CONNECTION_ID = "conn_0199f7c2a1b47d3e8f60123456789abc"
CREDENTIAL_ID = "cred_0199f7c2a1b47d3e8f60123456789abd"
KEY_ID = "key_0199f7c2a1b47d3e8f60123456789abe"
WORKSPACE_ID = "wsp_0199f7c2a1b47d3e8f60123456789abf"
SECRET = "mk_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX"  # noqa: S105 - the shape of one, not a key

NOON, LATER = "2025-10-18T12:00:00.000000Z", "2025-10-18T12:05:30.250000Z"
MADE: Examples = {"created_by": KEY_ID, "created_at": NOON, "updated_at": NOON}
TOKENS = {
    "access_token": "ya29.a0AfB_byExampleOnly",
    "refresh_token": "1//0gExampleOnly",
    "token_type": "Bearer",
    "expires_at": "2025-10-19T12:00:00Z",
}

CONNECTION: Examples = {
    "id": CONNECTION_ID,
    "workspace_id": WORKSPACE_ID,
    "integration": "gmail",
    "integration_type": "connectors",
    "auth_method_id": "oauth2",
    "label": "My Gmail Connection",
    "status": "active",
    "status_reason": None,
    "config": {},
    "secrets_set": ["access_token", "refresh_token"],
    "credential_id": CREDENTIAL_ID,
    "user_id": "user-42",
    "account": {"id": "ada@example.com", "label": "ada@example.com"},
    "metadata": {"team": "support"},
    "expires_at": "2025-10-19T12:00:00.000000Z",
    "last_tested_at": None,
    "last_used_at": LATER,
    **MADE,
}
EXPIRED: Examples = {
    **CONNECTION,
    "status": "expired",
    "status_reason": {
        "code": "no_client",
        "message": "The access token has expired and cannot be refreshed here.",
        "hint": "No OAuth client is set up for this method: send a fresh access token.",
        "since": "2025-10-19T12:00:01Z",
    },
}
CREDENTIAL: Examples = {
    "id": CREDENTIAL_ID,
    "workspace_id": WORKSPACE_ID,
    "label": "Support mailbox",
    "description": None,
    "auth_type": "oauth_token_refresh",
    "credential_type": "integration",
    "credential_scope": "workspace",
    "provider": "gmail",
    "user_id": None,
    "status": "active",
    "expires_at": None,
    "last_used_at": None,
    **MADE,
    "connections": 2,
}
API_KEY: Examples = {
    "id": KEY_ID,
    "workspace_id": WORKSPACE_ID,
    "label": "Nightly import",
    "starts_with": SECRET[:9],
    "permissions": ["write"],
    "status": "active",
    "expires_at": None,
    "ip_whitelist": ["192.0.2.0/24"],
    "last_used_at": LATER,
    **MADE,
}
METHOD: Examples = {"id": "oauth2", "name": "OAuth 2.0", "type": "oauth2", "is_default": True}
INTEGRATION: Examples = {
    "id": "gmail",
    "name": "Gmail",
    "integration_type": "connectors",
    "description": "Read, search, label and send mail of a Google account.",
    "categories": ["email", "google"],
    "logo_url": None,
    "docs_url": "https://developers.google.com/workspace/gmail/api/guides",
    "auth_methods": [METHOD],
    "status": "published",
    "revision": 1,
}
ACCESS_TOKEN: Examples = {
    "key": "access_token",
    "label": "Access Token",
    "type": "password",
    "target": "credentials",
    "required": True,
    "secure": True,
    "help": None,
    "placeholder": None,
    "default": None,
    "options": None,
    "validation": {"minLength": 20},
    "visible_if": None,
    "required_if": None,
    "group": None,
    "advanced": False,
    "prefix": None,
    "suffix": None,
    "docs_url": None,
}


def _page(name: str, row: Examples) -> Examples:
    return {name: [row], "total": 1, "page": 1, "size": 100}


def _report(*, is_valid: bool) -> Examples:
    found = REPORT_EXAMPLE["detail"]
    shape = "passed" if is_valid else "failed"
    statuses = [shape, "passed", "skipped", "skipped", "skipped"]
    return {
        "valid": is_valid,
        "errors": [] if is_valid else found["errors"],
        "fields": [] if is_valid else found["fields"],
        "stages": [
            {"name": name, "status": status} for name, status in zip(STAGES, statuses, strict=True)
        ],
        "live": None,
    }


CONNECTION_CREATIONS: Examples = {
    "gmail": {
        "integration": "gmail",
        "integration_type": "connectors",
        "auth_method_id": "oauth2",
        "label": "My Gmail Connection",
        "credentials": TOKENS,
        "config": {},
    },
    "stored_credential": {
        "integration": "gmail",
        "integration_type": "connectors",
        "credential_id": CREDENTIAL_ID,
        "user_id": "user-42",
        "metadata": {"team": "support"},
    },
}
CONNECTION_CHANGES: Examples = {
    "new_label": {"label": "Support mailbox"},
    "new_token": {"credentials": {"access_token": "ya29.a0AfB_byAnotherExample"}},
    "switched_off": {"status": "inactive"},
}
DRY_RUNS: Examples = {"gmail": {"credentials": TOKENS, "config": {}}}
CREDENTIAL_CREATIONS: Examples = {
    "tokens": {
        "label": "Support mailbox",
        "auth_type": "oauth_token_refresh",
        "credential_type": "integration",
        "provider": "gmail",
        "credentials": TOKENS,
    }
}
CREDENTIAL_CHANGES: Examples = {"new_label": {"label": "Sales mailbox"}}
API_KEY_CREATIONS: Examples = {
    "import": {
        "label": "Nightly import",
        "permissions": ["write"],
        "ip_whitelist": ["192.0.2.0/24"],
    }
}
API_KEY_CHANGES: Examples = {"revoked": {"status": "revoked"}}
ROTATIONS: Examples = {"an_hour": {"overlap_seconds": 3600}}

CONNECTIONS: Examples = {"active": CONNECTION, "expired": EXPIRED}
CONNECTION_DETAILS: Examples = {
    "plain": CONNECTION,
    "with_credential": {**CONNECTION, "credential": CREDENTIAL},
}
CONNECTION_LISTS: Examples = {
    "by_number": {**_page("connections", CONNECTION), "next_cursor": None},
    "by_cursor": {
        "connections": [CONNECTION],
        "size": 1,
        "next_cursor": "0199f7c2a1b47d3e9f60123456789abc5d8e1f20c3b4a59687d0e1f2a3b4c5d6",
    },
}
REPORTS: Examples = {"valid": _report(is_valid=True), "invalid": _report(is_valid=False)}
REVEALED: Examples = {
    "gmail": {
        "id": CONNECTION_ID,
        "auth_method_id": "oauth2",
        "status": "active",
        "expires_at": "2025-10-19T12:00:00.000000Z",
        "credentials": TOKENS,
        "config": {},
        "token": None,
    }
}
INTEGRATIONS: Examples = {"gmail": INTEGRATION}
INTEGRATION_LISTS: Examples = {"one": _page("integrations", INTEGRATION)}
REQUIREMENTS: Examples = {
    "gmail": {
        "integration_id": "gmail",
        "integration_type": "connectors",
        "auth_method": {
            "id": "oauth2",
            "name": "OAuth 2.0",
            "type": "oauth2",
            "description": "Sign in with Google and choose what may be read or sent.",
        },
        "auth_methods": [METHOD],
        "required_fields": [ACCESS_TOKEN],
        "fields": [ACCESS_TOKEN],
    }
}
METHOD_SCHEMAS: Examples = {
    "shortened": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "credentials": {
                "type": ["object", "null"],
                "properties": {"access_token": {"type": "string", "minLength": 20}},
                "additionalProperties": False,
            },
            "config": {"type": ["object", "null"], "additionalProperties": False},
        },
        "additionalProperties": False,
        "allOf": [{"required": ["credentials"]}],
        "x-rules": [
            {
                "fields": ["credentials.scope"],
                "rule": "The scope covers the scopes that the method requires.",
            }
        ],
    }
}
CREDENTIALS: Examples = {"mailbox": CREDENTIAL}
CREDENTIAL_LISTS: Examples = {"one": _page("credentials", CREDENTIAL)}
API_KEYS: Examples = {"import": API_KEY}
API_KEY_LISTS: Examples = {"one": _page("api_keys", API_KEY)}
NEW_API_KEYS: Examples = {
    "new": {**API_KEY, "last_used_at": None, "key": SECRET},
    "replayed": {**API_KEY, "last_used_at": None, "key": None},
}
ROTATED_API_KEYS: Examples = {"rotated": {**API_KEY, "key": SECRET}}
