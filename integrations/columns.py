"""Columns of JSON as people type them, and back."""

import json
from copy import copy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.serializers import ValidationError as RuleError

from integrations.field_types import FIELD_TYPES, SpecField, build_field, is_blank
from integrations.field_types.typed_json import read_json
from integrations.requirements import StrictSerializer
from integrations.specs import Spec
from integrations.translations import translation_problems


class NamedForm(forms.ModelForm):
    """A model form whose declared fields are called what their columns are called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = column_label(self, name, field)


def column_label(form: Any, name: str, field: forms.Field) -> Any:
    """The label of a field of a model form, or of its class; lazy where its source is."""
    if field.label is not None:
        return field.label
    return capfirst(form._meta.model._meta.get_field(name).verbose_name)


def worded(form: type[forms.ModelForm]) -> type[forms.ModelForm]:
    """The form class, made for one request, with its texts in that request's language.

    A lazy text is translated each time that it is looked at: half a dozen times for each input of
    each row. Fields that were declared belong to every request, and are copied.
    """
    for name, declared in form.base_fields.items():
        field = form.base_fields[name] = copy(declared)
        field.label = str(column_label(form, name, field))
        field.help_text = str(field.help_text)
    return form


class JSONColumn(forms.Field):
    """A column of JSON, typed and checked as the field type of that name says."""

    def __init__(self, *, type: str, name: str, empty: Any, help_text: Any = "") -> None:
        self.rule = build_field(Spec(key=name, type=type, label=name))
        self.empty = empty
        widget = self.rule.form_widget()
        super().__init__(required=False, widget=widget, help_text=help_text)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else self.rule.to_form(value)

    def to_python(self, value: Any) -> Any:
        value = self.rule.from_form(value)
        if is_blank(value) or value == {}:
            return copy(self.empty)
        try:
            return self.rule.run_validation(value)
        except RuleError as error:
            problem: Any = error.detail[0]  # type: ignore[index]
            raise ValidationError(str(problem), code=problem.code) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or self.empty))
        except ValidationError:
            return True


class TranslationsColumn(JSONColumn):
    """Texts in other languages, for the attributes that `texts` has."""

    def __init__(self, texts: type[StrictSerializer]) -> None:
        example = f'{{"de": {{"{texts.specs[0].key}": "…"}}}}'
        help_text = format_lazy("{} {}", gettext_lazy("Texts in other languages:"), example)
        super().__init__(type="json", name="translations", empty={}, help_text=help_text)
        self.texts = texts

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        for _path, problem in translation_problems(self.texts, found):
            raise ValidationError(problem, code="invalid_translations")
        return found


class OptionsColumn(JSONColumn):
    """Options as `value = label` on each line, or as JSON where a value holds a `=`."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        lines = "\n".join(f"{one['value']} = {one['label']}" for one in value or [])
        return lines if _options(lines) == (value or []) else json.dumps(value, ensure_ascii=False)

    def to_python(self, value: Any) -> Any:
        typed = value or ""
        options = read_json(typed) if typed.lstrip().startswith("[") else _options(typed)
        if not isinstance(options, list) or not all(map(_is_option, options)):
            text = _("Write one option on each line: value = label")
            raise ValidationError(text, code="invalid_options")
        return options


def _options(lines: str) -> list[dict[str, str]]:
    split = [line.partition("=") for line in lines.splitlines() if line.strip()]
    return [
        {"value": value.strip(), "label": label.strip() or value.strip()}
        for value, _sign, label in split
    ]


def _is_option(one: Any) -> bool:
    is_pair = isinstance(one, dict) and set(one) == {"value", "label"}
    texts = list(one.values()) if is_pair else []
    # Printable: a NUL does not fit into the database.
    return is_pair and all(isinstance(text, str) and text and text.isprintable() for text in texts)


def rule_of(type_: str | None) -> SpecField:
    """The conversions of a type; those of text for one that is unknown."""
    return build_field(
        Spec(key="value", type=type_ if type_ in FIELD_TYPES else "string", label="value")
    )


def read_value(rule: SpecField, typed: str) -> Any:
    """The value of what was typed; None for nothing. What does not fit is left to the lint."""
    if is_blank(typed):
        return None
    value = rule.from_form(typed)
    listed = read_json(typed) if value == typed and typed.startswith("[") else None
    return value if listed is None else listed


def read_values(rule: SpecField, typed: str) -> list[Any]:
    """One value from each line, or a JSON list: for values of several lines."""
    listed = read_json(typed) if typed.lstrip().startswith("[") else None
    if isinstance(listed, list):
        return listed
    return [read_value(rule, line) for line in typed.splitlines() if not is_blank(line)]


def written_value(rule: SpecField, value: Any) -> str:
    """What `read_value` reads back."""
    if value is None:
        return ""
    shown = rule.to_form(value)
    return shown if isinstance(shown, str) else json.dumps(value, ensure_ascii=False)


def written_values(rule: SpecField, values: list[Any]) -> str:
    lines = "\n".join(written_value(rule, value) for value in values or [])
    is_same = read_values(rule, lines) == (values or [])
    return lines if is_same else json.dumps(values, ensure_ascii=False)
