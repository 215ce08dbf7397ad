"""The forms of the catalogue's rows: columns of JSON as people type them, judged by the same shapes
as catalogue files. What several rows say together is the lint's matter.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.columns import (
    JSONColumn,
    NamedForm,
    OptionsColumn,
    TranslationsColumn,
    read_value,
    read_values,
    rule_of,
    written_value,
    written_values,
)
from integrations.field_types import is_blank
from integrations.form_rows import AskedRows
from integrations.help_texts import FIELD_HELP, INTEGRATION_HELP, METHOD_HELP
from integrations.lint import Finding
from integrations.models import AuthMethod, FieldSpec, Integration
from integrations.places import COLUMNS
from integrations.requirements import StrictSerializer
from integrations.serializers import (
    FieldShape,
    IntegrationShape,
    MethodShape,
    OAuthShape,
    RequestShape,
    TestShape,
)
from integrations.specs import SPEC_ATTRIBUTES
from integrations.translations import FieldTexts, IntegrationTexts, MethodTexts


class ShapedForm(NamedForm):
    """A model form whose columns are checked by the shape of the same part of a catalogue file."""

    shape: ClassVar[type[StrictSerializer]]
    # What a column is called in a file, where it differs.
    renamed: ClassVar[Mapping[str, str]] = {}
    # What the lint said of the definition that this form, and those beside it, would make.
    findings: ClassVar[tuple[Finding, ...]] = ()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        columns = [column for column in cleaned if column in self.Meta.fields]  # type: ignore[attr-defined]
        names = {self.renamed.get(column, column): column for column in columns}
        said = {name: cleaned[names[name]] for name in names.keys() & self.shape.spec_fields.keys()}
        given = {name: value for name, value in said.items() if not is_blank(value)}
        for name, problem in _problems(self.shape, given):
            if names[name] not in self.errors:
                self.add_error(names[name], ValidationError(problem, code=problem.code))
        return cleaned


def _problems(shape: type[StrictSerializer], given: Any) -> Iterable[tuple[str, Any]]:
    serializer = shape(data=given, partial=True)
    serializer.is_valid()
    return [(name, found[0]) for name, found in serializer.problems.items()]


class IntegrationForm(ShapedForm):
    shape = IntegrationShape
    categories = JSONColumn(
        type="list", name="categories", empty=[], help_text=gettext_lazy("One on each line.")
    )
    translations = TranslationsColumn(IntegrationTexts)

    class Meta:
        model = Integration
        fields = [
            "slug",
            "name",
            "type",
            "description",
            "categories",
            "logo_url",
            "docs_url",
            "is_enabled",
            "status",
            "workspace_id",
            "translations",
        ]
        help_texts = INTEGRATION_HELP

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for finding in self.findings:
            self.add_error(None, ValidationError(str(finding), code=finding.code))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # The slug is fixed once it is made, yet another workspace may have the same.
        return super()._get_validation_exclusions() - {"slug"}  # type: ignore[no-any-return,misc]


class MethodRowForm(ShapedForm):
    """A method as a row of its integration's page."""

    shape = MethodShape
    renamed: ClassVar = {"slug": "id", "is_default": "default"}

    class Meta:
        model = AuthMethod
        fields = ["slug", "name", "kind", "is_default", "order"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for finding in self.findings:
            if finding.where == (cleaned.get("slug") or self.instance.slug):
                self.add_error(None, ValidationError(finding.message, code=finding.code))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # Whoever becomes the default takes it from another, which is saved first.
        return super()._get_validation_exclusions() | {"is_default"}  # type: ignore[no-any-return,misc]


class MethodRows(AskedRows):
    """The methods of an integration: one of them is the default."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if not self._should_delete_form(form)]  # type: ignore[attr-defined]
        if sum(bool(form.cleaned_data.get("is_default")) for form in kept if form.is_valid()) > 1:
            raise ValidationError(_("Two methods are marked as the default."), code="two_defaults")

    def save(self, commit: bool = True) -> Any:
        given_up = [
            form.instance.pk
            for form in self.initial_forms
            if form in self.deleted_forms or not form.cleaned_data.get("is_default")
        ]
        # Before any other row is saved: the database allows one default at a time.
        AuthMethod.objects.filter(pk__in=given_up, is_default=True).update(is_default=False)
        return super().save(commit)


class AuthMethodForm(MethodRowForm):
    """A method with all its parameters, on a page where labels stand beside their inputs."""

    rules = JSONColumn(
        type="json",
        name="rules",
        empty={},
        help_text=gettext_lazy('any_of, one_of, all_or_none: {"any_of": [["email", "phone"]]}'),
    )
    request = JSONColumn(
        type="json",
        name="request",
        empty={},
        help_text=gettext_lazy(
            'How values authenticate a request: {"headers": {"X-Key": "{api_key}"}}'
        ),
    )
    oauth = JSONColumn(
        type="json",
        name="oauth",
        empty={},
        help_text=gettext_lazy("authorization_url, token_url, scopes, default_scopes …"),
    )
    test = JSONColumn(
        type="json",
        name="test",
        empty={},
        help_text=gettext_lazy(
            'The call that tells whether a credential works: {"method": "GET", "path": "/me"}'
        ),
    )

    translations = TranslationsColumn(MethodTexts)

    class Meta(MethodRowForm.Meta):
        fields = [
            "integration",
            *MethodRowForm.Meta.fields,
            "description",
            "docs_url",
            "rules",
            "request",
            "oauth",
            "test",
            "translations",
        ]
        help_texts = METHOD_HELP

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        ShapedForm.__init__(self, *args, **kwargs)

    def clean(self) -> dict[str, Any]:
        # All findings are about this method, so they stand above its form.
        cleaned = ShapedForm.clean(self)
        for finding in self.findings:
            self.add_error(None, ValidationError(str(finding), code=finding.code))
        for name, part in (("request", RequestShape), ("oauth", OAuthShape), ("test", TestShape)):
            for _member, problem in _problems(part, cleaned.get(name) or {}):
                self.add_error(name, ValidationError(problem, code=problem.code))
        return cleaned


def _typed_value(name: str, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 1})
    help_text = FIELD_HELP[name]
    return forms.CharField(required=False, strip=False, widget=widget, help_text=help_text, **more)


class FieldSpecForm(ShapedForm):
    """A field. Its default, fixed value and examples are typed as its type reads them."""

    shape = FieldShape
    typed_values: ClassVar = ("default", "const")
    typed_lists: ClassVar = ("examples", "bad_examples")

    default = _typed_value("default")
    const = _typed_value("const", label=gettext_lazy("Fixed value"))
    options = OptionsColumn(
        type="list",
        name="options",
        empty=[],
        help_text=gettext_lazy("For a choice. One on each line: value = label"),
    )
    strip = JSONColumn(
        type="list",
        name="strip",
        empty=[],
        help_text=gettext_lazy("Taken off a paste: “space”, “quotes” or the text itself."),
    )
    schemes = JSONColumn(
        type="list",
        name="schemes",
        empty=[],
        help_text=gettext_lazy("For a URL or a connection string. One on each line."),
    )
    visible_if = JSONColumn(
        type="json",
        name="visible_if",
        empty=None,
        help_text=gettext_lazy('{"field": "mode", "equals": "key"} or {"field": …, "in": […]}'),
    )
    required_if = JSONColumn(
        type="json", name="required_if", empty=None, help_text=FIELD_HELP["required_if"]
    )
    examples = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("One on each line: the rules must accept them."),
    )
    bad_examples = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("One on each line: the rules must refuse them."),
    )

    translations = TranslationsColumn(FieldTexts)

    class Meta:
        model = FieldSpec
        fields = SPEC_ATTRIBUTES
        help_texts = FIELD_HELP

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = rule_of(self.instance.type)
        for name in self.typed_values:
            self.initial[name] = written_value(rule, getattr(self.instance, name))
        for name in self.typed_lists:
            self.initial[name] = written_values(rule, getattr(self.instance, name))

    def clean(self) -> dict[str, Any]:
        rule = rule_of(self.cleaned_data.get("type"))
        for names, read in ((self.typed_values, read_value), (self.typed_lists, read_values)):
            for name in self.cleaned_data.keys() & set(names):
                self.cleaned_data[name] = read(rule, self.cleaned_data[name])
        cleaned = super().clean()
        for finding in self.findings:
            if finding.where.partition(".")[2] == cleaned.get("key"):
                error = ValidationError(finding.message, code=finding.code)
                self.add_error(COLUMNS.get(finding.code), error)
        return cleaned
