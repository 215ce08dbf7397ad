"""Who may do what: strangers, people, staff who may look, staff who may write."""

from typing import Any

import pytest

from connections.models import ApiKey, Connection
from tests.admin_site.pages import (
    CONNECTIONS,
    INTEGRATIONS,
    METHODS,
    THREE_WAYS,
    AdminForm,
    change_url,
    new_connection_url,
    page_of,
    staff,
)
from tests.admin_site.test_changing import connect
from tests.factories import make_integration, make_key_row, make_user, make_workspace
from tests.web.browser import signed_in

pytestmark = pytest.mark.django_db

READ = {
    "list": CONNECTIONS,
    "change": "{change}",
    "history": "{base}history/",
    "add": "{add}",
    "step one": f"{CONNECTIONS}add/",
    "secrets": "{base}secrets/",
    "delete": "{base}delete/",
    "integrations": INTEGRATIONS,
    "integration": "{integration}",
    "methods": METHODS,
    "keys": "/admin/connections/apikey/",
    "key": "{key}",
    "new key": "/admin/connections/apikey/add/",
    "credentials": "/admin/connections/credential/",
    "events": "/admin/connections/auditevent/",
    "workspaces": "/admin/connections/workspace/",
}


@pytest.fixture
def urls() -> dict[str, str]:
    integration = make_integration(THREE_WAYS)
    workspace = make_workspace()
    row, (key, _secret) = connect(workspace), make_key_row(workspace)
    known = {
        "base": f"{CONNECTIONS}{row.pk}/",
        "change": page_of(row),
        "add": new_connection_url(workspace, "three-ways", "api_key"),
        "integration": change_url(integration),
        "key": change_url(key),
    }
    return {name: url.format(**known) for name, url in READ.items()}


@pytest.mark.parametrize("name", READ)
def test_people_who_are_no_staff_are_sent_to_sign_in(urls, name):
    client = signed_in(make_user())
    for answer in (client.get(urls[name]), client.post(urls[name])):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/?next=")


@pytest.mark.parametrize("name", READ)
def test_staff_without_permissions_see_nothing(urls, name):
    client, _user = staff("auth.view_group")
    assert client.get(urls[name]).status_code == 403
    assert client.post(urls[name], {"post": "yes"}).status_code == 403


ONLY_VIEW = "connections.view_connection"


def test_staff_who_may_look_see_the_row_and_no_secret(urls):
    client, _user = staff(ONLY_VIEW)
    page = client.get(urls["change"]).content.decode()
    assert "Mine" in page
    assert "Region: eu" in page
    assert "API Key, Passphrase" in page
    assert "canary" not in page
    assert set(AdminForm(client.get(urls["change"])).sent) <= {"csrfmiddlewaretoken"}
    assert "secrets/" not in page
    assert "switch/" not in page


@pytest.mark.parametrize("name", ["change", "secrets", "add", "delete"])
def test_staff_who_may_look_cannot_write(urls, name):
    client, _user = staff(ONLY_VIEW)
    typed = {"label": "Taken", "credentials.api_key": "canary-0815-key", "post": "yes"}
    assert client.post(urls[name], typed).status_code == 403
    row = Connection.objects.get()
    assert (row.label, row.credential.get_values()["api_key"]) == ("Mine", "canary-4711-key")


def test_staff_who_may_look_cannot_switch(urls):
    client, _user = staff(ONLY_VIEW)
    row = Connection.objects.get()
    assert client.post(page_of(row, "switch"), {"status": "inactive"}).status_code == 403
    sent = {"action": "switch_off", "_selected_action": [row.pk]}
    client.post(CONNECTIONS, sent)
    assert Connection.objects.get().status == "active"


def test_staff_who_may_change_may_not_add_or_delete(urls):
    client, _user = staff(ONLY_VIEW, "connections.change_connection")
    assert client.get(urls["secrets"]).status_code == 200
    assert client.get(urls["add"]).status_code == 403
    assert client.post(urls["delete"], {"post": "yes"}).status_code == 403


def test_staff_who_may_add_only_get_no_further(urls):
    client, _user = staff("connections.add_connection")
    assert client.get(urls["add"]).status_code == 200
    assert client.get(urls["change"]).status_code == 403
    assert client.get(urls["list"]).status_code == 403


def test_staff_who_may_look_at_keys_change_none(urls):
    client, _user = staff("connections.view_apikey")
    assert client.get(urls["key"]).status_code == 200
    assert client.post(urls["key"], {"label": "x", "status": "revoked"}).status_code == 403
    assert not ApiKey.objects.exclude(status="active", label="Test key").exists()


VIEWERS = {
    "integration": "integrations.view_integration",
    "methods": "integrations.view_authmethod",
    "credentials": "connections.view_credential",
    "events": "connections.view_auditevent",
    "workspaces": "connections.view_workspace",
}


@pytest.mark.parametrize("name", VIEWERS)
def test_page_opens_for_staff_who_may_look(urls, name):
    client, _user = staff(VIEWERS[name])
    assert client.get(urls[name]).status_code == 200


def test_method_opens_for_staff_who_may_look(urls):
    client, _user = staff("integrations.view_authmethod", "integrations.view_fieldspec")
    method = Connection.objects.get().auth_method
    page = client.get(change_url(method))
    assert page.status_code == 200
    assert "API Key" in page.content.decode()


@pytest.mark.parametrize("name", READ)
def test_pages_are_kept_by_no_cache(urls, name):
    client, _user = staff()
    said: Any = client.get(urls[name])["Cache-Control"]
    assert "no-store" in said
