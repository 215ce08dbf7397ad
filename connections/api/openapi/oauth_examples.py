"""Examples of consents."""

from connections.api.openapi.examples import CONNECTION_ID, Examples

STATE = "3q2-7wAAAAB0aGlzIGlzIG9ubHkgYW4gZXhhbXBsZQA"
INITIATIONS: Examples = {
    "new": {
        "integration_id": "gmail",
        "label": "My Gmail Connection",
        "user_id": "user-42",
        "redirect_uri": "https://app.example.com/connected",
    },
    "repair": {"integration_id": "gmail", "connection_id": CONNECTION_ID},
}
STARTS: Examples = {
    "gmail": {
        "auth_url": f"https://connections.example.com/oauth/start?state={STATE}",
        "state": STATE,
        "integration_id": "gmail",
    }
}
REFRESHED: Examples = {
    "gmail": {
        "status": "success",
        "connection_id": CONNECTION_ID,
        "expires_at": "2025-10-19T12:00:00.000000Z",
    }
}
REVOKED: Examples = {"gmail": {"status": "success", "connection_id": CONNECTION_ID}}
