"""From a page to the consent at a service: the fields before it, and connecting again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from connections.oauth.errors import OAuthError
from connections.oauth_forms import consent_form
from connections.oauth_serializers import InitiateSerializer, repair_of
from connections.services.oauth_flows.parties import NoClient, can_consent
from connections.web.connecting import FormPage
from connections.web.forms import ConnectionPageForm
from connections.web.visitors import Visitor, members_only
from integrations.specs import IntegrationDefinition, MethodDefinition


class ConsentPage(FormPage):
    """The form before the consent, on the page that all forms of methods are drawn on."""

    def make_form_class(self) -> Any:
        return consent_form(
            ConnectionPageForm,
            integration=self.integration,
            method=self.method,
            actor=self.visitor.actor,
        )


def consented_method(visitor: Visitor, definition: IntegrationDefinition, name: str) -> Any:
    """The method, or the page that an unknown one gets: nobody can sign in with it."""
    method = definition.method(name)
    if method is None or not can_consent(visitor.workspace.id, method):
        raise Http404
    return method


@require_http_methods(["GET", "HEAD", "POST"])
@members_only(writing=True)
def consent(request: HttpRequest, visitor: Visitor, integration: str, method: str) -> HttpResponse:
    definition = visitor.integration(integration)
    found: MethodDefinition = consented_method(visitor, definition, method)
    page = ConsentPage(request, visitor, definition, found, is_consent=True)
    if request.method == "POST" and page.is_accepted():
        answer = leave(request, page.form.serializer, definition)
        if answer is not None:
            return answer
    return page.show()


def leave(
    request: HttpRequest, serializer: InitiateSerializer, integration: IntegrationDefinition
) -> HttpResponse | None:
    """The page that leads to the service; None, with a message, where it cannot be asked."""
    try:
        begun = serializer.begin(owner=request.user, place="web")
    except (OAuthError, NoClient) as error:
        messages.error(request, begin_refusal(error))
        return None
    context = {"integration": integration, "url": begun.url}
    return render(request, "connections/oauth/leaving.html", context)


def begin_refusal(error: Exception) -> str:
    if isinstance(error, OAuthError) and error.is_temporary:
        return _("The service cannot be reached right now: try again.")
    return _("Nobody can sign in there as it is set up: ask the people who run this installation.")


@require_POST
@members_only(writing=True)
def reconnect(request: HttpRequest, visitor: Visitor, connection: str) -> HttpResponse:
    """Consent again for a connection that stays the same, with what is stored of it."""
    row = visitor.connection(connection)
    definition = visitor.integration_of(row)
    serializer = repair_of(row, definition, actor=visitor.actor)
    if serializer.is_valid():
        answer = leave(request, serializer, definition)
        if answer is not None:
            return answer
    for problems in serializer.problems.values():
        for problem in problems:
            messages.error(request, problem.in_full)
    return redirect("connection", visitor.workspace.slug, connection)
