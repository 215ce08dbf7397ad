"""Rows to test with, and a client that carries a key: plain functions, no hidden fixtures."""

import itertools
import json
from functools import cache
from typing import Any

import django.test.client
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from connections.access.actors import Actor, person, program
from connections.models import ApiKey, Membership, OAuthClient, Workspace
from connections.models import make_workspace as _make_workspace
from connections.models.api_keys import covered
from integrations.catalogue import current_version
from integrations.files import parse, read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.models import AuthMethod, Integration
from integrations.services import load_definition, mark_changed
from integrations.specs import IntegrationDefinition
from mielto.requests import PlainRequest

# The test client makes requests of Django's class, whatever the handler of the server makes.
django.test.client.WSGIRequest = PlainRequest

_numbers = itertools.count(1)

# The published refusal names an `API Key` and an `Email`: the integration that answers with it.
KEY_AND_EMAIL = """
slug: key-and-email
name: Key and email
type: api
auth_methods:
  - id: api_key
    name: API key
    kind: api_key
    default: true
    fields:
      - {key: api_key, type: password, label: API Key}
      - {key: email, type: email, label: Email, secure: false}
    request: {base_url: 'https://api.example.com', headers: {X-Key: '{api_key}'}}
"""


def make_workspace(slug: str | None = None, **columns: Any) -> Workspace:
    number = next(_numbers)
    workspace = _make_workspace(slug=slug or f"workspace-{number}", name=f"Workspace {number}")
    for name, value in columns.items():
        setattr(workspace, name, value)
    if columns:
        workspace.save(update_fields=list(columns))
    return workspace


def make_key(workspace: Workspace, *permissions: str, **columns: Any) -> str:
    """The secret of a new key; by default one that may do everything."""
    return make_key_row(workspace, *permissions, **columns)[1]


def make_key_row(workspace: Workspace, *permissions: str, **columns: Any) -> tuple[ApiKey, str]:
    asked = list(permissions or ("read", "write", "reveal", "manage"))
    key = ApiKey(workspace=workspace, permissions=asked, created_by="test")
    for name, value in {"label": "Test key", **columns}.items():
        setattr(key, name, value)
    secret = key.set_secret()
    key.save(force_insert=True)
    return key, secret


# Hashing is slow on purpose: once for the whole run.
_hashed = cache(make_password)


def make_user(name: str | None = None, **columns: Any) -> Any:
    """A person whose password is `a password`."""
    name = name or f"person-{next(_numbers)}"
    user = get_user_model()(username=name, email=f"{name}@example.com", **columns)
    user.password = _hashed("a password")
    user.save()
    return user


def make_member(workspace: Workspace, user: Any = None, role: str = "member") -> Membership:
    return Membership.objects.create(workspace=workspace, user=user or make_user(), role=role)


def make_actor(workspace: Workspace, user: Any = None) -> Actor:
    """Who acts in a test of a service: the person, or a key that may do everything."""
    if user is not None:
        return person(user, workspace)
    key, _secret = make_key_row(workspace)
    return program(key, covered(key.permissions), current_version())


# Reading YAML takes as long as storing what it says: each text once for the whole run.
_parsed = cache(parse)
_read = cache(read_file)


def load_builtin(*slugs: str) -> None:
    """Store definitions of the catalogue that comes with the system."""
    for slug in slugs:
        load_definition(_read(BUILT_IN / f"{slug}.yaml"))


def make_integration(
    definition: IntegrationDefinition | str, *, workspace: Workspace | None = None
) -> Integration:
    """Store a definition, or the YAML of one; for one workspace only if one is given."""
    parsed = _parsed(definition) if isinstance(definition, str) else definition
    load_definition(parsed)
    row = Integration.objects.get(slug=parsed.slug, workspace_id=None)
    if workspace is not None:
        row.workspace_id = workspace.id
        row.save(update_fields=["workspace_id"])
        mark_changed(row.pk)
    return row


def make_oauth_client(
    workspace: Workspace,
    slug: str,
    *,
    client_id: str = "client-1",
    client_secret: str = "a secret",  # noqa: S107 - of a test
    **columns: Any,
) -> OAuthClient:
    """With which the workspace's people consent to the integration's method `oauth2`."""
    method = AuthMethod.objects.get(integration__slug=slug, slug="oauth2")
    row = OAuthClient(workspace=workspace, auth_method=method, created_by="test", **columns)
    row.client_id = client_id
    row.set_secrets({"client_secret": client_secret})
    row.save(force_insert=True)
    return row


class ApiClient(django.test.client.Client):
    """Sends JSON to `/api/v1`, with the key; a path is given without that prefix."""

    def __init__(self, secret: str | None = None, **defaults: Any) -> None:
        if secret is not None:
            defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        super().__init__(**defaults)

    def call(self, method: str, path: str, body: Any = None, **headers: Any) -> Any:
        """`headers` as in WSGI: `HTTP_IDEMPOTENCY_KEY`. A body of bytes is sent as it is."""
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        headers.setdefault("content_type", "application/json")
        return self.generic(method, f"/api/v1{path}", sent, **headers)

    def get_json(self, path: str, **headers: Any) -> Any:
        return self.call("GET", path, **headers)

    def post_json(self, path: str, body: Any, **headers: Any) -> Any:
        return self.call("POST", path, body, **headers)

    def put_json(self, path: str, body: Any, **headers: Any) -> Any:
        return self.call("PUT", path, body, **headers)

    def patch_json(self, path: str, body: Any, **headers: Any) -> Any:
        return self.call("PATCH", path, body, **headers)


def api_client(secret: str | None = None, **defaults: Any) -> ApiClient:
    return ApiClient(secret, **defaults)
