"""API keys, workspaces, credentials and the audit log, and the door to all of them."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from connections.models import (
    ApiKey,
    AuditEvent,
    Connection,
    Credential,
    Membership,
    Workspace,
    WorkspaceKey,
)
from tests import canary
from tests.admin_site.pages import (
    THREE_WAYS,
    AdminForm,
    change_url,
    codes_of,
    errors_of,
    send,
    staff,
)
from tests.admin_site.test_changing import connect
from tests.factories import api_client, make_integration, make_key_row, make_workspace

pytestmark = pytest.mark.django_db

KEYS = "/admin/connections/apikey/"
WORKSPACES = "/admin/connections/workspace/"
SECRET = re.compile(r"mk_[0-9A-Za-z]{36}")


def make_through_the_admin(client: Client, workspace: Workspace, **typed: Any) -> Any:
    values = {"workspace": workspace.pk, "label": "Backend", "permissions": ["read", "write"]}
    return send(client, f"{KEYS}add/", values | typed)


def test_secret_of_a_new_key_is_on_the_answering_page_and_nowhere_else():
    client, user = staff()
    workspace = make_workspace()
    page = make_through_the_admin(client, workspace)
    (secret,) = set(SECRET.findall(page.content.decode()))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert api_client(secret).get_json("/connections").status_code == 200
    row = ApiKey.objects.get()
    assert (row.label, row.permissions, row.workspace) == ("Backend", ["read", "write"], workspace)
    assert row.created_by == f"user_{user.pk}"
    assert AuditEvent.objects.get().action == "api_key.created"
    later = [client.get(url) for url in (KEYS, change_url(row), f"{KEYS}{row.pk}/history/")]
    assert [page for page in later if secret in page.content.decode()] == []
    assert secret not in str(dict(client.session)) + str(client.cookies)
    assert [place for place, value in canary.stored_rows() if secret in str(value)] == []


@pytest.mark.parametrize(
    ("typed", "field", "code"),
    [
        ({"label": ""}, "label", "required"),
        ({"label": "x" * 256}, "label", "max_length"),
        ({"permissions": []}, "permissions", "required"),
        ({"permissions": ["all"]}, "permissions", "invalid_choice"),
        ({"expires_at": "tomorrow"}, "expires_at", "invalid_datetime"),
        ({"ip_whitelist": "somewhere"}, "ip_whitelist", "invalid_ip"),
    ],
)
def test_key_is_refused_with_the_codes_of_the_api(typed, field, code):
    client, _user = staff()
    page = make_through_the_admin(client, make_workspace(), **typed)
    assert codes_of(page) == {(field, code)}
    assert ApiKey.objects.count() == LogEntry.objects.count() == 0


def test_key_is_shown_changed_and_revoked():
    client, _user = staff()
    row, secret = make_key_row(
        make_workspace(), "read", ip_whitelist=["10.0.0.0/8"], expires_at="2040-01-01T00:00:00Z"
    )
    form = AdminForm(client.get(change_url(row))).sent
    assert form["ip_whitelist"] == ["10.0.0.0/8"]
    assert form["expires_at"] == ["2040-01-01T00:00:00+00:00"]
    assert form["permissions"] == ["read"]
    answer = send(client, change_url(row), {"ip_whitelist": "", "status": "revoked"})
    assert answer.status_code == 302, errors_of(answer)
    row.refresh_from_db()
    assert (row.status, row.ip_whitelist, row.label) == ("revoked", [], "Test key")
    assert row.expires_at.year == 2040
    assert api_client(secret).get_json("/connections").status_code == 401
    assert AuditEvent.objects.get().action == "api_key.changed"


def test_keys_are_deleted_through_the_service():
    client, _user = staff()
    workspace = make_workspace()
    rows = [make_key_row(workspace)[0] for _ in range(3)]
    client.post(f"{KEYS}{rows[0].pk}/delete/", {"post": "yes"})
    chosen = [row.pk for row in rows[1:]]
    sent = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    client.post(KEYS, sent)
    assert ApiKey.objects.count() == 0
    assert [event.action for event in AuditEvent.objects.all()] == ["api_key.deleted"] * 3


# Workspaces.


def test_new_workspace_has_a_key_and_members():
    client, user = staff()
    page = AdminForm(client.get(f"{WORKSPACES}add/")).sent
    members = {"memberships-TOTAL_FORMS": 1, "memberships-0-user": user.pk}
    typed = {"slug": "acme", "name": "Acme", **members, "memberships-0-role": "owner"}
    answer = client.post(f"{WORKSPACES}add/", {**page, **typed})
    assert answer.status_code == 302, errors_of(answer)
    workspace = Workspace.objects.get()
    assert WorkspaceKey.objects.get().workspace == workspace
    assert Membership.objects.get().user == user
    make_integration(THREE_WAYS)
    assert connect(workspace).credential.get_values()["api_key"]


def test_refused_member_leaves_no_workspace_behind():
    client, _user = staff()
    page = AdminForm(client.get(f"{WORKSPACES}add/")).sent
    typed = {"slug": "acme", "name": "Acme", "memberships-TOTAL_FORMS": 1}
    answer = client.post(
        f"{WORKSPACES}add/", {**page, **typed, "memberships-0-user": 0, "memberships-0-role": "x"}
    )
    assert "memberships-0-user" in errors_of(answer)
    assert Workspace.objects.count() == WorkspaceKey.objects.count() == 0


def test_slug_of_a_workspace_stays():
    client, _user = staff()
    workspace = make_workspace("acme")
    assert "slug" not in AdminForm(client.get(change_url(workspace))).sent
    send(client, change_url(workspace), {"slug": "other", "name": "Renamed", "is_active": None})
    workspace.refresh_from_db()
    assert (workspace.slug, workspace.name, workspace.is_active) == ("acme", "Renamed", False)


def test_workspace_is_never_deleted_with_its_audit_log():
    client, _user = staff()
    workspace = make_workspace()
    url = f"{WORKSPACES}{workspace.pk}/delete/"
    assert client.post(url, {"post": "yes"}).status_code == 403
    sent = {"action": "delete_selected", "_selected_action": [workspace.pk], "post": "yes"}
    client.post(WORKSPACES, sent)
    assert Workspace.objects.count() == 1


# What is only read.


@pytest.fixture
def rows() -> dict[str, Any]:
    make_integration(THREE_WAYS)
    connect(make_workspace())
    return {
        "credential": Credential.objects.get(),
        "auditevent": AuditEvent.objects.get(),
    }


@pytest.mark.parametrize("name", ["credential", "auditevent"])
def test_record_is_read_and_never_written(rows, name):
    client, _user = staff()
    base, row = f"/admin/connections/{name}/", rows[name]
    assert client.get(base).status_code == 200
    page = client.get(change_url(row))
    assert row.public_id in page.content.decode()
    assert "_save" not in page.content.decode()
    for url in (f"{base}add/", change_url(row), f"{base}{row.pk}/delete/"):
        assert client.post(url, {"label": "x", "post": "yes"}).status_code == 403
    assert type(row).objects.get(pk=row.pk) == row


@pytest.mark.parametrize(
    "query", ["q={subject}", "action_name=connection.created", "actor={actor}"]
)
def test_audit_log_is_searched_and_filtered(rows, query):
    client, _user = staff()
    event = rows["auditevent"]
    make_workspace()
    query = query.format(subject=event.subject, actor=event.actor)
    for asked, count in ((query, 1), (f"{query}x", 0)):
        answer = client.get(f"/admin/connections/auditevent/?{asked}")
        assert len(answer.context["cl"].result_list) == count


def test_keys_of_the_vault_and_kept_answers_have_no_page():
    client, _user = staff()
    index = client.get("/admin/").content.decode()
    for name in ("workspacekey", "providerkey", "idempotencyrecord", "authmethod", "fieldspec"):
        assert f"/{name}/" not in index


@pytest.mark.parametrize("model", ["connection", "credential", "auditevent", "apikey", "workspace"])
def test_list_asks_as_much_for_fifty_rows(rows, model, django_assert_max_num_queries):
    workspace = Connection.objects.get().workspace
    for number in range(50):
        connect(workspace, label=f"Row {number}")
        make_key_row(workspace)
    client, _user = staff()
    with django_assert_max_num_queries(9):
        client.get(f"/admin/connections/{model}/")
