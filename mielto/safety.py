"""What an installation may not start with. Pure: it sees values, not settings."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

MODES = ("production", "demo", "test")
LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", "::1", "testserver"}
SHORTEST_SECRET_KEY = 50


def refuse_unsafe_settings(
    *,
    mode: str,
    debug: bool,
    secret_key: str,
    allowed_hosts: list[str],
    public_url: str,
    has_keyring: bool,
) -> None:
    """Raise ImproperlyConfigured, with one line that says what to do, at the first unsafe value."""
    for is_wrong, sentence in (
        (mode not in MODES, f"MIELTO_MODE must be one of: {', '.join(MODES)}."),
        (
            not secret_key,
            "SECRET_KEY is missing: set it in the environment or in .env, as .env.example shows. "
            "Where there is no .env, `manage.py demo` makes one to try the system out.",
        ),
        (
            _is_weak(secret_key),
            "SECRET_KEY is too short or an example: "
            f"use at least {SHORTEST_SECRET_KEY} random characters.",
        ),
        (
            not has_keyring,
            "MIELTO_KEYRING or MIELTO_KEYRING_FILE is missing: secrets are never "
            "stored without a key. `manage.py new_key` prints one.",
        ),
        (
            any("*" in host or host.startswith(".") for host in allowed_hosts),
            "ALLOWED_HOSTS must name each host; a wildcard lets a forged Host through.",
        ),
        (
            mode == "production" and not allowed_hosts,
            "ALLOWED_HOSTS is empty: name the host people use, such as connections.example.com.",
        ),
        (
            debug and _is_public(allowed_hosts, public_url),
            "DEBUG must be off for a public host: its error pages are for developers only.",
        ),
    ):
        if is_wrong:
            raise ImproperlyConfigured(sentence)


def _is_weak(secret_key: str) -> bool:
    is_example = any(word in secret_key.lower() for word in ("insecure", "example", "changeme"))
    return is_example or len(secret_key) < SHORTEST_SECRET_KEY or len(set(secret_key)) < 10


def _is_public(allowed_hosts: list[str], public_url: str) -> bool:
    return any(host not in LOCAL_HOSTS for host in [*allowed_hosts, urlsplit(public_url).hostname])
