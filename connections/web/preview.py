"""The editor's preview: the form that end users would get of a definition, saved or not, and what
the API would say to what is typed into it. For staff; it stores nothing and calls nobody unless
asked to.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from csp.constants import SELF
from csp.decorators import csp_replace
from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods

from connections.access.actors import Actor
from connections.forms import connection_form
from connections.models import Workspace
from connections.oauth.obtain import obtains_token
from connections.serializers import DryRunSerializer
from connections.services.dry_run import report
from connections.services.impact import impact_of
from connections.services.verification import Verifier, can_be_tried
from connections.web.drafted import DOCUMENT, Drafted, drafted
from connections.web.forms import ConnectionPageForm
from connections.web.rows import web_address
from integrations.example_values import example_values
from integrations.field_types import build_field
from integrations.files import FileError
from integrations.models import Integration
from integrations.places import place_of
from integrations.request_outline import outline
from integrations.requirements import shown_specs
from integrations.specs import TARGETS, MethodDefinition

LOOK = "integrations.view_integration"
LOOK_AT_CONNECTIONS = "connections.view_connection"
# Whoever may connect by hand may try a value at its service.
TRY_LIVE = "connections.add_connection"

# Inputs of one line.
TYPED = ("text", "password", "email", "url")

View = Callable[..., HttpResponse]


def for_staff(*permissions: str) -> Callable[[View], View]:
    """Staff with those permissions, in a frame of our own pages or by itself."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
            user: Any = request.user
            if not (user.is_staff and user.has_perms(permissions)):
                raise PermissionDenied
            try:
                return view(request, drafted(request, kind, pk), {"kind": kind, "pk": pk})
            except FileError as error:
                context = {"sentence": str(error)}
                return render(request, "connections/preview/nothing.html", context, status=400)

        framed = xframe_options_sameorigin(csp_replace({"frame-ancestors": [SELF]})(guarded))
        return require_http_methods(["GET", "HEAD", "POST"])(login_required(framed))

    return decorate


@for_staff(LOOK)
def preview(request: HttpRequest, draft: Drafted | None, place: dict[str, Any]) -> HttpResponse:
    if draft is None:
        text = _("Choose the integration and say which kind of method it is: its form comes here.")
        return render(request, "connections/preview/nothing.html", {"sentence": text})
    return PreviewPage(request, draft, place).show()


@for_staff(LOOK, LOOK_AT_CONNECTIONS)
def impact(request: HttpRequest, draft: Drafted | None, place: dict[str, Any]) -> HttpResponse:
    context: dict[str, Any] = {"place": place}
    if draft is not None and not draft.has_errors and draft.row is not None:
        original = draft.row.draft_of or draft.row
        stored = Drafted(original, draft.edited).stored
        assert stored is not None  # noqa: S101 - a row has a definition
        context["impact"] = impact_of(draft.definition, stored)
    if draft is not None:
        context |= {"document": draft.document, "has_errors": draft.has_errors}
        context["integration"] = draft.definition
    return render(request, "connections/preview/impact.html", context)


class TryingMixin:
    """Judges what was typed as a dry run of the API does; nothing is saved and nobody is called."""

    method: MethodDefinition
    live: bool = False

    def body(self) -> dict[str, Any]:
        sent = super().body()  # type: ignore[misc]
        return {target: sent[target] for target in TARGETS if target in sent}

    def _serializer(self, body: Any) -> DryRunSerializer:
        verifier = Verifier(self.actor.workspace, "auto" if self.live else "never")  # type: ignore[attr-defined]
        context = {
            "actor": self.actor,  # type: ignore[attr-defined]
            "integration": self.integration,  # type: ignore[attr-defined]
            "method": self.method,
            "verifier": verifier,
        }
        return DryRunSerializer(data=body, context=context)


class PreviewPage:
    """`?method=` is which way is shown; `?live=1` also asks the service."""

    def __init__(self, request: HttpRequest, draft: Drafted, place: dict[str, Any]) -> None:
        self.request, self.draft, self.place = request, draft, place
        self.method = draft.method(request.GET.get("method"))
        self.can_be_live = self._can_be_live()
        self.is_live = self.can_be_live and bool(request.GET.get("live"))

    def _can_be_live(self) -> bool:
        may = self.request.user.has_perm(TRY_LIVE)  # type: ignore[union-attr]
        can = self.method is not None and can_be_tried(self.method)
        return bool(may and can and self.draft.is_saved)

    def show(self) -> HttpResponse:
        context: dict[str, Any] = {
            "place": self.place,
            "draft": self.draft,
            "integration": self.draft.definition,
            "method": self.method,
            "findings": [(one, place_of(one)) for one in self.draft.findings],
            "document": self.draft.document,
            "document_name": DOCUMENT,
            "can_be_live": self.can_be_live,
            "is_live": self.is_live,
            "is_draft": self.draft.definition.status == Integration.Status.DRAFT,
            "ways": self._ways(),
        }
        if self.method is not None and self.draft.can_be_drawn:
            context |= self._form_context(self.method)
        return render(self.request, "connections/preview/panel.html", context)

    def _ways(self) -> list[dict[str, Any]]:
        return [
            {
                "name": method.name or method.id,
                "query": urlencode({"method": method.id}),
                "is_shown": method is self.method,
            }
            for method in self.draft.definition.methods
        ]

    def _form_context(self, method: MethodDefinition) -> dict[str, Any]:
        form_class = self._form_class(method)
        is_tried = "version" in self.request.POST and not self.draft.has_errors
        if "fill" in self.request.POST:
            is_tried = False
            form = filled(form_class, method, self._carried())
        elif is_tried:
            form = form_class(self.request.POST, self.request.FILES, initial=self._carried())
        else:
            form = form_class(initial=self._carried())
        found = {"form": form, "verdict": self._verdict(form, method) if is_tried else None}
        return found | {
            "groups": form.groups(),
            "errors": list(_errors(form)),
            "docs_url": web_address(method.docs_url or self.draft.definition.docs_url),
        }

    def _form_class(self, method: MethodDefinition) -> Any:
        user: Any = self.request.user
        # Nothing is looked up in it and nothing stored: it stands for whichever workspace it is.
        actor = Actor(name=f"user_{user.pk}", workspace=Workspace(), user=user)
        form_class = connection_form(
            ConnectionPageForm, integration=self.draft.definition, method=method, actor=actor
        )
        return type("PreviewForm", (TryingMixin, form_class), {"live": self.is_live})

    def _carried(self) -> dict[str, str]:
        """The hidden inputs bring the definition back, in place of what a person has seen of it."""
        return {DOCUMENT: self.draft.document, "version": "1"}

    def _verdict(self, form: Any, method: MethodDefinition) -> dict[str, Any]:
        form.is_valid()
        serializer = form.serializer
        said = report(serializer.problems, serializer.verdict)
        if said["valid"]:
            # Where a field was left empty, its default stands in the request.
            body = form.body()
            values = {target: body.get(target) or {} for target in TARGETS}
            said["request"] = outline(method, values, obtains_token=obtains_token(method))
        return said


def filled(form_class: Any, method: MethodDefinition, carried: dict[str, str]) -> Any:
    """The form with example values in it, the secret ones too: examples are no secrets."""
    values = example_values(method)
    form = form_class(initial=carried)
    for spec in shown_specs(method.specs):
        value = values[spec.target].get(spec.key)
        if value is None:
            continue
        rule, shown = build_field(spec), form.fields[spec.path]
        shown.initial = rule.to_form(value)
        is_long = isinstance(shown.widget, forms.Textarea)
        if spec.secure and (is_long or getattr(shown.widget, "input_type", "") in TYPED):
            # The widget of a secret draws nothing: this one draws what anybody may read.
            shown.widget = (forms.Textarea if is_long else forms.TextInput)(shown.widget.attrs)
    return form


def _errors(form: Any) -> Any:
    for name, found in form.errors.items():
        target = "" if name == "__all__" else form[name].auto_id
        for message in found:
            yield target, message
