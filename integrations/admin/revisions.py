"""The history of a definition: what it was, what changed, and how to have it back."""

from dataclasses import replace
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.db.models.functions import Length
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from integrations.admin.pages import PageAdmin
from integrations.diffs import document_difference
from integrations.export import written
from integrations.files import FileError, parse
from integrations.history import IntegrationRevision
from integrations.models import Integration
from integrations.services import replace_definition

ROWS_ON_A_PAGE = 50


class RevisionsAdmin(PageAdmin):
    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own = [
            path(
                "<path:object_id>/revisions/",
                wrap(self.revisions_view),
                name="integrations_integration_revisions",
            ),
            path(
                "<path:object_id>/revisions/compare/",
                wrap(self.compare_view),
                name="integrations_integration_compare",
            ),
            path(
                "<path:object_id>/revisions/<int:number>/",
                wrap(self.revision_view),
                name="integrations_integration_revision",
            ),
            path(
                "<path:object_id>/revisions/<int:number>/restore/",
                wrap(self.restore_view),
                name="integrations_integration_restore",
            ),
        ]
        return own + super().get_urls()

    def revisions_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id, to_change=False)
        rows = row.revisions.annotate(size=Length("document")).defer("document")
        page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
        shown: list[Any] = list(page)
        for place, one in enumerate(shown):
            one.previous = shown[place + 1].number if place + 1 < len(shown) else None
        return self.page(
            request,
            "revisions",
            _("Revisions"),
            row,
            page=page,
            rows=shown,
            may_change=self.has_change_permission(request, row),
        )

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id, to_change=False)
        older = self.revision(row, request.GET.get("from"))
        newer = self.revision(row, request.GET.get("to"))
        return self.page(
            request,
            "compare",
            _("Revision %(newer)d against revision %(older)d")
            % {"older": older.number, "newer": newer.number},
            row,
            lines=document_difference(older.get_document(), newer.get_document()),
            older=older,
            newer=newer,
        )

    def revision_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        row = self.row(request, object_id, to_change=False)
        found = self.revision(row, number)
        return self.page(
            request,
            "revision",
            _("Revision %(number)d") % {"number": found.number},
            row,
            revision=found,
            text=written(found.get_document()),
            may_change=self.has_change_permission(request, row),
        )

    def restore_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """Have it back as a new revision, through the same checks; its status stays as it is."""
        row = self.row(request, object_id, to_change=True)
        found = self.revision(row, number)
        title = _("Restore revision %(number)d") % {"number": found.number}
        try:
            definition = parse(written(found.get_document()))
        except FileError as error:
            # What was a definition once: the vocabulary has changed since.
            return self.page(request, "refused", title, row, reason=str(error))
        definition = replace(definition, status=row.status)
        return self.apply_page(
            request,
            row,
            definition,
            partial(
                replace_definition,
                row,
                definition,
                by=request.user.get_username(),
                action=IntegrationRevision.Action.RESTORED,
            ),
            title=title,
            button=_("Restore"),
        )

    def revision(self, row: Integration, number: Any) -> IntegrationRevision:
        is_number = isinstance(number, int) or (
            isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 10
        )
        found = row.revisions.filter(number=int(number)).first() if is_number else None
        if found is None:
            raise Http404
        return found
