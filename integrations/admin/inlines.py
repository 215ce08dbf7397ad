"""Methods and fields as rows of the page that they belong to."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from integrations.admin.definitions import knowing
from integrations.columns import worded
from integrations.form_rows import MOST_ROWS, AskedRows
from integrations.forms import FieldSpecForm, MethodRowForm, MethodRows
from integrations.models import AuthMethod, FieldSpec

# Several inputs stand side by side in a row.
SIZES: dict[Any, dict[str, Any]] = {
    models.CharField: {"widget": forms.TextInput(attrs={"size": 20})},
    models.TextField: {"widget": forms.Textarea(attrs={"rows": 2, "cols": 60})},
}


class KnowingInline(admin.options.InlineModelAdmin):
    """Rows whose forms show what the lint said of them, and that are added by a button."""

    formset = AskedRows
    extra = 0
    max_num = MOST_ROWS
    formfield_overrides = SIZES

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = knowing(self.form, request)
        rows = super().get_formset(request, obj, form=form, absolute_max=MOST_ROWS, **kwargs)
        rows.form = worded(rows.form)
        return rows


class AuthMethodInline(KnowingInline, admin.TabularInline):
    template = "admin/integrations/method_rows.html"
    model = AuthMethod
    form = MethodRowForm
    formset = MethodRows
    fields = ("order", "slug", "name", "kind", "is_default")
    show_change_link = True
    verbose_name_plural = gettext_lazy("Auth methods (their fields are on their own pages)")


FIELD_SETS = (
    (None, {"fields": (("key", "label"), ("type", "target", "order"), ("required", "secure"))}),
    (
        gettext_lazy("Help and layout"),
        {
            "classes": ["collapse"],
            "fields": (
                "help_text",
                ("placeholder", "docs_url"),
                ("prefix", "suffix"),
                ("group", "stage"),
                ("advanced", "expires", "deprecated"),
                "translations",
            ),
        },
    ),
    (
        gettext_lazy("What it may hold"),
        {
            "classes": ["collapse"],
            "fields": (
                ("min_length", "max_length"),
                ("minimum", "maximum"),
                "pattern",
                "pattern_message",
                "forbidden_pattern",
                "options",
                ("default", "const"),
                ("strip", "schemes"),
                "pem_type",
                ("examples", "bad_examples"),
            ),
        },
    ),
    (
        gettext_lazy("When it is asked for"),
        {"classes": ["collapse"], "fields": (("visible_if", "required_if"),)},
    ),
)


class FieldInline(KnowingInline, admin.StackedInline):
    template = "admin/integrations/field_rows.html"
    model = FieldSpec
    form = FieldSpecForm
    fieldsets: ClassVar[Any] = FIELD_SETS
    ordering = ("order", "id")


class CommonFieldInline(FieldInline):
    fk_name = "integration"
    verbose_name = gettext_lazy("field of every method")
    verbose_name_plural = gettext_lazy("Fields of every method")


class FieldSpecInline(FieldInline):
    fk_name = "auth_method"
    verbose_name = gettext_lazy("field")
    verbose_name_plural = gettext_lazy("Fields")
