"""How a workspace looks to those whom it sends links."""

from copy import copy

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from connections.branding.forms import BrandForm
from connections.services.workspaces import change_workspace
from connections.web.visitors import Visitor
from connections.web.workspaces.forms import BrandPageForm
from connections.web.workspaces.pages import managers_only, show_settings


@require_http_methods(["GET", "HEAD", "POST"])
@managers_only
def branding(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    # The form fills in its instance, valid or not: the page's frame keeps the stored one.
    row = copy(visitor.workspace)
    form = BrandPageForm(request.POST or None, request.FILES or None, instance=row)
    if request.method == "POST" and form.is_valid():
        columns = {name: form.cleaned_data[name] for name in BrandForm.Meta.fields}
        logo = form.cleaned_data["logo"]
        change_workspace(actor=visitor.actor, columns=columns, logo=logo)
        messages.success(request, _("Saved."))
        return redirect("workspace-branding", visitor.workspace.slug)
    return show_settings(request, visitor, "branding.html", form=form)
