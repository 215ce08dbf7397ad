"""Definitions as files in the admin: taken along, and brought in with a report before anything is
stored.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from integrations.admin.pages import PageAdmin
from integrations.catalogue import with_fields
from integrations.diffs import difference
from integrations.exchange import (
    LARGEST_IMPORT,
    Item,
    Unreadable,
    exported,
    items_of,
    texts_of,
)
from integrations.services import import_definition

# What a form adds around the text that it carries.
LARGEST_BODY = LARGEST_IMPORT + 48 * 1024


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("One YAML file, or a zip archive of them, as Export makes it."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.zip"}),
    )
    text = forms.CharField(
        label=gettext_lazy("… or the text itself"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "cols": 80, "spellcheck": "false"}),
        help_text=gettext_lazy("Several definitions are parted by a line with three hyphens."),
    )

    def items(self) -> list[Item]:
        """Raises Unreadable."""
        uploaded = self.cleaned_data.get("file")
        if uploaded is not None:
            return items_of(texts_of(uploaded.read(LARGEST_IMPORT + 1)))
        return items_of(self.cleaned_data.get("text") or "")


class ExchangingAdmin(PageAdmin):
    actions = ("export",)

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own = [
            path("import/", self.bounded_import, name="integrations_integration_import"),
            path(
                "<path:object_id>/export/",
                wrap(self.export_view),
                name="integrations_integration_export",
            ),
        ]
        return own + super().get_urls()

    @admin.action(permissions=["view"], description=gettext_lazy("Export as YAML"))
    def export(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        return _download(*exported(with_fields().filter(pk__in=queryset.values("pk"))))

    def export_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id, to_change=False)
        return _download(*exported(with_fields().filter(pk=row.pk)))

    @property
    def bounded_import(self) -> Any:
        """The size is looked at before anybody reads the body, the check of its token included."""
        inside = self.admin_site.admin_view(csrf_protect(self.import_view))

        def view(request: HttpRequest) -> HttpResponse:
            length = request.META.get("CONTENT_LENGTH") or "0"
            if not length.isdigit() or int(length) > LARGEST_BODY:
                return self.too_large(request)
            return inside(request)  # type: ignore[no-any-return]

        return csrf_exempt(view)

    def too_large(self, request: HttpRequest) -> HttpResponse:
        text = _("This is more than can be imported at once: one megabyte is the most.")
        return HttpResponse(text, status=413, content_type="text/plain; charset=utf-8")

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        if request.method != "POST":
            return self.import_page(request, ImportForm())
        try:
            form = ImportForm(request.POST, request.FILES)
            items = form.items() if form.is_valid() else []
        except RequestDataTooBig:
            return self.too_large(request)
        except Unreadable as error:
            form.add_error(None, str(error))
        if form.errors:
            return self.import_page(request, form)
        if "store" in request.POST:
            return self.store(request, items)
        return self.report_page(request, items)

    def import_page(self, request: HttpRequest, form: ImportForm) -> HttpResponse:
        return self.page(request, "import", _("Import integrations"), form=form)

    def report_page(self, request: HttpRequest, items: list[Item]) -> HttpResponse:
        rows = [self.reported(item) for item in items]
        good = [item.text for item in items if item.outcome is not None]
        return self.page(
            request,
            "import_report",
            _("What the import would do"),
            rows=rows,
            text="\n---\n".join(good),
            can_store=any(row["can_take"] for row in rows),
        )

    def reported(self, item: Item) -> dict[str, Any]:
        """An item, what sets it apart and what it would break; if anything, it is not ticked."""
        can_take = item.outcome in ("created", "updated", "conflict")
        impact, lines = None, []
        if can_take and item.definition is not None:
            lines = difference(item.stored, item.definition)
            if item.stored is not None:
                impact = self.impact(item.definition, item.stored)
        breaks = impact.newly if impact is not None else 0
        return {
            "item": item,
            "lines": lines,
            "impact": impact,
            "can_take": can_take,
            "is_ticked": can_take and item.outcome != "conflict" and not breaks,
            "breaks": breaks,
        }

    def store(self, request: HttpRequest, items: list[Item]) -> HttpResponse:
        """Those that were ticked, each as it was reported: `slug:outcome`."""
        taken, done = set(request.POST.getlist("take")), 0
        for item in items:
            ticked = {one for one in taken if one.partition(":")[0] == item.name}
            if item.definition is None or item.errors or not ticked:
                continue
            outcome = import_definition(
                item.definition,
                by=request.user.get_username(),
                overwrite=f"{item.name}:conflict" in ticked,
            )
            done += outcome in ("created", "updated")
            if outcome == "conflict":
                text = _("%(name)s was edited meanwhile, and was left as it is.")
                self.message_user(request, text % {"name": item.name}, messages.WARNING)
        text = ngettext("%(count)d integration imported.", "%(count)d integrations imported.", done)
        self.message_user(request, text % {"count": done}, messages.SUCCESS)
        return redirect("admin:integrations_integration_changelist")


def _download(name: str, content: bytes) -> HttpResponse:
    kind = "application/zip" if name.endswith(".zip") else "application/yaml; charset=utf-8"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)
