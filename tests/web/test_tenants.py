"""What belongs to another workspace or another member does not exist for a page, by any address.

The table walks over every address of the web door: one that nobody put into it fails a test.
"""

import re

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import URLResolver, reverse

from connections.models import Connection, DeletedConnection, Membership, SecretRequest
from connections.services.connections import delete_connection
from connections.services.invitations import invite
from connections.web import urls
from integrations.management.commands.load_catalog import BUILT_IN
from tests.factories import (
    KEY_AND_EMAIL,
    make_actor,
    make_integration,
    make_key_row,
    make_member,
    make_oauth_client,
    make_workspace,
)
from tests.services.test_undoing import HOUR
from tests.web.browser import send, signed_in

pytestmark = pytest.mark.django_db

TYPED = {"credentials.api_key": "top-secret", "credentials.email": "a@example.com"}
# Addresses that name no workspace, and what holds their tenants apart.
WITHOUT_WORKSPACE = {
    "home": "lists the workspaces of whoever asks",
    "sign-in": "before there is anybody",
    "sign-out": "of whoever asks",
    **dict.fromkeys(
        ("account_login", "account_logout", "mfa_authenticate", "mfa_login_webauthn"),
        "before there is anybody, or of whoever asks",
    ),
    **dict.fromkeys(
        (
            *("account_reauthenticate", "account_change_password", "sessions", "mfa_index"),
            *("mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_activate_totp"),
            *("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
            *("mfa_list_webauthn", "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn"),
        ),
        "of whoever asks: tests/access",
    ),
    "invitation": "tests/web/workspaces/test_invitations.py",
    "invitation-link": "tests/web/workspaces/test_invitations.py",
    "brand-logo": "for everybody: tests/links/test_branding.py",
    "brand-css": "for everybody: tests/links/test_branding.py",
    **dict.fromkeys(
        (
            *("link", "link-cancel", "link-wait", "link-done", "link-asked", "link-withdraw"),
            *("link-integration", "link-form", "link-check", "link-consent"),
            *("link-check-consent", "link-ask", "answer"),
        ),
        "of whoever holds the link: tests/links",
    ),
    "integration-preview": "the catalogue's, for staff: tests/admin_site/test_editor_preview.py",
    "integration-impact": "for staff of every workspace: tests/admin_site",
    "oauth-start": "tests/oauth_flow/test_state.py",
    "oauth-callback": "tests/oauth_flow/test_state.py",
    "oauth-result": "words of ours",
}
# The addresses of a workspace: the method and what is sent. Whoever only looks may `GET`.
CALLS = {
    "integrations": [("GET", {})],
    "integration": [("GET", None)],
    "connect": [("GET", None), ("POST", TYPED)],
    "consent": [("GET", None), ("POST", {})],
    "check-connect": [("POST", TYPED)],
    "check-consent": [("POST", {})],
    "connections": [("GET", {})],
    "connection": [("GET", {})],
    "edit-connection": [("GET", None), ("POST", {"label": "Ours now"})],
    "check-edit": [("POST", {"label": "Ours now"})],
    "rename-connection": [("GET", None), ("POST", {"label": "Ours now"})],
    "delete-connection": [("GET", None), ("POST", {})],
    "undo-delete": [("POST", {})],
    "switch-connection": [("POST", {"status": "inactive"})],
    "test-connection": [("POST", {})],
    "reconnect": [("POST", {})],
    "ask": [("POST", {"ask": "credentials.api_key", "credentials.email": "a@example.com"})],
    "ask-change": [("POST", {"ask": "credentials.api_key"})],
    "asked-list": [("GET", {})],
    "asked": [("GET", {})],
    "withdraw": [("POST", {})],
    "workspace-settings": [("GET", None), ("POST", {"name": "Ours now"})],
    "workspace-branding": [("GET", None), ("POST", {"brand_name": "Ours now"})],
    "workspace-members": [("GET", {})],
    "member-role": [("POST", {"role": "viewer"})],
    "member-remove": [("POST", {})],
    "invite": [("POST", {"email": "new@example.com", "role": "member"})],
    "invitation-withdraw": [("POST", {})],
    "workspace-keys": [("GET", None)],
    "workspace-key-new": [("GET", None), ("POST", {"label": "K", "permissions": ["read"]})],
    "workspace-key": [("GET", None), ("POST", {"label": "Ours now", "permissions": ["read"]})],
    "workspace-key-rotate": [("GET", None), ("POST", {"overlap": "0"})],
    "workspace-key-switch": [("POST", {"status": "revoked"})],
    "workspace-key-delete": [("GET", None), ("POST", {})],
}
ALL = [(name, method, sent) for name, calls in CALLS.items() for method, sent in calls]


def routes(patterns, prefix=""):
    """`(name, names of its parts)` of every address of the web door, included ones too."""
    for one in patterns:
        address = f"{prefix}{one.pattern}"
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, address)
        else:
            yield one.name, re.findall(r"<\w+:(\w+)>", address)


PARTS = dict(routes(urls.urlpatterns))


class Tenant:
    """A workspace with an integration of its own, and a member with one of everything."""

    def __init__(self, name, workspace=None):
        self.workspace = workspace or make_workspace()
        self.user = make_member(self.workspace, role="owner").user
        self.colleague = make_member(self.workspace)
        self.client = signed_in(self.user)
        self.private = f"{name}-alone"
        text = KEY_AND_EMAIL.replace("key-and-email", self.private)
        make_integration(text, workspace=self.workspace)
        self.kept, deleted = self.connect(), self.connect()
        actor = make_actor(self.workspace, self.user)
        delete_connection(actor=actor, connection=deleted, undo_for=HOUR)
        self.granting = f"{name}-grants"
        grants = (
            (BUILT_IN / "gmail.yaml").read_text().replace("slug: gmail", f"slug: {name}-grants")
        )
        make_integration(grants)
        make_oauth_client(self.workspace, self.granting)
        make_integration(grants, workspace=self.workspace)
        self.deleted = deleted
        self.key = make_key_row(self.workspace, "read")[0]
        address = f"{name}@example.com"
        self.invitation, _token = invite(actor=actor, email=address, role="member")
        self.asked = self.ask()

    def ask(self):
        """A secret that somebody else is asked for."""
        address = reverse("ask", args=[self.workspace.slug, self.private, "api_key"])
        self.client.post(address, CALLS["ask"][0][1])
        return SecretRequest.objects.within(self.workspace.id).get(owner=self.user)

    def connect(self):
        address = reverse("connect", args=[self.workspace.slug, self.private, "api_key"])
        url = send(self.client, address, TYPED)["Location"]
        return Connection.objects.named(self.workspace.id, url.rpartition("/")[2])

    def parts(self, name):
        is_grant = "consent" in name
        return {
            "slug": self.workspace.slug,
            "integration": self.granting if is_grant else self.private,
            "method": "oauth2" if is_grant else "api_key",
            "connection": (self.deleted if name == "undo-delete" else self.kept).public_id,
            "member": self.colleague.pk,
            "key": self.key.public_id,
            "invitation": self.invitation.public_id,
            "name": self.asked.public_id,
        }

    def call(self, name, method, sent, swapped=None):
        known = {**self.parts(name), **(swapped or {})}
        address = reverse(name, kwargs={part: known[part] for part in PARTS[name]})
        return getattr(self.client, method.lower())(address, sent or {})


@pytest.fixture
def ours():
    return Tenant("ours")


@pytest.fixture
def theirs():
    return Tenant("theirs")


def dump():
    rows = {}
    for label in ("connections", "integrations"):
        for model in apps.get_app_config(label).get_models():
            names = [one.attname for one in model._meta.concrete_fields]
            values = [
                [bytes(one) if isinstance(one, memoryview) else one for one in row]
                for row in model.objects.values_list(*names)
            ]
            rows[model.__name__] = sorted(map(repr, values))
    return rows


def test_every_address_of_the_pages_is_in_the_table():
    assert set(PARTS) == set(CALLS) | set(WITHOUT_WORKSPACE)
    assert all("slug" in PARTS[name] for name in CALLS)
    assert not any("slug" in PARTS[name] for name in WITHOUT_WORKSPACE)
    assert {part for name in CALLS for part in PARTS[name]} == {"slug", "method", *ROWS}


# What is refused changes nothing, so that all calls of a table find the same rows.


def test_workspace_of_strangers_is_not_found(ours, theirs):
    before = dump()
    for name, method, sent in ALL:
        for swapped in (theirs.parts(name), {"slug": theirs.workspace.slug}):
            answer = ours.call(name, method, sent, swapped)
            assert answer.status_code == 404, (method, name, swapped)
            assert dump() == before, (method, name, swapped)


# Parts that name a row; those of a person name it for that person only.
OF_PEOPLE = ("connection", "name")
ROWS = ("integration", *OF_PEOPLE, "member", "key", "invitation")
OF_A_ROW = [(*call, part) for call in ALL for part in ROWS if part in PARTS[call[0]]]
OF_A_PERSON = [one for one in OF_A_ROW if one[3] in OF_PEOPLE]


def are_not_found(tenant, others, calls):
    before = dump()
    for name, method, sent, part in calls:
        answer = tenant.call(name, method, sent, {part: others.parts(name)[part]})
        assert answer.status_code == 404, (method, name, part)
        assert dump() == before, (method, name, part)


def test_id_of_another_workspace_is_not_found(ours, theirs):
    are_not_found(ours, theirs, OF_A_ROW)


def test_id_of_another_member_is_not_found(ours):
    are_not_found(ours, Tenant("colleague", ours.workspace), OF_A_PERSON)


def test_own_ids_are_found(ours):
    """Without this the 404 of the others would prove nothing."""
    for name, method, sent in ALL:
        with transaction.atomic():
            answer = ours.call(name, method, sent)
            transaction.set_rollback(True)
        assert answer.status_code in (200, 302), (method, name)


def test_whoever_only_looks_changes_nothing(ours):
    Membership.objects.filter(user=ours.user).update(role="viewer")
    before = dump()
    for name, method, sent in ALL:
        may_look = method == "GET" and sent is not None
        # Everybody may leave: whom else they remove is asked later, and told on the page of
        # members.
        refusal = 302 if name == "member-remove" else 403
        expected = 200 if may_look else refusal
        assert ours.call(name, method, sent).status_code == expected, (method, name)
        assert dump() == before, (method, name)


def test_tenants_have_something_to_lose(ours, theirs):
    assert DeletedConnection.objects.count() == 2
    assert Connection.objects.count() == 2
