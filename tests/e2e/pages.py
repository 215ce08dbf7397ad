"""Every page that somebody can look at, and every address that is none.

Adding a page is adding a row to PAGES. A name of the URL table that stands in neither PAGES nor
NOT_PAGES fails a test. Pages of models in the admin have no rows: they are found in its registry.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from django.urls import reverse
from playwright.sync_api import Page

from integrations.models import Integration
from tests.e2e.house import House

Arguments = Callable[[House], tuple[Any, ...]]
Doing = Callable[[Page], None]


def nothing(_house: House) -> tuple[Any, ...]:
    return ()


def workspace(house: House) -> tuple[Any, ...]:
    return (house.workspace.slug,)


def within(*more: str) -> Arguments:
    """The workspace, and what else the address names."""
    return lambda house: (house.workspace.slug, *more)


def connection(status: str) -> Arguments:
    """The member's connection of that status, in the workspace."""
    return lambda house: (house.workspace.slug, house.connections[status].public_id)


def staff_connection(house: House) -> tuple[Any, ...]:
    return (house.connections["active"].pk,)


def press(button: str) -> Doing:
    return lambda page: page.get_by_role("button", name=button, exact=True).click()


def link(name: str, *more: str) -> Arguments:
    """A link that somebody was sent, and what its address names beside the token."""
    return lambda house: (house.links[name], *more)


def with_key(house: House) -> tuple[Any, ...]:
    return (house.workspace.slug, house.key.public_id)


def passkey(house: House) -> tuple[Any, ...]:
    return (house.passkey.pk,)


def zendesk(*more: Any) -> Arguments:
    return lambda _house: (Integration.objects.get(slug="zendesk").pk, *more)


def revision(house: House) -> tuple[Any, ...]:
    return (house.revision.integration_id, house.revision.number)


def kind_of(kind: str) -> Arguments:
    return lambda _house: (kind, Integration.objects.get(slug="zendesk").pk)


def confirm(page: Page) -> None:
    """What somebody who wants to change their account is asked first."""
    page.get_by_label("Password").fill("a password")
    page.get_by_role("button", name="Confirm", exact=True).click()


def sign_in_with_code(page: Page) -> None:
    page.locator("[name=login]").fill("kim")
    page.locator("[name=password]").fill("a password")
    page.get_by_role("button", name="Sign in", exact=True).click()


@dataclass(frozen=True)
class Row:
    """A page: `url` names its address, `who` a person of the house (nobody: signed out)."""

    name: str
    url: str
    args: Arguments = nothing
    who: str = "member"
    query: str = ""
    # What brings the page into the state that is looked at: it sends a form.
    do: Doing | None = None
    status: int = 200

    @property
    def is_admin(self) -> bool:
        return self.name.startswith("admin")

    def address(self, house: House) -> str:
        return reverse(self.url, args=self.args(house)) + self.query

    def person(self, house: House) -> Any:
        return getattr(house, self.who) if self.who else None

    def act(self, page: Page) -> None:
        """Does it, and waits: a page that is looked at while it arrives has no heading yet."""
        if self.do:
            with page.expect_navigation(wait_until="load"):
                self.do(page)


EDITOR = "admin:integrations_integration"
PAGES = (
    Row("home", "home", who="guest"),
    Row("home-of-a-stranger", "home", who="stranger"),
    Row("sign-in", "sign-in", who=""),
    Row("sign-in-refused", "sign-in", who="", do=press("Sign in")),
    Row("gallery", "integrations", workspace),
    Row("gallery-second-page", "integrations", workspace, query="?page=2"),
    Row("gallery-nothing-fits", "integrations", workspace, query="?search=unheard-of"),
    Row("gallery-wrong-search", "integrations", workspace, query="?search=%00&integration_type=x"),
    Row("gallery-of-a-viewer", "integrations", workspace, who="viewer"),
    Row("integration", "integration", within("zendesk")),
    Row("form", "connect", within("everything", "keys")),
    Row("form-refused", "connect", within("everything", "keys"), do=press("Connect")),
    Row("form-of-postgres", "connect", within("postgres", "password")),
    Row("form-of-zendesk-refused", "connect", within("zendesk", "api_token"), do=press("Connect")),
    Row("consent", "consent", within("gmail", "oauth2")),
    Row("connections", "connections", workspace),
    Row("connections-none-fits", "connections", workspace, query="?search=unheard-of"),
    Row("connections-none-yet", "connections", workspace, who="owner"),
    Row("connection", "connection", connection("active")),
    Row("connection-in-error", "connection", connection("error")),
    Row("connection-expired", "connection", connection("expired")),
    Row("connection-testing", "connection", connection("testing")),
    Row("connection-switched-off", "connection", connection("inactive")),
    Row("edit", "edit-connection", connection("active")),
    Row("rename", "rename-connection", connection("active")),
    Row("delete", "delete-connection", connection("active")),
    Row("asked-list", "asked-list", workspace),
    Row("asked", "asked", lambda house: (house.workspace.slug, house.asked.public_id)),
    Row("oauth-cancelled", "oauth-result", lambda _house: ("access_denied",)),
    Row("oauth-late", "oauth-result", lambda _house: ("late",), status=400),
    Row("forbidden", "connect", within("zendesk", "api_token"), who="viewer", status=403),
    Row("not-found", "connections", lambda _house: ("unheard-of",), status=404),
    # Behind links, without signing in.
    Row("link", "link", link("link"), who=""),
    Row("link-integration", "link-integration", link("link", "zendesk"), who=""),
    Row("link-form", "link-form", link("link", "everything", "keys"), who=""),
    Row(
        "link-form-refused",
        "link-form",
        link("link", "everything", "keys"),
        who="",
        do=press("Connect"),
    ),
    Row("link-consent", "link-consent", link("link", "gmail", "oauth2"), who=""),
    Row("link-wait", "link-wait", link("link"), who=""),
    Row("link-repair", "link", link("repair"), who=""),
    Row("link-done", "link-done", link("cancelled"), who="", status=410),
    Row("link-unknown", "link", lambda _house: ("x" * 43,), who="", status=404),
    Row("link-asked", "link-asked", link("asking"), who=""),
    Row("answer", "answer", link("ask"), who=""),
    Row("answer-refused", "answer", link("ask"), who="", do=press("Hand it over")),
    Row("invitation-link", "invitation-link", link("invitation"), who=""),
    Row("invitation-of-nobody", "invitation", who="", status=410),
    # The account.
    Row("sign-in-with-code", "mfa_authenticate", who="", do=sign_in_with_code),
    Row("account-confirm", "account_reauthenticate"),
    Row("account-confirm-code", "mfa_reauthenticate", who="keyed"),
    Row("account-confirm-passkey", "mfa_reauthenticate_webauthn", who="keyed"),
    Row("account-password", "account_change_password"),
    Row("account-sessions", "sessions"),
    Row("account-security", "mfa_index"),
    Row("account-security-keyed", "mfa_index", who="keyed"),
    Row("account-app", "mfa_activate_totp", do=confirm),
    Row("account-app-remove", "mfa_deactivate_totp", who="keyed", do=confirm),
    Row("account-codes", "mfa_view_recovery_codes", who="keyed", do=confirm),
    Row("account-codes-new", "mfa_generate_recovery_codes", who="keyed", do=confirm),
    Row("account-passkeys", "mfa_list_webauthn", who="keyed"),
    Row("account-passkey-new", "mfa_add_webauthn", do=confirm),
    Row("account-passkey", "mfa_edit_webauthn", passkey, who="keyed", do=confirm),
    Row("account-passkey-remove", "mfa_remove_webauthn", passkey, who="keyed", do=confirm),
    # The workspace.
    Row("workspace-settings", "workspace-settings", workspace, who="owner"),
    Row("workspace-branding", "workspace-branding", workspace, who="owner"),
    Row("workspace-members", "workspace-members", workspace, who="owner"),
    Row("workspace-members-of-a-member", "workspace-members", workspace),
    Row(
        "member-remove",
        "member-remove",
        lambda house: (house.workspace.slug, house.viewer.memberships.get().pk),
        who="owner",
    ),
    Row("workspace-keys", "workspace-keys", workspace, who="owner"),
    Row("workspace-key-new", "workspace-key-new", workspace, who="owner"),
    Row(
        "workspace-key-refused",
        "workspace-key-new",
        workspace,
        who="owner",
        do=press("Make the key"),
    ),
    Row("workspace-key", "workspace-key", with_key, who="owner"),
    Row("workspace-key-rotate", "workspace-key-rotate", with_key, who="owner"),
    Row("workspace-key-delete", "workspace-key-delete", with_key, who="owner"),
    # The editor's frame, as it is by itself.
    Row("preview", "integration-preview", kind_of("integration"), who="staff"),
    Row("impact", "integration-impact", kind_of("integration"), who="staff"),
    Row("api-docs", "api-docs", who=""),
    Row("admin", "admin:index", who="staff"),
    Row("admin-app", "admin:app_list", lambda _house: ("connections",), who="staff"),
    Row("admin-work", "admin-work", who="staff"),
    Row("admin-secrets", "admin:connection-secrets", staff_connection, who="staff"),
    Row("admin-reveal", "connection-reveal", staff_connection, who="staff"),
    Row(
        "admin-integration-compare",
        f"{EDITOR}_compare",
        lambda house: (house.revision.integration_id,),
        who="staff",
        query="?from=2&to=3",
    ),
    Row("admin-import", "admin:integrations_integration_import", who="staff"),
    *(
        Row(
            f"admin-integration-{name}", f"admin:integrations_integration_{name}", args, who="staff"
        )
        for name, args in (
            ("duplicate", zendesk()),
            ("draft", zendesk()),
            ("revisions", zendesk()),
            ("revision", revision),
            ("restore", revision),
            ("status", zendesk("deprecated")),
        )
    ),
    Row(
        "admin-user-password",
        "admin:auth_user_password_change",
        lambda house: (house.member.pk,),
        who="staff",
    ),
    Row(
        "admin-form",
        "admin:connections_connection_add",
        who="staff",
        query="?workspace=acme&integration=everything&method=keys",
    ),
    Row(
        "admin-form-refused",
        "admin:connections_connection_add",
        who="staff",
        query="?workspace=acme&integration=everything&method=keys",
        do=press("Save"),
    ),
    Row(
        "admin-consent",
        "admin:connection-consent",
        who="staff",
        query="?workspace=acme&integration=gmail&method=oauth2",
    ),
)


@dataclass(frozen=True)
class NotAPage:
    """Why an address is not looked at; `status` is what a GET by staff gets, to prove it."""

    reason: str
    status: tuple[int, ...]


SENT_TO = NotAPage("only takes what a form sends", (405,))
NO_HTML = NotAPage("answers programs, not people", (200,))
LEADS_ON = NotAPage("only ever leads on to another address", (302, 303, 404))

NOT_PAGES = {
    "api-schema": NO_HTML,
    "healthz": NO_HTML,
    "readyz": NO_HTML,
    "metrics": NotAPage("answers programs; without a token there is no such page", (404,)),
    "sign-out": SENT_TO,
    "account_login": NotAPage("another name of `sign-in`", (302,)),
    "account_logout": SENT_TO,
    "mfa_login_webauthn": NotAPage("answers the script of the sign-in page", (302,)),
    "preferences": SENT_TO,
    "brand-css": NotAPage("a stylesheet", (404,)),
    "brand-logo": NotAPage("a picture", (404,)),
    **dict.fromkeys(
        (
            *("check-connect", "check-consent", "check-edit", "undo-delete", "ask", "ask-change"),
            *("withdraw", "invite", "invitation-withdraw", "member-role", "workspace-key-switch"),
            *("link-ask", "link-cancel", "link-check", "link-check-consent", "link-withdraw"),
            "admin:auditevent-export",
        ),
        SENT_TO,
    ),
    "admin:integrations_integration_export": NotAPage("a file", (404,)),
    "admin:login": NotAPage("leads on to the sign-in of everybody", (302,)),
    "admin:password_change": NotAPage("leads on to the password of everybody", (302,)),
    "admin:password_change_done": NotAPage("leads on to the password of everybody", (302,)),
    "switch-connection": SENT_TO,
    "test-connection": SENT_TO,
    "reconnect": SENT_TO,
    "oauth-start": LEADS_ON,
    "oauth-callback": LEADS_ON,
    "admin:logout": SENT_TO,
    "admin:connection-switch": SENT_TO,
    "admin:connection-test": SENT_TO,
    "admin:connection-reconnect": SENT_TO,
    "admin:autocomplete": NotAPage("answers the select boxes of the admin", (403,)),
    "admin:jsi18n": NotAPage("a script", (200,)),
    "admin:view_on_site": LEADS_ON,
}


# The pages of each model in the admin


@dataclass(frozen=True)
class ModelPage:
    """A page that Django's admin makes for a model: `view` is one of VIEWS."""

    model: Any
    view: str

    def row(self) -> Row:
        meta = self.model._meta
        label = f"{meta.app_label}_{meta.model_name}"
        has_row = self.view not in ("changelist", "add")
        args = (lambda house: (house.row(self.model).pk,)) if has_row else nothing
        return Row(f"admin-{label}-{self.view}", f"admin:{label}_{self.view}", args, who="staff")


VIEWS = ("changelist", "add", "change", "history", "delete")


def model_pages() -> Iterator[ModelPage]:
    """Each page that staff with every permission may open."""
    request = RequestFactory().get("/")
    request.user = get_user_model()(is_active=True, is_staff=True, is_superuser=True)
    for model, shown in admin.site._registry.items():
        may = {"add": shown.has_add_permission, "delete": shown.has_delete_permission}
        for view in VIEWS:
            if view not in may or may[view](request):
                yield ModelPage(model, view)


def by_name(rows: Iterable[Row]) -> list[Any]:
    return [pytest.param(row, id=row.name) for row in rows]


def all_rows() -> list[Row]:
    return [*PAGES, *(page.row() for page in model_pages())]


def model_names() -> set[str]:
    """The URL names of the registry's pages, those that nobody may open included."""
    metas = [model._meta for model in admin.site._registry]
    return {f"admin:{meta.app_label}_{meta.model_name}_{view}" for meta in metas for view in VIEWS}
