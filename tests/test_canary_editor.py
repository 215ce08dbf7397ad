"""The canary in the editor: what will break, a save that asks, and what staff type to try."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connections.models import Connection
from integrations.models import AuthMethod, Integration
from tests.admin_site.pages import AdminForm, change_url, send
from tests.canary import SECRETIVE, heard_in, heard_in_storage
from tests.factories import make_integration, make_member, make_user, make_workspace
from tests.test_canary_pages import connect, typed
from tests.web.browser import PageForm

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored() -> Integration:
    row = make_integration(SECRETIVE)
    workspace = make_workspace()
    member = Client()
    member.force_login(make_member(workspace, role="owner").user)
    assert connect(member, workspace).status_code == 302
    assert Connection.objects.count() == 1
    return row


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def strict_rules(method: AuthMethod) -> dict[str, Any]:
    """Rules that no stored value keeps."""
    rows = list(method.fields.order_by("order", "id"))
    strict: dict[str, Any] = {}
    for number, field in enumerate(rows):
        if field.type in ("string", "text", "password"):
            strict[f"fields-{number}-pattern"] = "never"
            strict[f"fields-{number}-examples"] = "never"
    return strict


def test_what_will_break_sings_nowhere(stored, staff, caplog):
    caplog.set_level("DEBUG")
    method = stored.auth_methods.get()
    form, strict = AdminForm(staff.get(change_url(method))).sent, strict_rules(method)
    pages = [
        staff.get(reverse("integration-impact", args=["integration", stored.pk])),
        staff.post(reverse("integration-impact", args=["method", method.pk]), {**form, **strict}),
        send(staff, change_url(method), strict),
    ]
    for page in pages[1:]:
        assert "1 connection will stop passing." in page.content.decode()
        assert "pattern" in page.content.decode()
    for page in pages:
        assert page.status_code == 200
        assert heard_in(page.content) == []
        assert heard_in(str(page.headers)) == []
    assert heard_in(caplog.text) == []
    assert heard_in_storage() == []


def test_what_staff_type_to_try_sings_nowhere(stored, staff, caplog):
    caplog.set_level("DEBUG")
    url = reverse("integration-preview", args=["integration", stored.pk])
    carried = PageForm(staff.get(url)).sent
    accepted = staff.post(url, {**carried, **typed()})
    refused = staff.post(url, {**carried, **typed(**{"config.region": ""})})
    assert accepted.context["verdict"]["valid"]
    assert not refused.context["verdict"]["valid"]
    for page in (accepted, refused):
        assert heard_in(page.content) == []
    assert heard_in(caplog.text) == []
    assert heard_in_storage() == []
    assert Connection.objects.count() == 1
