"""The installation that the pages are looked at in: a row of everything that has a page."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models

from connections.access.actors import person
from connections.models import Connection, Membership, Workspace
from connections.services.setups import set_up_method
from integrations.catalogue import current_catalogue
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
from tests.showcase import CONNECTIONS, fill

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
    connections: dict[str, Connection]

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
    return House(
        workspace=workspace,
        member=member,
        viewer=make_member(workspace, make_user("vera"), Membership.Role.VIEWER).user,
        owner=make_member(workspace, make_user("olga"), Membership.Role.OWNER).user,
        staff=staff,
        stranger=make_user("stranger"),
        guest=guest,
        connections={str(row.status): row for row in reversed(rows)},
    )


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
