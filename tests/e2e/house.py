"""The installation that the pages are looked at in: a row of everything that has a page."""

import re
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.test import Client
from django.urls import reverse

from connections.access.actors import person
from connections.models import (
    ApiKey,
    Connection,
    ConnectSession,
    Membership,
    SecretRequest,
    Workspace,
)
from connections.services.invitations import invite
from connections.services.setups import set_up_method
from connections.tokens import digest_of
from integrations.catalogue import current_catalogue
from integrations.models import Integration, IntegrationRevision
from integrations.services import mark_changed
from tests.access.test_passkeys import with_passkey
from tests.access.test_second_factor import APP, code_of, seed_on
from tests.e2e.definitions import EVERYTHING
from tests.factories import (
    load_builtin,
    make_integration,
    make_key_row,
    make_member,
    make_oauth_client,
    make_user,
    make_workspace,
)
from tests.links.linking import make_link
from tests.showcase import CONNECTIONS, fill
from tests.web.browser import PageForm, signed_in

# Enough for a second page of the gallery, each of another type where the catalogue has one.
BUILT_IN = (
    *sorted({shown.method.partition(".")[0] for shown in CONNECTIONS}),
    *("airtable", "anthropic", "asana", "bigquery", "bitbucket", "box", "calendly", "clickup"),
    *("confluence", "custom", "datadog", "discord", "dropbox", "figma", "gitlab", "groq"),
    *("http-api", "hubspot", "jira", "linear", "mailgun", "mcp-server", "mongodb", "tavily"),
)


@dataclass(frozen=True)
class House:
    """`connections` are those of the member, by status; everybody is of the one workspace."""

    workspace: Workspace
    member: Any
    viewer: Any
    # Owns the workspace, and has no staff rights.
    owner: Any
    # May do everything in the admin.
    staff: Any
    # Of no workspace.
    stranger: Any
    # Of two workspaces: the start page lets them choose.
    guest: Any
    # Has an authenticator app, a passkey and recovery codes.
    keyed: Any
    connections: dict[str, Connection]
    # Tokens of links, and rows that addresses name.
    links: dict[str, str]
    passkey: Any
    key: ApiKey
    asked: SecretRequest
    # Of an integration that was edited twice.
    revision: IntegrationRevision

    def row(self, model: type[models.Model]) -> models.Model:
        """A row that has pages in the admin."""
        row = model._default_manager.first()
        assert row is not None, f"build_house() makes no {model._meta.label}: let it make one"
        return row


def build_house() -> House:
    load_builtin(*BUILT_IN)
    make_integration(EVERYTHING)
    workspace = make_workspace("acme")
    Workspace.objects.filter(pk=workspace.pk).update(name="Acme Inc.")
    workspace.refresh_from_db()
    member = make_member(workspace, make_user("ada")).user
    staff = make_user("grace", is_staff=True, is_superuser=True)
    guest = make_member(workspace, make_user("guest")).user
    make_member(make_workspace("other"), guest)
    rows = fill(workspace, member)
    fill_admin(workspace, staff, rows[0])
    keyed = make_member(workspace, make_user("kim")).user
    owner = make_member(workspace, make_user("olga"), Membership.Role.OWNER).user
    asked, ask_token = ask(workspace, member, rows[0])
    return House(
        workspace=workspace,
        member=member,
        viewer=make_member(workspace, make_user("vera"), Membership.Role.VIEWER).user,
        owner=owner,
        staff=staff,
        stranger=make_user("stranger"),
        guest=guest,
        keyed=keyed,
        passkey=give_factors(keyed),
        key=make_key_row(workspace)[0],
        links={**make_links(workspace, rows), "ask": ask_token},
        asked=asked,
        revision=revise("zendesk"),
        connections={str(row.status): row for row in reversed(rows)},
    )


def give_factors(user: Any) -> Authenticator:
    """An app, recovery codes and a passkey, set up on the pages; returns the passkey's row."""
    client, passkey = with_passkey(user)
    page = client.get(APP)
    client.post(APP, {**PageForm(page).sent, "code": code_of(seed_on(page))})
    return Authenticator.objects.get(user=user, type=Authenticator.Type.WEBAUTHN)


def make_links(workspace: Workspace, rows: list[Connection]) -> dict[str, str]:
    """The tokens of connect links: of one for several integrations, one for all that can be said,
    one that repairs, and one that is over; and of an invitation."""
    bodies: dict[str, dict[str, Any]] = {
        "link": {"integrations": ["zendesk", "everything", "gmail"]},
        "repair": {"connection_id": rows[0].public_id},
        "cancelled": {"integrations": ["zendesk"]},
        "asking": {"integrations": ["zendesk"]},
    }
    made = {name: make_link(workspace, **body) for name, body in bodies.items()}
    tokens = {name: path.rpartition("/")[2] for name, path in made.items()}
    question = reverse("link-ask", args=[tokens["asking"], "zendesk", "api_token"])
    assert Client().post(question, QUESTION).status_code == 200
    actor = person(Membership.objects.get(workspace=workspace, role="owner").user, workspace)
    invitation, token = invite(actor=actor, email="new@example.com", role="member")
    ConnectSession.objects.filter(token_digest=digest_of(tokens["cancelled"])).update(
        status=ConnectSession.Status.CANCELLED
    )
    return {**tokens, "invitation": token}


QUESTION = {
    "ask": "credentials.api_token",
    "credentials.email": "a@example.com",
    "config.subdomain": "acme",
}


def revise(slug: str) -> IntegrationRevision:
    """Edits of an integration: its first revisions."""
    row = Integration.objects.get(slug=slug)
    for text in ("Tickets.", "Tickets and what was said in them."):
        Integration.objects.filter(pk=row.pk).update(description=text)
        mark_changed(row.pk)
    return row.revisions.get(number=2)


def ask(workspace: Workspace, user: Any, row: Connection) -> tuple[SecretRequest, str]:
    """A secret that somebody else is asked for, and the token of the link."""
    client = signed_in(user)
    address = reverse("ask", args=[workspace.slug, "zendesk", "api_token"])
    shown = client.post(address, QUESTION, follow=True).content.decode()
    [token] = set(re.findall(r"/ask/([\w-]{43})", shown))
    return SecretRequest.objects.get(owner=user), token


def fill_admin(workspace: Workspace, staff: Any, row: Connection) -> None:
    """What only staff see, a row of each kind."""
    make_key_row(workspace)
    make_oauth_client(workspace, "gmail")
    slack = current_catalogue().get("slack", workspace.id)
    [method] = [one for one in slack.methods if one.id == "bot_token"]
    values = {"credentials": {"signing_secret": "a" * 32}}
    set_up_method(actor=person(staff, workspace), method=method, values=values)
    group = Group.objects.create(name="Support")
    group.permissions.set(Permission.objects.filter(codename__startswith="view_")[:5])
    Result = apps.get_model("django_tasks_database", "DBTaskResult")
    Result.objects.create(
        task_path="connections.jobs.tasks.test", args_kwargs={"args": [], "kwargs": {}}
    )
    LogEntry.objects.create(
        user=staff,
        content_type=ContentType.objects.get_for_model(Connection),
        object_id=str(row.pk),
        object_repr=str(row),
        action_flag=CHANGE,
        change_message='[{"changed": {"fields": ["Label"]}}]',
    )
