"""The pages of a connect session: what may be connected, the form, cancelling."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections.links.forms import Preset, link_form
from connections.models import Connection, SecretRequest
from connections.services.connect_sessions import cancel_session, complete_session
from connections.services.locks import Overtaken
from connections.services.oauth_flows.parties import can_consent
from connections.web.checking import checked
from connections.web.connecting import FormPage, overtaken
from connections.web.forms import ConnectionPageForm
from connections.web.links.guests import Ended, Guest, by_link, only_while_open
from connections.web.links.results import failed_notice, go, on, show_link
from connections.web.rows import web_address
from integrations.specs import IntegrationDefinition, MethodDefinition
from integrations.texts import has_words, localised

# A list that is longer than this is searched.
MANY = 9


class UnlabelledForm(ConnectionPageForm):
    """Where the link says already how the connection is called."""

    contract_fields = ()


def count_try(guest: Guest) -> None:
    if not guest.session.count_attempt():
        raise Ended("tried_too_often")


class LinkFormPage(FormPage):
    """The form of a method behind a link."""

    visitor: Guest

    def make_form_class(self) -> Any:
        preset = Preset.of(self.visitor.session)
        return link_form(
            UnlabelledForm if preset.label else ConnectionPageForm,
            preset=preset,
            integration=self.integration,
            method=self.method,
            actor=self.visitor.actor,
            connection=self.connection,
        )

    def show(self) -> HttpResponse:
        page = {
            **self.context(),
            "notice": self.notice or failed_notice(self.visitor.session),
            "has_choice": self.has_choice(),
            "check_url": self.check_url(),
        }
        return show_link(self.request, self.visitor, "links/form.html", **page)

    def check_url(self) -> str:
        name = "link-check-consent" if self.is_consent else "link-check"
        return reverse(name, args=[self.visitor.token, self.integration.slug, self.method.id])

    def ask_url(self) -> str:
        if self.is_consent:
            return ""
        place = [self.visitor.token, self.integration.slug, self.method.id]
        return reverse("link-ask", args=place)

    def has_choice(self) -> bool:
        session = self.visitor.session
        is_fixed = bool(session.repairs)
        return not is_fixed and (len(session.integrations) > 1 or len(self.integration.methods) > 1)

    def accept(self) -> bool:
        """Whether what was sent may be saved; each try is counted."""
        count_try(self.visitor)
        return self.is_accepted()


@require_safe
@by_link
def enter(request: HttpRequest, guest: Guest) -> HttpResponse:
    """What the link offers; where that is one thing, its form. Looking uses nothing up."""
    only_while_open(guest)
    session = guest.session
    waiting = SecretRequest.objects.within(guest.workspace.id).filter(session=session)
    if waiting.usable(timezone.now()).exists():
        return on("link-asked", guest)
    if session.repairs:
        _row, integration, method = guest.repaired
        return on("link-form", guest, integration.slug, method.id)
    if len(session.integrations) == 1:
        return on("link-integration", guest, session.integrations[0])
    offered = _offered(guest)
    words = request.GET.get("search", "").strip()[:255]
    fitting = [one for one in offered if has_words(one, words)]
    return show_link(
        request,
        guest,
        "links/gallery.html",
        integrations=fitting,
        is_long=len(offered) > MANY,
        words=words,
        notice=failed_notice(session),
    )


def _offered(guest: Guest) -> list[IntegrationDefinition]:
    """What can still be connected of what the link lists."""
    slugs = guest.session.integrations
    found = [guest.catalogue.get(slug, guest.workspace.id) for slug in slugs]
    offered = [localised(one) for one in found if one is not None]
    if not offered:
        raise Ended("withdrawn")
    return offered


@require_safe
@by_link
def choose(request: HttpRequest, guest: Guest, integration: str) -> HttpResponse:
    only_while_open(guest)
    definition = guest.listed(integration)
    if guest.session.repairs or len(definition.methods) == 1:
        method = guest.repaired[2] if guest.session.repairs else definition.methods[0]
        return on("link-form", guest, integration, method.id)
    return show_link(
        request,
        guest,
        "links/choose.html",
        integration=definition,
        docs_url=web_address(definition.docs_url),
        default=definition.default_method,
        notice=failed_notice(guest.session),
    )


def chosen(
    guest: Guest, integration: str, method: str
) -> tuple[IntegrationDefinition, MethodDefinition, Connection | None]:
    """What a form is for; a repair knows one method only."""
    definition = guest.listed(integration)
    row = None
    if guest.session.repairs:
        row, _definition, fixed = guest.repaired
        if fixed.id != method:
            raise Http404
    found = definition.method(method)
    if found is None:
        raise Http404
    return definition, found, row


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def connect(request: HttpRequest, guest: Guest, integration: str, method: str) -> HttpResponse:
    only_while_open(guest)
    definition, found, row = chosen(guest, integration, method)
    is_consent = can_consent(guest.workspace.id, found)
    if is_consent and request.method != "POST" and "token" not in request.GET:
        return on("link-consent", guest, integration, method)
    page = LinkFormPage(request, guest, definition, found, row)
    if request.method == "POST" and page.accept():
        try:
            complete_session(
                actor=guest.actor, session=guest.session, save=page.form.serializer.save
            )
        except Overtaken:
            _definition, _found, row = chosen(guest, integration, method)
            page = LinkFormPage(request, guest, definition, found, row)
            page.show_again(overtaken())
            return page.show()
        return go("link-done", guest)
    return page.show()


@require_POST
@by_link
def check(request: HttpRequest, guest: Guest, integration: str, method: str) -> HttpResponse:
    """Messages while the form is filled in; the service is not asked, so no try is counted."""
    only_while_open(guest)
    return checked(request, LinkFormPage(request, guest, *chosen(guest, integration, method)))


@require_POST
@by_link
def cancel(request: HttpRequest, guest: Guest) -> HttpResponse:
    only_while_open(guest)
    cancel_session(actor=guest.actor, session=guest.session)
    return go("link-done", guest)
