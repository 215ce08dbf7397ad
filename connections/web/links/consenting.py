"""From a connect session to the consent at a service, and back."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from connections.links.forms import Preset, link_consent_form
from connections.oauth.errors import OAuthError
from connections.services.connect_sessions import note_failure
from connections.services.oauth_flows.parties import NoClient, can_consent
from connections.services.oauth_flows.wanted import Link
from connections.web.checking import checked
from connections.web.consenting import begin_refusal
from connections.web.forms import ConnectionPageForm
from connections.web.links.guests import Guest, by_link, is_framed, only_while_open
from connections.web.links.pages import LinkFormPage, UnlabelledForm, chosen
from connections.web.links.results import show_link


class LinkConsentPage(LinkFormPage):
    """The form before the consent; a repair is a button."""

    def make_form_class(self) -> Any:
        preset = Preset.of(self.visitor.session)
        return link_consent_form(
            UnlabelledForm if preset.label or preset.repairs else ConnectionPageForm,
            preset=preset,
            integration=self.integration,
            method=self.method,
            actor=self.visitor.actor,
        )

    def leave(self) -> HttpResponse | None:
        """The page that leads to the service; None, with a notice, where it cannot be asked.

        Services refuse to be framed: a frame leads to them by a new tab, and waits for it.
        """
        guest, is_in_frame = self.visitor, is_framed(self.request)
        link = Link(session=guest.session.public_id, token=guest.token)
        try:
            begun = self.form.serializer.begin(place="tab" if is_in_frame else "link", link=link)
        except (OAuthError, NoClient) as error:
            self.notice = begin_refusal(error)
            return None
        note_failure(guest.session, "", timezone.now())
        return show_link(
            self.request,
            guest,
            "links/leaving.html",
            integration=self.integration,
            url=begun.url,
            is_in_frame=is_in_frame,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def consent(request: HttpRequest, guest: Guest, integration: str, method: str) -> HttpResponse:
    page = consent_page(request, guest, integration, method)
    if request.method == "POST" and page.accept():
        answer = page.leave()
        if answer is not None:
            return answer
    return page.show()


@require_POST
@by_link
def check(request: HttpRequest, guest: Guest, integration: str, method: str) -> HttpResponse:
    return checked(request, consent_page(request, guest, integration, method))


def consent_page(
    request: HttpRequest, guest: Guest, integration: str, method: str
) -> LinkConsentPage:
    only_while_open(guest)
    definition, found, _row = chosen(guest, integration, method)
    if not can_consent(guest.workspace.id, found):
        raise Http404
    return LinkConsentPage(request, guest, definition, found, is_consent=True)
