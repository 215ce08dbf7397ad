"""From an integration to a connection: the form of a method; and the form again later."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from connections.forms import connection_form
from connections.models import Connection
from connections.services.locks import Overtaken
from connections.services.oauth_flows.parties import can_consent
from connections.services.retests import Tested
from connections.web.forms import ConnectionPageForm
from connections.web.pages import show
from connections.web.results import Result, keep, refused
from connections.web.rows import web_address
from connections.web.tiles import tile_of
from connections.web.visitors import Visitor, members_only
from integrations.specs import IntegrationDefinition, MethodDefinition


@require_http_methods(["GET", "HEAD", "POST"])
@members_only(writing=True)
def connect(request: HttpRequest, visitor: Visitor, integration: str, method: str) -> HttpResponse:
    definition = visitor.integration(integration)
    found = method_or_404(definition, method)
    is_consent = can_consent(visitor.workspace.id, found)
    if is_consent and request.method != "POST" and "token" not in request.GET:
        return redirect("consent", visitor.workspace.slug, integration, method)
    page = FormPage(request, visitor, definition, found)
    if request.method == "POST" and page.is_accepted():
        row = page.form.serializer.save(owner=request.user)
        page.keep_result(row, _("Connected.") if _works(row) else _("Saved."))
        return redirect("connection", visitor.workspace.slug, row.public_id)
    return page.show()


def method_or_404(definition: IntegrationDefinition, name: str) -> MethodDefinition:
    method = definition.method(name)
    if method is None:
        raise Http404
    return method


def _works(row: Connection) -> bool:
    """What was stored and does not work yet is not called connected."""
    return row.status == Connection.Status.ACTIVE


@require_http_methods(["GET", "HEAD", "POST"])
@members_only(writing=True)
def edit(request: HttpRequest, visitor: Visitor, connection: str) -> HttpResponse:
    page = edit_page(request, visitor, connection)
    if request.method == "POST" and page.is_accepted():
        try:
            row = page.form.serializer.save()
        except Overtaken:
            page = edit_page(request, visitor, connection)
            page.show_again(overtaken())
            return page.show()
        page.keep_result(row, _("Saved."))
        return redirect("connection", visitor.workspace.slug, row.public_id)
    return page.show()


def edit_page(request: HttpRequest, visitor: Visitor, connection: str) -> "FormPage":
    row = visitor.connection(connection)
    definition = visitor.integration_of(row)
    method = definition.method_by_pk(row.auth_method_id)
    return FormPage(request, visitor, definition, method, row)


def overtaken() -> str:
    return _(
        "This connection was changed while you were editing it. What you typed is below: look it "
        "through, enter secrets again and save once more."
    )


class FormPage:
    """The form of a method on a page, empty, as it was sent, or again after it went stale."""

    def __init__(
        self,
        request: HttpRequest,
        visitor: Visitor,
        integration: IntegrationDefinition,
        method: MethodDefinition,
        connection: Connection | None = None,
        *,
        is_consent: bool = False,
    ) -> None:
        self.request, self.visitor = request, visitor
        self.integration, self.method, self.connection = integration, method, connection
        self.is_consent = is_consent
        self.form_class = self.make_form_class()
        self.form_class.ask_url = self.ask_url()
        self.seen = {
            "revision": str(integration.revision),
            "version": connection.updated_at.isoformat() if connection else "",
        }
        self.notice = ""
        self.form = self.form_class(initial=self.seen)

    def make_form_class(self) -> Any:
        return connection_form(
            ConnectionPageForm,
            integration=self.integration,
            method=self.method,
            actor=self.visitor.actor,
            connection=self.connection,
        )

    def ask_url(self) -> str:
        """Where somebody else is asked for a secret of this form; "" where nobody may be."""
        if self.is_consent:
            return ""
        slug = self.visitor.workspace.slug
        if self.connection is not None:
            return reverse("ask-change", args=[slug, self.connection.public_id])
        return reverse("ask", args=[slug, self.integration.slug, self.method.id])

    def is_accepted(self) -> bool:
        """Whether what was sent may be saved; if not, the page says why."""
        if self._differs("revision"):
            self.show_again(
                _(
                    "What this integration asks for has changed while you were filling in the "
                    "form. Look it through, enter secrets again and send it once more."
                )
            )
            return False
        if self._differs("version"):
            self.show_again(overtaken())
            return False
        self.form = self.sent()
        return self.form.is_valid()  # type: ignore[no-any-return]

    def show_again(self, notice: str) -> None:
        """A fresh form with what was typed, secrets excepted, and the reason at its top."""
        self.notice = notice
        self.form = self.form_class(initial={**self.sent().typed_values(), **self.seen})

    def show(self) -> HttpResponse:
        page = {"check_url": self.check_url(), "tile": tile_of(self.integration)}
        template = "connections/form.html"
        return show(self.request, self.visitor, template, **page, **self.context())

    def context(self) -> dict[str, Any]:
        """What `connections/form_body.html` draws, whichever page it stands on."""
        return {
            "form": self.form,
            "groups": self.form.groups(),
            "errors": list(self._errors()),
            "result": self._refusal(),
            "notice": self.notice,
            "integration": self.integration,
            "method": self.method,
            "docs_url": web_address(self.method.docs_url or self.integration.docs_url),
            "connection": self.connection,
            "is_consent": self.is_consent,
        }

    def check_url(self) -> str:
        """Where a script asks for messages while the form is filled in."""
        workspace = self.visitor.workspace.slug
        if self.connection is not None:
            return reverse("check-edit", args=[workspace, self.connection.public_id])
        name = "check-consent" if self.is_consent else "check-connect"
        return reverse(name, args=[workspace, self.integration.slug, self.method.id])

    def keep_result(self, row: Connection, done: str) -> None:
        """What the service said, for the page of the connection; or that nobody asked it."""
        checked = self.form.serializer.checked_values
        if checked is None:
            messages.success(self.request, done)
        else:
            keep(self.request, row, Tested(problems={}, verdict=checked.verdict), done)

    def _refusal(self) -> Result | None:
        """What the service said, where it is the reason why the form is shown again."""
        serializer = getattr(self.form, "serializer", None)
        checked = getattr(serializer, "checked_values", None)
        return refused(checked.verdict, self.integration.name) if checked is not None else None

    def sent(self) -> Any:
        return self.form_class(self.request.POST, self.request.FILES, initial=self.seen)

    def _differs(self, name: str) -> bool:
        # A client that sends none has seen no form that could be stale.
        sent = self.request.POST.get(name)
        return sent is not None and sent != self.seen[name]

    def _errors(self) -> Any:
        """`(id of the input or "", message)`, for the summary above the form."""
        for name, found in self.form.errors.items():
            target = "" if name == "__all__" else self.form[name].auto_id
            for message in found:
                yield target, message
