"""What saving a definition takes, on whichever page it is edited.

A save is tried first and linted as it would stand: errors undo it and come back in the form,
warnings are shown. Whatever changes a definition raises its revision once, in its transaction.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import models, transaction
from django.db.models import ProtectedError, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.catalogue import integration_definition, with_fields
from integrations.lint import Finding, lint
from integrations.services import mark_changed

MOST_WARNINGS = 5


class RefusedByLintError(Exception):
    """The definition, as it would have been saved, has errors."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        super().__init__()
        self.findings = tuple(findings)


def knowing(form: type[ModelForm], request: HttpRequest) -> type[ModelForm]:
    """The form class, with what the lint said of this request's first try."""
    findings = getattr(request, "findings", ())
    return type(form.__name__, (form,), {"findings": findings}) if findings else form


class DefinitionAdmin(admin.ModelAdmin):
    """What the pages of integrations and of methods share."""

    formfield_overrides: ClassVar = {
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 3, "cols": 80})}
    }

    def integration_id(self, obj: Any) -> int:
        raise NotImplementedError

    def concerning(self, obj: Any, findings: list[Finding]) -> list[Finding]:
        """Those findings that this page can mend."""
        return findings

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return knowing(super().get_form(request, obj, change, **kwargs), request)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            with transaction.atomic():
                return super().changeform_view(request, *args, **kwargs)
        except RefusedByLintError as refused:
            # Nothing was stored. The same once more, with forms that know why.
            request.findings = refused.findings  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def save_related(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Iterable[BaseInlineFormSet],
        change: bool,
    ) -> None:
        super().save_related(request, form, formsets, change)
        row = with_fields().get(pk=self.integration_id(form.instance))
        findings = self.concerning(form.instance, lint(integration_definition(row)))
        errors = [finding for finding in findings if finding.level == "error"]
        if errors:
            raise RefusedByLintError(errors)
        self.show_warnings(request, findings)
        mark_changed(row.pk)

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
            mark_changed(integration_id)

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
