"""Connecting from the admin by a consent at the service: the fields before it, and once more."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from connections.admin.editing import EditingAdmin, definition_of, staff_actor
from connections.admin.forms import ChoiceForm
from connections.models import Connection
from connections.oauth.errors import OAuthError
from connections.oauth_forms import consent_form
from connections.oauth_serializers import InitiateSerializer, repair_of
from connections.services.oauth_flows.parties import NoClient, can_consent
from integrations.specs import IntegrationDefinition

FOLDER = "admin/connections/connection"


class ConsentPageForm(forms.Form):
    contract_fields: ClassVar[tuple[str, ...]] = ("label", "user_id")


class ConsentingAdmin(EditingAdmin):
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Step two is the consent where people sign in; `token` asks for the form of tokens."""
        if request.method == "GET" and "token" not in request.GET and "method" in request.GET:
            choice = ChoiceForm(request.GET)
            if choice.is_valid() and choice.chosen is not None:
                workspace = choice.cleaned_data["workspace"]
                if can_consent(workspace.id, choice.chosen):
                    return redirect(f"../consent/?{urlencode(choice.address())}")
        return super().add_view(request, form_url, extra_context)

    def consent_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        choice = ChoiceForm(request.GET)
        if not choice.is_valid() or choice.definition is None or choice.chosen is None:
            raise Http404
        actor = staff_actor(request, choice.cleaned_data["workspace"])
        if not can_consent(actor.workspace.id, choice.chosen):
            raise Http404
        form_class = consent_form(
            ConsentPageForm, integration=choice.definition, method=choice.chosen, actor=actor
        )
        form = form_class(request.POST, request.FILES) if request.method == "POST" else form_class()
        if form.is_bound and form.is_valid():
            answer = self.leave(request, form.serializer, choice.definition)
            if answer is not None:
                return answer
        token_url = f"../add/?{urlencode({**choice.address(), 'token': 1})}"
        title = _("Connect with %(name)s") % {"name": choice.definition.name}
        context = {"form": form, "title": title, "subtitle": None, "token_url": token_url}
        return self.draw(request, "consent.html", context)

    @method_decorator(require_POST)
    def reconnect_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        actor = staff_actor(request, row.workspace)
        definition, _method = definition_of(actor, row)
        serializer = repair_of(row, definition, actor=actor)
        if serializer.is_valid():
            answer = self.leave(request, serializer, definition)
            if answer is not None:
                return answer
        for problems in serializer.problems.values():
            for problem in problems:
                self.message_user(request, problem.in_full, messages.ERROR)
        return redirect("admin:connections_connection_change", row.pk)

    def leave(
        self,
        request: HttpRequest,
        serializer: InitiateSerializer,
        integration: IntegrationDefinition,
    ) -> HttpResponse | None:
        """The page that leads to the service; None, with a message, where it cannot be asked."""
        try:
            begun = serializer.begin(owner=request.user, place="admin")
        except (OAuthError, NoClient):
            text = _("Nobody can sign in there now: look at the OAuth client and the addresses.")
            self.message_user(request, text, messages.ERROR)
            return None
        title = _("On to %(name)s") % {"name": integration.name}
        return self.draw(request, "leaving.html", {"title": title, "url": begun.url})

    def draw(self, request: HttpRequest, page: str, context: dict[str, Any]) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, f"{FOLDER}/{page}", {**frame, **context})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **named: Any
    ) -> HttpResponse:
        row: Connection | None = named.get("obj")
        if row is not None:
            _definition, method = definition_of(staff_actor(request, row.workspace), row)
            context["can_consent"] = can_consent(row.workspace_id, method)
        return super().render_change_form(request, context, *args, **named)  # type: ignore[no-any-return]
