"""What saving a definition takes, on whichever page it is edited.

A save is tried first and linted as it would stand: errors undo it and come back in the form,
warnings are shown. One that would break stored connections is undone too and asked about. Whatever
changes a definition raises its revision once, in its transaction.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar

from csp.constants import SELF
from csp.decorators import csp_replace
from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models, transaction
from django.db.models import ProtectedError, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.admin.scripts import LeanAdmin, own_scripts
from integrations.catalogue import integration_definition, with_fields
from integrations.columns import worded
from integrations.form_rows import UnfinishedForm, is_about_rows
from integrations.lint import Finding, lint
from integrations.models import Integration
from integrations.services import definition_digest, mark_changed
from integrations.specs import IntegrationDefinition

MOST_WARNINGS = 5


# The digest of the definition that somebody agreed to store, whatever it breaks.
CONFIRMED = "_confirmed"
NEVER_SENT_AGAIN = ("csrfmiddlewaretoken", CONFIRMED)


class ToBeExaminedError(Exception):
    """The save changes rules: what it would break is looked for outside of its transaction."""

    def __init__(self, before: IntegrationDefinition, after: IntegrationDefinition) -> None:
        super().__init__()
        self.before, self.after = before, after


class RefusedByLintError(Exception):
    """The definition, as it would have been saved, has errors."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        super().__init__()
        self.findings = tuple(findings)


def knowing(form: type[ModelForm], request: HttpRequest) -> type[ModelForm]:
    """The form class, with what the lint said of this request's first try."""
    findings = getattr(request, "findings", ())
    return type(form.__name__, (form,), {"findings": findings}) if findings else form


def unfinished(form: type[ModelForm]) -> type[ModelForm]:
    return type(form.__name__, (UnfinishedForm, form), {})


class DefinitionAdmin(LeanAdmin):
    """What the pages of integrations and of methods share."""

    formfield_overrides: ClassVar = {
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 3, "cols": 80})}
    }

    def integration_id(self, obj: Any) -> int:
        raise NotImplementedError

    def impact(self, after: IntegrationDefinition, before: IntegrationDefinition) -> Any:
        """What `after` would break of what is stored for `before`: who knows of it says it here.

        None where nobody can tell; else something with a number `newly`.
        """
        return None

    def uses(self, row: Integration) -> int:
        """How many are connected by it: as above."""
        return 0

    def concerning(self, obj: Any, findings: list[Finding]) -> list[Finding]:
        """Those findings that this page can mend."""
        return findings

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = worded(knowing(super().get_form(request, obj, change, **kwargs), request))
        return unfinished(form) if is_about_rows(request) else form

    def get_inline_formsets(self, *args: Any, **kwargs: Any) -> Any:
        """As Django's, without the row that its script copies: rows are added by the server."""
        found = super().get_inline_formsets(*args, **kwargs)
        for rows in found:
            rows.can_grow, rows.has_add_permission = rows.has_add_permission, False
        return found

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        context["media"] = own_scripts(context["media"])
        return super().render_change_form(request, context, *args, **kwargs)

    def formfield_for_dbfield(self, *args: Any, **kwargs: Any) -> Any:
        """As Django's, without the windows in which what a row belongs to is made or changed."""
        field: Any = super().formfield_for_dbfield(*args, **kwargs)
        widget = getattr(field, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            field.widget = widget.widget
        return field

    @method_decorator(csp_replace({"frame-src": [SELF]}))
    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        request.before = self.before(request, object_id)  # type: ignore[attr-defined]
        view = partial(super().changeform_view, request, object_id, *args, **kwargs)
        try:
            with transaction.atomic():
                return view()
        except RefusedByLintError as refused:
            # Nothing was stored. The same once more, with forms that know why.
            request.findings = refused.findings  # type: ignore[attr-defined]
            return view()
        except ToBeExaminedError as change:
            impact = self.impact(change.after, change.before)
            if impact is not None and impact.newly:
                return self.confirmation_page(request, change.after, impact)
            request.examined = definition_digest(change.after)  # type: ignore[attr-defined]
        return self.changeform_view(request, object_id, *args, **kwargs)

    def before(self, request: HttpRequest, object_id: str | None) -> IntegrationDefinition | None:
        """The definition that a save would change; None for one that is being added."""
        obj = None
        if request.method == "POST" and object_id is not None:
            obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return None
        return integration_definition(with_fields().get(pk=self.integration_id(obj)))

    def confirmation_page(
        self, request: HttpRequest, definition: IntegrationDefinition, impact: Any
    ) -> HttpResponse:
        """What was sent, once more, with the numbers that speak against it."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Save anyway?"),
            "opts": self.opts,
            "original": definition.name,
            "impact": impact,
            "sent": [
                (name, value)
                for name, values in request.POST.lists()
                if name not in NEVER_SENT_AGAIN
                for value in values
            ],
            "confirmed": (CONFIRMED, definition_digest(definition)),
        }
        return TemplateResponse(request, "admin/integrations/confirm_save.html", context)

    def save_related(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Iterable[BaseInlineFormSet],
        change: bool,
    ) -> None:
        super().save_related(request, form, formsets, change)
        row = with_fields().get(pk=self.integration_id(form.instance))
        after = integration_definition(row)
        findings = self.concerning(form.instance, lint(after))
        errors = [finding for finding in findings if finding.level == "error"]
        if errors:
            raise RefusedByLintError(errors)
        self.examine(request, after)
        self.show_warnings(request, findings)
        mark_changed(row.pk, by=request.user.get_username())

    def examine(self, request: HttpRequest, after: IntegrationDefinition) -> None:
        """Raises ToBeExaminedError for other rules, unless somebody looked at what they break."""
        before: IntegrationDefinition | None = request.before  # type: ignore[attr-defined]
        looked_at = (request.POST.get(CONFIRMED), getattr(request, "examined", None))
        if before is None or before.methods == after.methods:
            return
        if definition_digest(after) not in looked_at:
            raise ToBeExaminedError(before, after)

    def show_warnings(self, request: HttpRequest, warnings: list[Finding]) -> None:
        for finding in warnings[:MOST_WARNINGS]:
            self.message_user(request, str(finding), messages.WARNING)
        more = len(warnings) - MOST_WARNINGS
        if more > 0:
            text = ngettext("And %(count)d more warning.", "And %(count)d more warnings.", more)
            self.message_user(request, text % {"count": more}, messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_queryset(request, type(obj).objects.filter(pk=obj.pk))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        changed = {self.integration_id(obj) for obj in queryset}
        self.model.objects.filter(pk__in=[obj.pk for obj in queryset]).delete()
        for integration_id in sorted(changed):
            mark_changed(integration_id, by=request.user.get_username())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """As Django's, but what stands in the way is counted: there may be thousands of rows."""
        found, counts, missing, protected = super().get_deleted_objects(objs, request)
        if protected:
            text = ngettext(
                "%(count)d connection uses it: disable the integration instead.",
                "%(count)d connections use it: disable the integration instead.",
                len(protected),
            )
            protected = [text % {"count": len(protected)}]
        return found, counts, missing, protected

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        view = partial(super().delete_view, request, *args, **kwargs)
        return self.unless_in_use(request, view)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        view = partial(super().changelist_view, request, *args, **kwargs)
        return self.unless_in_use(request, view)

    def unless_in_use(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        """The view, unless somebody connects between the question and the deletion."""
        try:
            return view()
        except ProtectedError:
            text = _("It is used by a connection by now, and was not deleted.")
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
