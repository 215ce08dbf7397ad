"""The forms of the pages: how inputs are dressed, and what is asked beside a method's fields."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from connections.forms import CLEAR, FILE
from connections.models import Connection
from connections.web.rows import FieldRow, Group, condition_of, web_address
from integrations.models import IntegrationType
from integrations.specs import Spec


class DressedField(forms.BoundField):
    """A bound field whose input carries the stylesheet's classes."""

    def build_widget_attrs(self, attrs: Any, widget: Any = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        dressed = super().build_widget_attrs(attrs, widget)
        if not widget.is_hidden:
            dressed["class"] = f"{_class_of(widget)}{' is-invalid' if self.errors else ''}"
        if self.errors and widget.use_fieldset:
            # Django ties the message to the group only; each input of it says that it is wrong.
            dressed["aria-describedby"] = f"{self.auto_id}_error"
        return dressed


def _class_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


class SearchForm(forms.Form):
    bound_field_class = DressedField
    use_required_attribute = False

    search = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    def query(self) -> dict[str, Any]:
        """What was asked for and makes sense; the rest shows its message and filters nothing."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}


TYPE = {
    "label": _("Type"),
    "required": False,
    "choices": [("", _("All types")), *IntegrationType.choices],
}


class GalleryForm(SearchForm):
    integration_type = forms.ChoiceField(**TYPE)
    category = forms.ChoiceField(label=_("Category"), required=False)

    def __init__(self, data: Any, *, categories: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["category"].choices = [("", _("All categories")), *categories]  # type: ignore[attr-defined]


class ConnectionSearchForm(SearchForm):
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Any status")), *Connection.Status.choices],
    )
    integration_type = forms.ChoiceField(**TYPE)


def is_asked_for(spec: Spec) -> bool:
    """Whether somebody has to look for it at the service, so that a link there helps."""
    return spec.secure and spec.is_demanded


class ConnectionPageForm(forms.Form):
    """The base of a method's form. Its hidden inputs tell what the person was looking at."""

    bound_field_class = DressedField
    contract_fields: ClassVar[tuple[str, ...]] = ("label",)
    # Where somebody else is asked for one of its secrets; "" where nobody may be.
    ask_url: ClassVar[str] = ""

    # Not validated: they are only compared.
    revision = forms.Field(required=False, widget=forms.HiddenInput)
    version = forms.Field(required=False, widget=forms.HiddenInput)

    def typed_values(self) -> dict[str, Any]:
        """What was typed and may be shown again: everything but secrets."""
        shown = [path for path, field in self.spec_fields.items() if not field.spec.secure]  # type: ignore[attr-defined]
        return {name: self._typed(name) for name in [*self.contract_fields, *shown]}  # type: ignore[attr-defined]

    def rows(self) -> Iterator[FieldRow]:
        docs_url = self.method.docs_url or self.integration.docs_url  # type: ignore[attr-defined]
        for name in self.contract_fields:
            yield FieldRow(field=self[name])
        for path, field in self.spec_fields.items():  # type: ignore[attr-defined]
            spec, is_stored = field.spec, self.fields[path].is_stored  # type: ignore[attr-defined]
            # "Required if" what it is shown for: as good as required.
            is_always = spec.required or (spec.required_if and spec.required_if == spec.visible_if)
            yield FieldRow(
                field=self[path],
                spec=spec,
                docs_url=web_address(spec.docs_url or (docs_url if is_asked_for(spec) else "")),
                condition=condition_of(self, spec.visible_if),
                required_condition=None if is_always else condition_of(self, spec.required_if),
                is_required=bool(is_always) and spec.default is None and not is_stored,
                clear=self[CLEAR + path] if CLEAR + path in self.fields else None,
                file=self[FILE + path] if FILE + path in self.fields else None,
                ask_url=self.ask_url if spec.secure else "",
            )

    def groups(self) -> list[Group]:
        """Everyday fields, each group where its first field stands; then the advanced ones."""
        groups: dict[str, Group] = {}
        advanced = Group(title="", is_advanced=True)
        for row in self.rows():
            if row.is_advanced:
                advanced.rows.append(row)
            else:
                groups.setdefault(row.group, Group(title=row.group)).rows.append(row)
        return [*groups.values(), *([advanced] if advanced.rows else [])]
