"""The catalogue for staff: integrations, their methods, their fields, without a line of code."""

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.definitions import DefinitionAdmin
from integrations.admin.exchanging import ExchangingAdmin
from integrations.admin.inlines import AuthMethodInline, CommonFieldInline, FieldSpecInline
from integrations.admin.publishing import PublishingAdmin
from integrations.admin.revisions import RevisionsAdmin
from integrations.auth_methods import AUTH_METHODS
from integrations.catalogue import integration_definition, with_fields
from integrations.forms import AuthMethodForm, IntegrationForm
from integrations.lint import Finding, lint
from integrations.models import AuthMethod, Integration


@admin.register(Integration)
class IntegrationAdmin(PublishingAdmin, RevisionsAdmin, ExchangingAdmin):
    form = IntegrationForm
    list_display = ("name", "type", "state", "is_enabled", "methods", "findings", "origin")
    list_filter = ("type", "status", "is_enabled", "origin")
    search_fields = ("name", "slug", "description")
    list_per_page = 50
    inlines = (AuthMethodInline, CommonFieldInline)
    fieldsets = (
        (None, {"fields": (("slug", "name"), ("type", "state", "is_enabled"), "description")}),
        (
            gettext_lazy("Where it is shown"),
            {
                "classes": ["collapse"],
                "fields": ("categories", "logo_url", "docs_url", "workspace_id", "translations"),
            },
        ),
    )

    def integration_id(self, obj: Integration) -> int:
        return obj.pk

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Programs and catalogue files know it by its slug; its status has pages of its own.
        return ("slug", "state") if obj else ("state",)

    def get_queryset(self, request: HttpRequest) -> Any:
        # The lint of the list reads every method and field: three queries for a page of it.
        rows = with_fields().select_related("draft_of", "draft_copy")
        return rows.annotate(method_count=Count("auth_methods"))

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, obj: Integration) -> str:
        if obj.pk is None:
            return _("Draft, until it is published")
        if obj.draft_of is not None:
            return _("Draft copy of %(name)s") % {"name": obj.draft_of.name}
        return str(Integration.Status(obj.status).label)

    @admin.display(description=gettext_lazy("methods"), ordering="method_count")
    def methods(self, obj: Any) -> int:
        return obj.method_count  # type: ignore[no-any-return]

    @admin.display(description=gettext_lazy("findings"))
    def findings(self, obj: Integration) -> int:
        return len(lint(integration_definition(obj)))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.status = Integration.Status.DRAFT
            super().save_model(request, obj, form, change)
            return
        # Only what the form shows: revision, origin and digest are not for staff to write.
        obj.save(update_fields=[*form.cleaned_data, "updated_at"])


@admin.register(AuthMethod)
class AuthMethodAdmin(DefinitionAdmin):
    """Reached from the integration that it belongs to."""

    form = AuthMethodForm
    list_display = ("name", "slug", "integration", "kind", "is_default", "order")
    list_filter = ("kind", "is_default")
    list_select_related = ("integration",)
    search_fields = ("name", "slug", "integration__name")
    ordering = ("integration__name", "order", "id")
    inlines = (FieldSpecInline,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "integration",
                    ("slug", "name"),
                    ("kind", "is_default", "order"),
                    "brought",
                    "description",
                    "docs_url",
                )
            },
        ),
        (
            gettext_lazy("Parameters"),
            {"classes": ["collapse"], "fields": ("rules", "request", "oauth", "test")},
        ),
        (
            gettext_lazy("Texts in other languages"),
            {"classes": ["collapse"], "fields": ("translations",)},
        ),
    )

    def integration_id(self, obj: AuthMethod) -> int:
        return obj.integration_id  # type: ignore[no-any-return]

    def concerning(self, obj: AuthMethod, findings: list[Finding]) -> list[Finding]:
        """What the page of another method has to mend does not stand in this one's way."""
        return [one for one in findings if one.where.partition(".")[0] in ("", obj.slug)]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("integration", "slug", "brought") if obj else ("brought",)

    @admin.display(description=gettext_lazy("fields of its kind"))
    def brought(self, obj: AuthMethod) -> str:
        """What its kind asks for by itself; a field of the same key says more about one."""
        if obj.pk is None:
            return _("The preview shows what the kind asks for by itself.")
        specs = AUTH_METHODS[obj.kind].brought(obj.request)
        if not specs:
            return _("Its kind brings none: it asks for the fields below and nothing else.")
        names = ", ".join(f"{spec.label} ({spec.key})" for spec in specs)
        return _("%(names)s. To say more about one, add a field with its key below.") % {
            "names": names
        }

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if obj.is_default:
            others = AuthMethod.objects.filter(integration=obj.integration_id).exclude(pk=obj.pk)
            others.update(is_default=False)
        super().save_model(request, obj, form, change)
