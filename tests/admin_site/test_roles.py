"""The ready-made roles: each against every page and action of the admin."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, reverse
from django_tasks_db.models import DBTaskResult

from connections.models import AuditEvent, Connection, MethodSetup
from connections.roles import ROLES, make_roles
from connections.services.setups import set_up_method
from integrations.catalogue import current_catalogue
from tests.admin_site.pages import CONNECTIONS, THREE_WAYS, page_of
from tests.admin_site.test_changing import connect
from tests.factories import (
    load_builtin,
    make_actor,
    make_integration,
    make_key_row,
    make_oauth_client,
    make_user,
    make_workspace,
)
from tests.web.browser import signed_in

pytestmark = pytest.mark.django_db

NAMES = tuple(role.name for role in ROLES)
ALL = set(NAMES)
OPERATORS = {"Operator", "Administrator"}
EDITORS = {"Catalogue editor", "Administrator"}
ADMINISTRATORS = {"Administrator"}
NOBODY: set[str] = set()

# Who may look at the rows of a page, add to them, change them, delete them.
MODELS = {
    "integrations_integration": (ALL, EDITORS, EDITORS, EDITORS),
    "integrations_authmethod": (ALL, EDITORS, EDITORS, EDITORS),
    "connections_connection": (ALL, OPERATORS, OPERATORS, ADMINISTRATORS),
    "connections_credential": (ALL, NOBODY, NOBODY, NOBODY),
    "connections_auditevent": (ALL, NOBODY, NOBODY, NOBODY),
    "connections_apikey": (ALL, ADMINISTRATORS, ADMINISTRATORS, ADMINISTRATORS),
    "connections_methodsetup": (ALL, ADMINISTRATORS, ADMINISTRATORS, ADMINISTRATORS),
    "connections_oauthclient": (ALL, ADMINISTRATORS, ADMINISTRATORS, ADMINISTRATORS),
    "connections_workspace": (ALL, ADMINISTRATORS, ADMINISTRATORS, NOBODY),
    "auth_user": (ALL, ADMINISTRATORS, ADMINISTRATORS, ADMINISTRATORS),
    "auth_group": (ALL, ADMINISTRATORS, ADMINISTRATORS, ADMINISTRATORS),
    # Whoever may change people takes away a factor that was lost.
    "mfa_authenticator": (ALL, NOBODY, NOBODY, ADMINISTRATORS),
    # What the queue holds is for superusers: it may carry tracebacks.
    "django_tasks_database_dbtaskresult": (NOBODY, NOBODY, NOBODY, NOBODY),
}
# Pages of our own: how they are asked, and by whom.
OWN = {
    "auditevent-export": ("post", ADMINISTRATORS),
    "connection-consent": ("get", OPERATORS),
    "connection-reconnect": ("post", OPERATORS),
    "connection-secrets": ("get", OPERATORS),
    "connection-switch": ("post", OPERATORS),
    "connection-test": ("post", OPERATORS),
    "auth_user_password_change": ("get", ADMINISTRATORS),
    "integrations_integration_compare": ("get", ALL),
    "integrations_integration_draft": ("get", EDITORS),
    "integrations_integration_duplicate": ("get", EDITORS),
    "integrations_integration_export": ("get", ALL),
    "integrations_integration_import": ("get", EDITORS),
    "integrations_integration_restore": ("get", EDITORS),
    "integrations_integration_revision": ("get", ALL),
    "integrations_integration_revisions": ("get", ALL),
    "integrations_integration_status": ("get", EDITORS),
}
WITHOUT_ROW = {"auditevent-export", "connection-consent", "integrations_integration_import"}
# What stands in an address behind the row.
BEHIND = {
    "integrations_integration_restore": (1,),
    "integrations_integration_revision": (1,),
    "integrations_integration_status": ("draft",),
}
# For everybody of the staff, or not pages.
COMMON = {
    *("index", "login", "logout", "password_change", "password_change_done", "autocomplete"),
    *("jsi18n", "view_on_site", "app_list", None),
}


def page_names(patterns: Any) -> Iterator[str | None]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from page_names(pattern.url_patterns)
        else:
            yield pattern.name


def test_the_matrix_knows_every_page():
    kinds = ("changelist", "add", "history", "delete", "change")
    known = {f"{model}_{kind}" for model in MODELS for kind in kinds} | set(OWN) | COMMON
    assert set(page_names(admin.site.get_urls())) - known == set()
    assert known - set(page_names(admin.site.get_urls())) == set()


@pytest.fixture
def rows() -> dict[str, Any]:
    make_roles()
    load_builtin("gmail")
    integration = make_integration(THREE_WAYS)
    workspace = make_workspace()
    row = connect(workspace)
    actor = make_actor(workspace)
    definition = current_catalogue().by_pk(integration.pk)
    set_up_method(actor=actor, method=definition.methods[0], values={})
    return {
        "integrations_integration": integration,
        "integrations_authmethod": integration.auth_methods.first(),
        "connections_connection": row,
        "connections_credential": row.credential,
        "connections_auditevent": AuditEvent.objects.first(),
        "connections_apikey": make_key_row(workspace)[0],
        "connections_methodsetup": MethodSetup.objects.get(),
        "connections_oauthclient": make_oauth_client(workspace, "gmail"),
        "connections_workspace": workspace,
        "auth_user": make_user("somebody"),
        "auth_group": Group.objects.create(name="a small group"),
        "mfa_authenticator": Authenticator.objects.create(
            user=make_user(), type=Authenticator.Type.TOTP, data={}
        ),
        "django_tasks_database_dbtaskresult": None,
    }


def member_of(role: str) -> tuple[Client, Any]:
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return signed_in(user), user


def is_let_in(answer: Any) -> bool:
    """Whether a page answers to that person: a form with errors is an answer."""
    assert answer.status_code in (200, 302, 403, 404), answer.content
    if answer.status_code == 302:
        assert "/login/" not in answer["Location"]
    return answer.status_code != 403


# Kinds of pages of a model, how each is asked, and which of the four sets of roles it is for.
LOOK, ADD, CHANGE, DELETE = range(4)
OF_A_MODEL = (("changelist", "get", LOOK), ("add", "get", ADD), ("add", "post", ADD))
OF_A_ROW = (
    *(("change", "get", LOOK), ("history", "get", LOOK)),
    *(("change", "post", CHANGE), ("delete", "get", DELETE)),
)


@pytest.mark.parametrize("role", NAMES)
def test_role_meets_the_pages_of_models(rows, role):
    client, _user = member_of(role)
    for model, allowed in MODELS.items():
        row = rows[model]
        for kind, method, right in OF_A_MODEL + (OF_A_ROW if row is not None else ()):
            arguments = () if (kind, method, right) in OF_A_MODEL else (row.pk,)
            address = reverse(f"admin:{model}_{kind}", args=arguments)
            answer = getattr(client, method)(address)
            assert is_let_in(answer) is (role in allowed[right]), (model, kind, method)


@pytest.mark.parametrize("role", NAMES)
def test_role_meets_our_own_pages(rows, role):
    client, _user = member_of(role)
    kinds = ("auth_user", "integrations_integration")
    for name, (method, allowed) in OWN.items():
        row = rows[next(filter(name.startswith, kinds), "connections_connection")]
        parts = () if name in WITHOUT_ROW else (row.pk, *BEHIND.get(name, ()))
        address = reverse(f"admin:{name}", args=parts)
        sent = {"status": "inactive", "format": "csv"} if method == "post" else {}
        with transaction.atomic():
            is_in = is_let_in(getattr(client, method)(address, sent))
            transaction.set_rollback(True)
        assert is_in is (role in allowed), name


@pytest.mark.parametrize("role", NAMES)
def test_everybody_sees_the_overview_and_the_work(rows, role):
    client, _user = member_of(role)
    page = client.get("/admin/").content.decode()
    assert "By status" in page
    assert "Work due" in page
    assert "Latest audit events" in page
    assert client.get("/admin/work/").status_code == 200


ACTIONS = {
    "switch_off": OPERATORS,
    "test_soon": OPERATORS,
    "refresh_soon": OPERATORS,
    "delete_selected": ADMINISTRATORS,
}


@pytest.mark.parametrize("role", NAMES)
@pytest.mark.parametrize("action", ACTIONS)
def test_role_meets_the_actions_on_many(rows, action, role):
    client, _user = member_of(role)
    row = rows["connections_connection"]
    client.post(CONNECTIONS, {"action": action, "_selected_action": [row.pk], "post": "yes"})
    found = Connection.objects.filter(pk=row.pk).first()
    is_done = found is None or found.status != "active" or DBTaskResult.objects.exists()
    assert is_done is (role in ACTIONS[action])


def test_viewer_is_drawn_no_buttons(rows):
    client, _user = member_of("Viewer")
    page = client.get(page_of(rows["connections_connection"])).content.decode()
    for words in ("Switch off", "Test now", "Replace secrets", 'name="_save"'):
        assert words not in page
    assert "History" in page


# Making them.


def held(name: str) -> set[str]:
    return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))


def test_roles_are_made_once_and_kept_up_to_date(capsys):
    call_command("make_roles")
    assert capsys.readouterr().out.startswith("Viewer: made, ")
    before = {name: held(name) for name in NAMES}
    call_command("make_roles")
    assert capsys.readouterr().out.splitlines() == [f"{name}: unchanged" for name in NAMES]
    viewer = Group.objects.get(name="Viewer")
    viewer.permissions.add(Permission.objects.get(codename="delete_connection"))
    viewer.permissions.remove(Permission.objects.get(codename="view_connection"))
    other = Group.objects.create(name="Our own")
    call_command("make_roles")
    assert "Viewer: 1 permissions added, 1 taken away" in capsys.readouterr().out
    assert {name: held(name) for name in NAMES} == before
    assert other.permissions.count() == 0


def test_viewer_holds_nothing_but_looking():
    make_roles()
    assert [one for one in held("Viewer") if not one.startswith("view_")] == []


def test_only_administrators_export_the_log():
    make_roles()
    assert [name for name in NAMES if "export_auditevent" in held(name)] == ["Administrator"]
