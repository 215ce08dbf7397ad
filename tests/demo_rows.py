"""What a demo holds when it is measured or pictured: the same at every run, ids and dates too."""

import itertools
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model

from connections.management.commands.demo import END_USER, SLUG, STAFF
from connections.models import AuditEvent, Connection, Credential, Workspace
from integrations.models import Integration
from tests.factories import api_client, make_key, make_key_row, make_oauth_client
from tests.showcase import NOW, fill, make_connection
from tests.web.browser import signed_in

FIRST_ID = int(NOW.timestamp()) * 10**9


def fill_demo(more: int) -> dict[str, Any]:
    """The rows of the showcase, and `more` connections; what tests/demo_site.py hands on."""
    ticks = itertools.count(FIRST_ID, 10**9)
    clock = SimpleNamespace(time_ns=lambda: next(ticks))
    with (
        patch("connections.ids.time", clock),
        patch("connections.ids.os", SimpleNamespace(urandom=bytes)),
    ):
        rows = fill_workspace(more)
    people = {name: get_user_model().objects.get(username=name) for name in (STAFF, END_USER)}
    zendesk = Integration.objects.get(slug="zendesk")
    return {
        "cookies": {
            "session": settings.SESSION_COOKIE_NAME,
            "language": settings.LANGUAGE_COOKIE_NAME,
            "theme": getattr(settings, "THEME_COOKIE_NAME", "theme"),
        },
        "sessions": {name: session_of(user) for name, user in people.items()},
        "rows": {
            "slug": SLUG,
            "zendesk": str(zendesk.pk),
            "method": str(zendesk.auth_methods.get(is_default=True).pk),
            "link": link_of(rows[0].workspace),
            **{str(row.status): row.public_id for row in reversed(rows)},
        },
    }


def link_of(workspace: Workspace) -> str:
    """The path of a new connect link."""
    client = api_client(make_key(workspace), SERVER_NAME="localhost")
    answer = client.post_json("/connect/sessions", {"integrations": ["zendesk"]})
    return urlsplit(answer.json()["url"]).path


def session_of(user: Any) -> str:
    return signed_in(user, SERVER_NAME="localhost").cookies[settings.SESSION_COOKIE_NAME].value


def fill_workspace(more: int) -> list[Connection]:
    workspace = Workspace.objects.get(slug=SLUG)
    workspace.name = "Acme Inc."
    workspace.save(update_fields=["name"])
    owner = get_user_model().objects.get(username=END_USER)
    if more:
        copy_connection(workspace, owner, more)
    rows = fill(workspace, owner)
    make_oauth_client(workspace, "gmail", client_id="acme-web.apps.example.com")
    make_key_row(workspace, label="Web shop")
    for row in rows:
        AuditEvent.objects.filter(subject=row.public_id).update(at=row.created_at)
    # Nothing is due while somebody looks.
    Credential.objects.update(next_refresh_at=None)
    return rows


def copy_connection(workspace: Workspace, owner: Any, count: int) -> None:
    """Many that share a credential: a list does not care."""
    first = make_connection(workspace, owner, "stripe.secret_key", "Payments of shop 0")
    copies = []
    for number in range(1, count):
        made = NOW - timedelta(days=30, minutes=number)
        copy = Connection(
            workspace=workspace,
            integration_id=first.integration_id,
            auth_method_id=first.auth_method_id,
            credential_id=first.credential_id,
            label=f"Payments of shop {number}",
            config=first.config,
            secrets_set=first.secrets_set,
            owner=owner,
            created_by=first.created_by,
            created_at=made,
            updated_at=made,
        )
        copies.append(copy)
    Connection.objects.bulk_create(copies, batch_size=500)
