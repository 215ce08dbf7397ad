"""Examples of connect sessions."""

from connections.api.openapi.examples import CONNECTION_ID, Examples

SESSION_ID = "cns_0199f6b2c3d47e5f8a9b0c1d2e3f4a5b"
TOKEN = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"  # noqa: S105 - an example
CREATIONS: Examples = {
    "one of two": {
        "integrations": ["gmail", "zendesk"],
        "user_id": "user-42",
        "metadata": {"team": "support"},
        "return_url": "https://app.example.com/connected",
        "locale": "de",
    },
    "popup": {
        "integrations": ["zendesk"],
        "user_id": "user-42",
        "config": {"subdomain": "acme"},
        "origin": "https://app.example.com",
        "expires_in": 900,
    },
    "repair": {"connection_id": CONNECTION_ID},
}
_OPEN = {
    "id": SESSION_ID,
    "workspace_id": "wsp_0199f6b2c3d47e5f8a9b0c1d2e3f4a01",
    "status": "open",
    "integrations": ["zendesk"],
    "connection_id": None,
    "user_id": "user-42",
    "label": None,
    "metadata": {},
    "config_set": ["subdomain"],
    "return_url": None,
    "origin": "https://app.example.com",
    "locale": None,
    "failure": None,
    "expires_at": "2025-10-18T12:45:00.000000Z",
    "ended_at": None,
    "created_by": "key_0199f6b2c3d47e5f8a9b0c1d2e3f4a02",
    "created_at": "2025-10-18T12:30:00.000000Z",
}
NEW_SESSIONS: Examples = {
    "popup": {**_OPEN, "url": f"https://connections.example.com/connect/{TOKEN}"},
}
SESSIONS: Examples = {
    "open": _OPEN,
    "completed": {
        **_OPEN,
        "status": "completed",
        "connection_id": CONNECTION_ID,
        "ended_at": "2025-10-18T12:33:00.000000Z",
    },
}
