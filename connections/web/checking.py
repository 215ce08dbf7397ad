"""The form while it is filled in: the rules' verdict on the fields that were left already.

The same form and the same serializer as when it is sent; the service is not asked and nothing is
stored. Only messages go back, and a message never holds a value.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from connections.services.verification import Verifier
from connections.web.connecting import FormPage, edit_page, method_or_404
from connections.web.consenting import ConsentPage, consented_method
from connections.web.visitors import Visitor, members_only


@require_POST
@members_only(writing=True)
def check_connect(
    request: HttpRequest, visitor: Visitor, integration: str, method: str
) -> HttpResponse:
    definition = visitor.integration(integration)
    found = method_or_404(definition, method)
    return checked(request, FormPage(request, visitor, definition, found))


@require_POST
@members_only(writing=True)
def check_consent(
    request: HttpRequest, visitor: Visitor, integration: str, method: str
) -> HttpResponse:
    definition = visitor.integration(integration)
    found = consented_method(visitor, definition, method)
    return checked(request, ConsentPage(request, visitor, definition, found, is_consent=True))


@require_POST
@members_only(writing=True)
def check_edit(request: HttpRequest, visitor: Visitor, connection: str) -> HttpResponse:
    return checked(request, edit_page(request, visitor, connection))


def checked(request: HttpRequest, page: FormPage) -> HttpResponse:
    """The places of messages of the fields that `visited` names, filled or empty."""
    page.form_class.verifier = Verifier(page.visitor.workspace, "never")
    form = page.sent()
    form.is_valid()
    visited = set(request.POST.getlist("visited"))
    fields = [field for field in form.visible_fields() if field.html_name in visited]
    return render(request, "forms/checked.html", {"fields": fields})
