"""What the pages around the editor share: who may open them, and applying a whole definition."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from integrations.admin.definitions import CONFIRMED, DefinitionAdmin
from integrations.diffs import difference
from integrations.drafts import stored_definition
from integrations.lint import lint
from integrations.models import Integration
from integrations.places import place_of
from integrations.services import definition_digest
from integrations.specs import IntegrationDefinition


class PageAdmin(DefinitionAdmin):
    def row(self, request: HttpRequest, object_id: str, *, to_change: bool) -> Integration:
        """The integration of the address, for those who may."""
        found: Any = self.get_object(request, unquote(object_id))
        allowed = self.has_change_permission if to_change else self.has_view_permission
        if not allowed(request, found):
            raise PermissionDenied
        if found is None:
            raise Http404
        return found  # type: ignore[no-any-return]

    def page(
        self, request: HttpRequest, template: str, title: str, row: Any = None, **context: Any
    ) -> HttpResponse:
        frame = {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": str(row) if row else None,
            "opts": self.opts,
            "original": row,
        }
        return TemplateResponse(request, f"admin/integrations/{template}.html", frame | context)

    def to_editor(self, row: Integration) -> HttpResponse:
        return redirect("admin:integrations_integration_change", row.pk)

    def apply_page(
        self,
        request: HttpRequest,
        row: Integration,
        definition: IntegrationDefinition,
        apply: Callable[[], list[str]],
        *,
        title: str,
        button: str,
        **context: Any,
    ) -> HttpResponse:
        """What putting the definition in the row's place means; sent again, it is done.

        `apply` stores it and returns the ids of methods that stay because connections use them.
        """
        before = stored_definition(row)
        findings = lint(definition)
        has_errors = any(one.level == "error" for one in findings)
        digest = definition_digest(definition) + definition_digest(before)
        if request.method == "POST" and request.POST.get(CONFIRMED) == digest and not has_errors:
            kept = apply()
            self.log_change(request, row, title)
            self.message_user(request, _("Done: it is in use from now on."), messages.SUCCESS)
            self.tell_kept(request, kept)
            return self.to_editor(row)
        return self.page(
            request,
            "apply",
            title,
            row,
            button=button,
            lines=difference(before, definition),
            findings=[(one, place_of(one)) for one in findings],
            has_errors=has_errors,
            impact=None if has_errors else self.impact(definition, before),
            confirmed=(CONFIRMED, digest),
            **context,
        )

    def tell_kept(self, request: HttpRequest, kept: list[str]) -> None:
        if kept:
            text = _("These methods stay, because connections use them: %(methods)s")
            names = {"methods": ", ".join(kept)}
            self.message_user(request, text % names, messages.WARNING)
