"""The canary on the pages: the web form, the admin, their errors, lists, histories and sessions."""

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from connections.models import AuditEvent, Connection, Credential
from integrations.catalogue import current_catalogue
from integrations.field_types import build_field
from integrations.models import AuthMethod
from tests.canary import SECRETIVE, WORD, heard_in, heard_in_storage, secrets
from tests.factories import make_integration, make_member, make_user, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Any:
    make_integration(SECRETIVE)
    return make_workspace()


@pytest.fixture
def member(workspace: Any) -> Client:
    client = Client()
    client.force_login(make_member(workspace, role="owner").user)
    return client


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def typed(**changes: str) -> dict[str, Any]:
    """The canaries as a person types them into the form of `secretive`."""
    integration = current_catalogue().get("secretive", None)
    assert integration is not None
    method = integration.method("all")
    assert method is not None
    said = secrets()
    sent: dict[str, Any] = {"label": "Secretive"}
    for spec in method.specs:
        value = build_field(spec).to_form(said[spec.target].get(spec.key))
        sent[spec.path] = value if isinstance(value, str) else json.dumps(value)
    return {**sent, **changes}


def address(name: str, workspace: Any, *rest: str) -> str:
    return reverse(name, args=[workspace.slug, *rest])


def connect(member: Client, workspace: Any, **changes: str) -> Any:
    return member.post(address("connect", workspace, "secretive", "all"), typed(**changes))


def test_no_page_of_an_end_user_sings(workspace: Any, member: Client) -> None:
    refused = connect(member, workspace, **{"config.region": ""})
    assert "is required" in refused.content.decode()
    made = connect(member, workspace)
    assert made.status_code == 302, refused.content
    name = Connection.objects.get().public_id
    pages = [
        refused,
        made,
        member.get(made["Location"]),
        member.get(address("connections", workspace)),
        member.get(address("edit-connection", workspace, name)),
        member.post(address("edit-connection", workspace, name), typed(**{"config.region": ""})),
        member.post(
            address("edit-connection", workspace, name),
            {"label": "x", "credentials.word": f" {WORD} ", "credentials.zzz": WORD},
        ),
        member.post(address("edit-connection", workspace, name), typed(revision="stale")),
        member.post(address("edit-connection", workspace, name), typed(label="Other")),
        member.get(address("delete-connection", workspace, name)),
        member.post(address("switch-connection", workspace, name), {}),
        member.get(address("integration", workspace, "secretive")),
    ]
    for page in pages:
        assert page.status_code in (200, 302), page.content
        assert heard_in(page.content) == []
        assert heard_in(str(page.headers)) == []
    assert heard_in_storage() == []


def test_no_page_of_the_admin_sings(workspace: Any, staff: Client) -> None:
    choice = {"workspace": workspace.slug, "integration": "secretive", "method": "all"}
    query = "&".join(f"{name}={value}" for name, value in choice.items())
    add = f"{reverse('admin:connections_connection_add')}?{query}"
    refused = staff.post(add, typed(**{"config.region": ""}))
    assert "is required" in refused.content.decode()
    made = staff.post(add, typed())
    assert made.status_code == 302, made.content
    row = Connection.objects.get()
    assert row.get_secret_config() == {"config_secret": WORD}
    secret_page = f"{reverse('admin:connections_connection_changelist')}{row.pk}/secrets/"
    change = reverse("admin:connections_connection_change", args=[row.pk])
    method = AuthMethod.objects.get()
    pages = [
        refused,
        made,
        staff.get(reverse("admin:index")),
        staff.get(reverse("admin:connections_connection_changelist")),
        staff.get(change),
        staff.post(change, {"label": "x" * 300, "config.region": "", "credentials.word": WORD}),
        staff.get(secret_page),
        staff.post(secret_page, {"credentials.word": f" {WORD} "}),
        staff.post(secret_page, {"credentials.word": f"new {WORD}"}),
        staff.get(reverse("admin:connections_connection_history", args=[row.pk])),
        staff.get(reverse("admin:connections_credential_changelist")),
        staff.get(
            reverse("admin:connections_credential_change", args=[Credential.objects.get().pk])
        ),
        staff.get(reverse("admin:connections_auditevent_changelist")),
        staff.get(
            reverse("admin:connections_auditevent_change", args=[AuditEvent.objects.first().pk])
        ),
        staff.get(reverse("admin:integrations_authmethod_change", args=[method.pk])),
        staff.get(reverse("admin:connections_connection_delete", args=[row.pk])),
    ]
    for page in pages:
        assert page.status_code in (200, 302), page.content
        assert heard_in(page.content) == []
        assert heard_in(str(page.headers)) == []
    assert LogEntry.objects.exists()
    assert heard_in_storage() == []


def test_no_filter_of_the_admin_tells_a_secret_bit_by_bit(workspace: Any, staff: Client) -> None:
    for model in ("connection", "credential", "methodsetup"):
        page = reverse(f"admin:connections_{model}_changelist")
        for lookup in ("sealed_values__startswith", "sealed_config__contains", "sealed_values"):
            answer = staff.get(page, {lookup: "a"})
            # Django sends a look-up that a list does not know back to the list.
            assert answer.status_code in (302, 400)
