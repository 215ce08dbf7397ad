"""No page shows a text that cannot be translated."""

import pytest
from django.test import Client

from connections.models import AuditEvent, Connection, Membership
from connections.web.outcomes import OUTCOMES
from integrations.catalogue import current_catalogue
from tests.factories import (
    api_client,
    load_builtin,
    make_key,
    make_member,
    make_user,
    make_workspace,
)
from tests.languages import pseudo
from tests.test_databases import on_sqlite
from tests.web.browser import send, signed_in

# Templates do not know which database is behind them: once is enough.
pytestmark = [on_sqlite, pytest.mark.django_db]
# What the tests themselves put into the pages: names, and what people typed.
DATA = (
    "Workspace",
    "Zendesk",
    "Amazon S3",
    "Server of ours",
    "Postgres",
    "PostgreSQL",
    "acme",
    "agent@example.com",
    "zendesk.com",
    "example.com",
    "person-",
    "-----BEGIN",
    "https://mcp.example.com/mcp",
    "example.com/mcp",
    "Test key",
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("locale")
    pseudo.write_language(folder)
    return folder


@pytest.fixture(autouse=True)
def pseudo_language(settings, written):
    settings.LANGUAGES = [*settings.LANGUAGES, (pseudo.LANGUAGE, "tlh")]
    settings.LOCALE_PATHS = [written]
    settings.LANGUAGE_CODE = pseudo.LANGUAGE


def check(answer, *data, status=200):
    assert answer.status_code == status
    page = answer.content.decode()
    assert f'lang="{pseudo.LANGUAGE}"' in page
    assert "⟦" in page
    assert pseudo.untranslated(page, (*DATA, *data)) == []


@pytest.fixture
def member():
    """A signed-in member with a connection in which something is wrong."""
    load_builtin("zendesk", "postgres", "s3", "mcp-server")
    workspace = make_workspace()
    person = make_member(workspace, role="owner").user
    client = signed_in(person)
    body = {
        "integration": "zendesk",
        "integration_type": "connectors",
        "auth_method_id": "api_token",
        "label": "acme",
        "config": {"subdomain": "acme"},
        "credentials": {"email": "agent@example.com", "api_token": "a" * 40},
    }
    made = api_client(make_key(workspace)).post_json("/connections?verify=never", body)
    assert made.status_code == 201, made.content
    row = Connection.objects.get()
    row.owner = person
    row.status = "error"
    row.status_reason = {
        "code": "unauthorized",
        "message": "The service does not accept the credential.",
        "hint": "Check that it was copied whole, is not expired and belongs to this service.",
    }
    row.save()
    return client, workspace, row


def actors(workspace):
    return AuditEvent.objects.filter(workspace=workspace).values_list("actor", flat=True)


PLACES = [
    "/w/{slug}/connections",
    "/w/{slug}/connections?search=zzz",
    "/w/{slug}/connections/{connection}",
    "/w/{slug}/connections/{connection}/edit",
    "/w/{slug}/connections/{connection}/delete",
    "/w/{slug}/integrations",
    "/w/{slug}/integrations?search=zzz",
    "/w/{slug}/integrations?integration_type=zzz",
    "/w/{slug}/integrations/zendesk/api_token",
    "/w/{slug}/integrations/mcp-server/bearer",
    "/w/{slug}/connections/{connection}/rename",
    "/w/{slug}/asked",
    "/w/{slug}/settings",
    "/w/{slug}/settings/branding",
    "/w/{slug}/settings/members",
    "/w/{slug}/settings/keys",
    "/w/{slug}/settings/keys/new",
    "/account/confirm",
    "/account/password",
    "/account/security",
    "/account/sessions",
]


@pytest.mark.parametrize("place", PLACES)
def test_page_of_a_member_can_be_translated(member, place):
    client, workspace, row = member
    url = place.format(slug=workspace.slug, connection=row.public_id)
    check(client.get(url), workspace.slug, row.public_id, *actors(workspace), "zzz")


@pytest.mark.parametrize("slug", ["zendesk", "postgres", "s3", "mcp-server"])
def test_form_with_its_errors_can_be_translated(member, slug):
    client, workspace, _row = member
    definition = current_catalogue().get(slug, None)
    for method in definition.methods:
        url = f"/w/{workspace.slug}/integrations/{slug}/{method.id}?token"
        data = [spec.placeholder for spec in method.specs if spec.placeholder]
        data += [value for spec in method.specs for value, _label in spec.options]
        data += [f"{spec.prefix}|{spec.suffix}" for spec in method.specs]
        check(client.get(url), *data)
        typed = {spec.path: "x y\t" for spec in method.specs if spec.type != "select"}
        check(send(client, url, typed), *data)


def test_changes_of_a_connection_can_be_translated(member):
    client, workspace, row = member
    place = f"/w/{workspace.slug}/connections/{row.public_id}"
    for action, sent in (("switch", {"status": "inactive"}), ("switch", {"status": "active"})):
        client.post(f"{place}/{action}", sent)
        check(client.get(place), row.public_id, *actors(workspace))
    check(client.post(f"{place}/delete", follow=True))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_end_of_an_authorization_can_be_translated(outcome):
    check(Client().get(f"/oauth/result/{outcome}"), status=OUTCOMES[outcome].status)


@pytest.mark.parametrize("memberships", [0, 2])
def test_start_page_can_be_translated(memberships):
    person = make_user()
    for _number in range(memberships):
        make_member(make_workspace(), user=person, role=Membership.Role.VIEWER)
    check(signed_in(person).get("/"))


def test_pages_without_a_session_can_be_translated():
    check(Client().get("/sign-in"))
    check(Client().post("/sign-in", {"username": "acme", "password": "x"}))
    check(Client().get("/nothing-here"), status=404)
    check(Client(enforce_csrf_checks=True).post("/sign-in", {}), status=403)


def test_the_walk_sees_what_was_not_handed_to_gettext():
    page = '<html lang="tlh"><p title="Plain">⟦Marked %(x)s ⟦twice⟧⟧ acme</p><b lang="de">Ja</b>'
    assert pseudo.untranslated(page, ("acme",)) == ["Plain"]
    assert pseudo.untranslated(page.replace("acme", "acme and more"), ("acme",)) == [
        "Plain",
        "⟦Marked %(x)s ⟦twice⟧⟧ acme and more",
    ]


def test_too_long_a_label_is_named_as_the_page_names_it(member):
    client, workspace, _row = member
    url = f"/w/{workspace.slug}/integrations/mcp-server/none"
    answer = send(client, url, {"label": "x" * 256, "url": "https://example.com/mcp"})
    check(answer, "x" * 256, "https://")
