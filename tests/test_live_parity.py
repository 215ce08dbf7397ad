"""What a service says is said at every door in the same words, with no transaction open."""

import pytest
from django.db import connection as database
from django.urls import reverse

from connections.admin.forms import ConnectionAdminForm
from connections.models import AuditEvent, Connection, Workspace
from connections.web.forms import ConnectionPageForm
from integrations.catalogue import current_catalogue
from tests.admin_site.pages import staff
from tests.doors import as_input, through_api, through_form
from tests.factories import api_client, make_actor, make_key, make_user, make_workspace
from tests.live_service import BAD, GOOD, KeyService, allow_loopback, body
from tests.web.browser import PageForm, member_of

FORM_BASES = [ConnectionPageForm, ConnectionAdminForm]


@pytest.fixture(autouse=True)
def calls_are_allowed(settings):
    allow_loopback(settings)


@pytest.fixture
def service(httpserver):
    return KeyService(httpserver)


@pytest.mark.django_db
@pytest.mark.parametrize("status", [None, 401, 403, 404, 410, 418, 429, 500, 503])
@pytest.mark.parametrize("key", [GOOD, BAD])
def test_verdict_of_the_service_is_the_same_at_every_door(service, status, key):
    service.status = status
    sent = body(service.address, key=key)
    workspace = make_workspace()
    integration = current_catalogue().get("local-api", workspace.id)
    method = integration.method("api_key")
    given = as_input(method, sent, "Mine")
    client, actor = api_client(make_key(workspace)), make_actor(workspace, make_user())
    api = through_api(client, integration, "api_key", given.sent)
    is_refused = status in (401, 403, 404) or (status is None and key == BAD)
    assert api.is_accepted != is_refused
    for base in FORM_BASES:
        assert through_form(base, integration, method, actor, given.typed) == api


@pytest.mark.django_db
def test_page_shows_the_refusal_and_no_secret(service):
    sent = body(service.address, key=BAD)
    workspace = make_workspace()
    browser, _user = member_of(workspace)
    address = reverse("connect", args=[workspace.slug, sent["integration"], "api_key"])
    form = PageForm(browser.get(address)).sent
    form |= {"credentials.api_key": [BAD], "config.base_url": [service.address]}
    answer = browser.post(address, form)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "The service does not accept the credential" in page
    assert "Check that it was copied whole" in page
    assert BAD not in page
    assert not Connection.objects.exists()


@pytest.mark.django_db
def test_page_of_a_service_that_is_down_says_that_it_is_testing(service):
    service.status = 503
    sent = body(service.address)
    workspace = make_workspace()
    browser, _user = member_of(workspace)
    address = reverse("connect", args=[workspace.slug, sent["integration"], "api_key"])
    form = PageForm(browser.get(address)).sent
    form |= {"credentials.api_key": [GOOD], "config.base_url": [service.address]}
    page = browser.post(address, form, follow=True).content.decode()
    assert "The service gave an answer that says nothing about the credential" in page
    service.status = None
    row = Connection.objects.get()
    asked = reverse("test-connection", args=[workspace.slug, row.public_id])
    page = browser.post(asked, follow=True).content.decode()
    assert "It works, as Ada." in page
    row.refresh_from_db()
    assert row.status == "active"


def test_admin_asks_the_service_before_its_transaction_begins(service, transactional_db):
    """While the service answers, somebody else writes: with a transaction open that would wait."""
    sent = body(service.address)
    workspace = make_workspace()
    browser, _user = staff()
    address = reverse("admin:connections_connection_add")
    address += f"?workspace={workspace.slug}&integration=local-api&method=api_key"
    wrote = []

    def write():
        Workspace.objects.filter(pk=workspace.pk).update(name="Written meanwhile")
        database.close()
        wrote.append(True)

    form = PageForm(browser.get(address)).sent
    form |= {"credentials.api_key": [sent["credentials"]["api_key"]]}
    form |= {"config.base_url": [service.address]}
    service.meanwhile = write
    answer = browser.post(address, form)
    assert answer.status_code == 302, answer.content.decode()
    assert wrote == [True]
    assert Connection.objects.get().account_label == "Ada"
    assert AuditEvent.objects.filter(action="connection.created").count() == 1


def test_admin_refuses_what_the_service_refuses(service, db):
    sent = body(service.address, key=BAD)
    workspace = make_workspace()
    browser, _user = staff()
    address = reverse("admin:connections_connection_add")
    address += f"?workspace={workspace.slug}&integration=local-api&method=api_key"
    form = PageForm(browser.get(address)).sent
    form |= {"credentials.api_key": [BAD], "config.base_url": [sent["config"]["base_url"]]}
    page = browser.post(address, form).content.decode()
    assert "The service does not accept the credential" in page
    assert service.keys == [BAD]
    assert BAD not in page
    assert not Connection.objects.exists()


@pytest.mark.django_db
def test_admin_tests_a_stored_connection(service):
    client = api_client(make_key(make_workspace()))
    client.post_json("/connections", body(service.address))
    row = Connection.objects.get()
    browser, _user = staff()
    service.status = 401
    page = browser.post(reverse("admin:connection-test", args=[row.pk]), follow=True)
    assert "The service does not accept the credential" in page.content.decode()
    row.refresh_from_db()
    assert row.status == "error"
