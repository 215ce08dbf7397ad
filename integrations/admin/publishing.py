"""Draft, published, deprecated: what each means, and the pages that lead from one to the other."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.serializers import ValidationError as RuleError

from integrations import drafts
from integrations.admin.pages import PageAdmin
from integrations.field_types import build_field
from integrations.models import Integration
from integrations.places import place_of
from integrations.specs import Spec

Status = Integration.Status
MEANINGS = {
    Status.PUBLISHED: gettext_lazy(
        "Everybody sees it and can connect it, through the pages and the API."
    ),
    Status.DEPRECATED: gettext_lazy(
        "Connections keep working, and it can still be connected; it is marked as deprecated."
    ),
    Status.DRAFT: gettext_lazy(
        "Nobody but staff sees it: it is in no list and cannot be connected. Staff can preview it "
        "and try values."
    ),
}
TITLES = {
    Status.PUBLISHED: gettext_lazy("Publish"),
    Status.DEPRECATED: gettext_lazy("Deprecate"),
    Status.DRAFT: gettext_lazy("Back to draft"),
}


class SlugForm(forms.Form):
    """The name of a copy. Its rules are those of every slug."""

    slug = forms.CharField(label=gettext_lazy("Slug of the copy"), max_length=100)

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        rule = build_field(Spec(key="slug", type="slug", label="slug"))
        try:
            rule.run_validation(slug)
        except RuleError as error:
            problem: Any = error.detail[0]  # type: ignore[index]
            raise ValidationError(str(problem), code=problem.code) from error
        if Integration.objects.filter(slug=slug, workspace_id=None).exists():
            raise ValidationError(_("There is an integration with this slug already."))
        return slug


class PublishingAdmin(PageAdmin):
    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own = [
            path(
                "<path:object_id>/status/<str:status>/",
                wrap(self.status_view),
                name="integrations_integration_status",
            ),
            path(
                "<path:object_id>/duplicate/",
                wrap(self.duplicate_view),
                name="integrations_integration_duplicate",
            ),
            path(
                "<path:object_id>/draft/",
                wrap(self.draft_view),
                name="integrations_integration_draft",
            ),
        ]
        return own + super().get_urls()

    def status_view(self, request: HttpRequest, object_id: str, status: str) -> HttpResponse:
        """A question with what it means; sent, it is done."""
        row = self.row(request, object_id, to_change=True)
        if status not in Status.values:
            raise Http404
        if row.draft_of_id is not None and status == Status.PUBLISHED:
            return self.publish_copy(request, row)
        if row.draft_of_id is not None or status == row.status:
            return self.to_editor(row)
        chosen = Status(status)
        findings = []
        if chosen == Status.PUBLISHED:
            findings = drafts.in_the_way(drafts.stored_definition(row))
        if request.method == "POST" and not findings:
            return self.carry_out(request, row, chosen)
        return self.page(
            request,
            "status",
            str(TITLES[chosen]),
            row,
            meaning=MEANINGS[chosen],
            findings=[(one, place_of(one)) for one in findings],
            uses=self.uses(row) if chosen == Status.DRAFT else 0,
        )

    def carry_out(self, request: HttpRequest, row: Integration, status: Status) -> HttpResponse:
        by = request.user.get_username()
        try:
            drafts.set_status(row, status.value, by=by)
        except drafts.NotPublishable as error:
            for finding in error.findings:
                self.message_user(request, str(finding), messages.ERROR)
            return self.to_editor(row)
        self.log_change(request, row, str(TITLES[status]))
        self.message_user(request, str(MEANINGS[status]), messages.SUCCESS)
        return self.to_editor(row)

    def publish_copy(self, request: HttpRequest, copy: Integration) -> HttpResponse:
        original = copy.draft_of
        assert original is not None  # noqa: S101 - the caller has looked
        by = request.user.get_username()
        is_stale = original.revision != copy.base_revision
        return self.apply_page(
            request,
            original,
            drafts.as_replacement(copy),
            partial(drafts.publish_copy, copy, by=by),
            title=_("Publish the draft"),
            button=_("Publish"),
            stale=(copy.base_revision, original.revision) if is_stale else None,
            back=copy,
        )

    def draft_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A copy to work on, which replaces this one's definition once it is published."""
        row = self.row(request, object_id, to_change=True)
        if row.draft_of_id is not None:
            return self.to_editor(row)
        copy = Integration.objects.filter(draft_of=row).first()
        if request.method == "POST" or copy is not None:
            copy = copy or drafts.draft_copy(row, by=request.user.get_username())
            return self.to_editor(copy)
        return self.page(
            request,
            "status",
            _("Edit as a draft copy"),
            row,
            meaning=_(
                "You get a copy that nobody else sees. Publishing it puts its definition in the "
                "place of this one's: the slug stays, and connections keep working."
            ),
        )

    def duplicate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id, to_change=True)
        if not self.has_add_permission(request):
            return self.to_editor(row)
        sent = request.POST if request.method == "POST" else None
        form = SlugForm(sent, initial={"slug": drafts.free_slug(f"{row.slug}-copy")})
        if form.is_bound and form.is_valid():
            by = request.user.get_username()
            copy = drafts.duplicate(row, slug=form.cleaned_data["slug"], by=by)
            self.log_addition(request, copy, _("Duplicated"))
            self.message_user(request, _("A draft with the same methods."), messages.SUCCESS)
            return self.to_editor(copy)
        return self.page(request, "duplicate", _("Duplicate"), row, form=form)
