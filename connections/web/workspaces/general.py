"""A workspace's name and the addresses that it trusts."""

from copy import copy

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from connections.services.workspaces import change_workspace
from connections.web.visitors import Visitor
from connections.web.workspaces.forms import OwnWorkspaceForm
from connections.web.workspaces.pages import managers_only, show_settings


@require_http_methods(["GET", "HEAD", "POST"])
@managers_only
def general(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    given = request.POST if request.method == "POST" else None
    form = OwnWorkspaceForm(given, instance=copy(visitor.workspace))
    if form.is_bound and form.is_valid():
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        change_workspace(actor=visitor.actor, columns=changed)
        messages.success(request, _("Saved."))
        return redirect("workspace-settings", visitor.workspace.slug)
    return show_settings(request, visitor, "general.html", form=form)
