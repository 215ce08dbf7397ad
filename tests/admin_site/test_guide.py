"""The set-up of an OAuth client, step by step: what to register where, and whether it is done."""

import re
from typing import Any

import pytest

from integrations.models import AuthMethod
from tests.admin_site.pages import change_url, staff
from tests.factories import load_builtin, make_oauth_client, make_workspace

pytestmark = pytest.mark.django_db

ADD = "/admin/connections/oauthclient/add/"


@pytest.fixture(autouse=True)
def catalogue(settings: Any) -> None:
    settings.PUBLIC_URL = "https://connections.example.com"
    load_builtin("gitlab", "gmail", "mcp-server", "notion")


def method(slug: str) -> AuthMethod:
    return AuthMethod.objects.get(integration__slug=slug, slug="oauth2")


def guide(query: str = "", **typed: Any) -> tuple[str, Any]:
    client, _user = staff()
    answer = client.post(ADD, typed) if typed else client.get(f"{ADD}?{query}")
    assert answer.status_code == 200
    page = answer.content.decode()
    return page.split('aria-labelledby="guide"')[1].split("</section>")[0], answer.context["guide"]


def test_callback_address_is_copied_with_or_without_a_script():
    text, _guide = guide()
    callback = 'id="callback" value="https://connections.example.com/oauth/callback" readonly'
    assert callback in text
    # A script that can copy shows it.
    assert re.search(r'<button type="button"[^>]* hidden data-copies="callback"', text)


def test_steps_are_those_of_the_chosen_service():
    text, found = guide(f"auth_method={method('gitlab').pk}")
    assert "Set up GitLab" in text
    assert "https://docs.gitlab.com/api/oauth2/" in text
    assert [(one.name, one.is_asked) for one in found.scopes] == [
        ("read_user", True),
        ("read_api", True),
        ("api", False),
        ("read_repository", False),
        ("write_repository", False),
    ]
    assert "Whoever connects names the server." in text
    assert found.can_consent is None


def test_whether_a_consent_is_possible_is_said_of_the_workspace():
    workspace = make_workspace("here")
    query = f"auth_method={method('gmail').pk}&workspace={workspace.pk}"
    assert "cannot connect Gmail by a consent yet" in guide(query)[0]
    row = make_oauth_client(workspace, "gmail")
    assert "can connect Gmail by a consent now" in guide(query)[0]
    client, _user = staff()
    page = client.get(change_url(row)).content.decode()
    assert "can connect Gmail by a consent now" in page
    assert "Show the steps" not in page


def test_refused_form_keeps_the_steps():
    text, found = guide(auth_method=method("gmail").pk, client_id="")
    assert found.integration.slug == "gmail"
    assert "Set up Gmail" in text


def test_server_that_registers_clients_needs_none():
    assert "registers clients by itself" in guide(f"auth_method={method('mcp-server').pk}")[0]


@pytest.mark.parametrize("query", ["auth_method=x", "auth_method=99999", "workspace=x", "x=1"])
def test_odd_choices_are_no_error(query):
    text, found = guide(query)
    assert found.method is None
    assert "Set up a client" in text
