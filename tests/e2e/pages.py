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


def send_main_form(page: Page) -> None:
    page.locator("main form[method=post]").first.evaluate("form => form.requestSubmit()")
    page.wait_for_load_state()


@dataclass(frozen=True)
class Row:
    """A page: `url` names its address, `who` a person of the house (nobody: signed out)."""

    name: str
    url: str
    args: Arguments = nothing
    who: str = "member"
    query: str = ""
    # What brings the page into the state that is looked at.
    do: Doing | None = None
    status: int = 200
    # Whether it is opened in Arabic as well.
    is_translated: bool = True
    # What axe leaves out, as a selector: markup that a library draws. The row says why.
    not_ours: str = ""

    @property
    def is_admin(self) -> bool:
        return self.name.startswith("admin")

    def address(self, house: House) -> str:
        return reverse(self.url, args=self.args(house)) + self.query

    def person(self, house: House) -> Any:
        return getattr(house, self.who) if self.who else None


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
    Row("choose", "integration", within("zendesk")),
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
    Row("delete", "delete-connection", connection("active")),
    Row("oauth-cancelled", "oauth-result", lambda _house: ("access_denied",)),
    Row("oauth-late", "oauth-result", lambda _house: ("late",), status=400),
    Row("forbidden", "connect", within("zendesk", "api_token"), who="viewer", status=403),
    Row("not-found", "connections", lambda _house: ("unheard-of",), status=404),
    # Swagger UI draws it, in English: buttons within buttons, white on light green, small targets.
    # It is for developers, and the document itself is one link away.
    Row("api-docs", "api-docs", who="", is_translated=False, not_ours="#swagger-ui"),
    Row("admin", "admin:index", who="staff"),
    Row("admin-sign-in", "admin:login", who=""),
    Row("admin-sign-in-refused", "admin:login", who="", do=send_main_form),
    Row("admin-password", "admin:password_change", who="staff"),
    Row("admin-password-changed", "admin:password_change_done", who="staff"),
    Row("admin-app", "admin:app_list", lambda _house: ("connections",), who="staff"),
    Row("admin-work", "admin-work", who="staff"),
    Row("admin-secrets", "admin:connection-secrets", staff_connection, who="staff"),
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
