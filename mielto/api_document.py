"""What the document of the API says of itself: settings of drf-spectacular."""

SPECTACULAR_SETTINGS = {
    "TITLE": "Mielto Connections",
    "DESCRIPTION": (
        "Connections to other services, checked before they are stored: a connection that was "
        "created is one that satisfies its integration's requirements. Bodies are JSON in UTF-8, "
        "at most 1 MiB and nested at most 32 levels deep, without duplicate keys. Members and "
        "parameters that nobody declared are refused by name, and every problem of a request is "
        "reported in one answer. A method that a path does not have is a 405 with `Allow`."
    ),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "TAGS": [
        {"name": "Connections", "description": "Who is connected, with which credential."},
        {"name": "OAuth", "description": "Consents of people at services."},
        {"name": "Connect links", "description": "For people who do not sign in."},
        {"name": "Catalogue", "description": "What can be connected, and what it asks for."},
        {"name": "Credentials", "description": "Credentials that several connections share."},
        {"name": "API keys", "description": "What programs carry."},
    ],
    "SERVERS": [{"url": "/"}],
    "POSTPROCESSING_HOOKS": ["connections.api.openapi.schema.add_components"],
}
