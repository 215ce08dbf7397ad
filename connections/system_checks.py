"""Django system checks: what `manage.py check` finds wrong before anybody is served.

`mielto.E001`: a route of the API that declares no permission. `mielto.E002`: a keyring that cannot
be used. `mielto.E003`: a keyring that does not fit the database (`check --database default`).
`mielto.E004`: a wrong entry of the lists of what may be called.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

from connections.access.permissions import DeclaredPermission
from connections.egress import configuration_problems
from connections.keyring_check import keyring_problem
from connections.keys import key_provider
from connections.models.api_keys import Permission

API_ROOT = "api/v1/"
METHODS = ("get", "post", "put", "patch", "delete")


@register(Tags.security)
def check_permissions(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"Route '/{route}' does not declare which permission {method} needs.",
            hint="Add it to `permissions` of its view, a subclass of ApiView.",
            id="mielto.E001",
        )
        for route, callback in api_routes(get_resolver().url_patterns)
        for method in undeclared(getattr(callback, "cls", None))
    ]


def api_routes(
    patterns: Sequence[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    """Each route below the API's root, with the callback that answers it."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from api_routes(pattern.url_patterns, route)
        elif route.startswith(API_ROOT):
            yield route, pattern.callback


def undeclared(view: Any) -> list[str]:
    """The methods that a view answers without saying what they need; "any" for a foreign view."""
    if DeclaredPermission not in getattr(view, "permission_classes", ()):
        return ["any method"]
    permissions = getattr(view, "permissions", {})
    return [
        method.upper()
        for method in METHODS
        if hasattr(view, method) and permissions.get(method.upper()) not in Permission.values
    ]


@register(Tags.security)
def check_keyring(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        key_provider()
    except ImproperlyConfigured as error:
        hint = "`manage.py new_key` prints an entry that fits."
        return [Error(str(error), hint=hint, id="mielto.E002")]
    return []


@register(Tags.security)
def check_egress(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    hint = "A wrong entry opens nothing. Mend it or take it out."
    return [Error(line, hint=hint, id="mielto.E004") for line in configuration_problems()]


@register(Tags.database)
def check_keyring_fits(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    if not databases or check_keyring(app_configs):
        return []
    problem = keyring_problem()
    return [Error(problem, id="mielto.E003")] if problem else []
