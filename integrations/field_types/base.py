"""What every field type shares: one class gives the rule, the form field and the JSON Schema."""

import re
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from integrations.problems import Problem, Refused
from integrations.specs import Spec, label_from_key
from integrations.texts import label_of, placeholder_of, text_of

Schema = dict[str, Any]

# What counts as "nothing was typed": Unicode's spaces, the zero-width ones included.
# The inside of a character class, spelled as browsers, JSON Schema and Python's `re` all read it.
BLANK = r" \t\n\r\x0b\x0c\x85\xa0\u1680\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_ALL_BLANK = re.compile(rf"[{BLANK}]*\Z")
BLANK_SCHEMA: Schema = {
    "anyOf": [
        {"type": "null"},
        {"type": "string", "pattern": f"^[{BLANK}]*$"},
        {"type": "array", "maxItems": 0},
    ]
}


def is_blank(value: Any) -> bool:
    """Whether a JSON value says nothing: null, an empty list, text without a visible character."""
    if isinstance(value, str):
        return _ALL_BLANK.match(value) is not None
    return value is None or value == []


class NeverEchoing:
    """Mixed into the widget of a secret: it is drawn empty, whatever was typed or is stored."""

    def format_value(self, _value: Any) -> Any:
        return super().format_value(None)  # type: ignore[misc]


@cache
def _never_echoing_class(widget: type[forms.Widget]) -> type[forms.Widget]:
    return type(f"NeverEchoing{widget.__name__}", (NeverEchoing, widget), {})


def never_echoing(widget: forms.Widget) -> forms.Widget:
    """That widget for a secret: nothing is drawn into it, neither by us nor by a browser."""
    widget.__class__ = _never_echoing_class(type(widget))
    # Browsers send what they spell-check to their makers.
    widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
    return widget


class SpecField(serializers.Field[Any, Any, Any, Any]):
    """A serializer field built from a spec. Stateless once built, so one serves every request.

    Presence is the serializer's matter, because conditions decide it: `run_validation` gets a value
    that is not blank and returns it as it will be stored, or raises with one `Problem`.
    """

    text: ClassVar[str | Promise] = gettext_lazy("must be text")
    problem_code: ClassVar[str] = "invalid_text"
    default_max_length: ClassVar[int] = 4096
    # What JSON Schema cannot say of this type, for the schema's `x-rules`.
    unsaid: ClassVar[str] = ""
    widget: ClassVar[type[forms.Widget]] = forms.TextInput
    # Whether a form also offers to choose a file: for values that services hand out as files.
    takes_file: ClassVar[bool] = False
    # Which files it offers, as an input's `accept` says it.
    accept: ClassVar[str] = ""

    def __init__(self, spec: Spec) -> None:
        super().__init__(required=False, label=spec.label or label_from_key(spec.key))
        self.spec = spec
        self.max_length = spec.max_length or self.default_max_length

    @property
    def name(self) -> str:
        """What the reader calls it."""
        return label_of(self.spec)

    @property
    def placeholder(self) -> str:
        return placeholder_of(self.spec)

    @property
    def direction(self) -> str:
        """How a value reads on a page that reads from right to left; blank: as the page."""
        return "ltr"

    def problem(self, text: str, code: str, *, hint: str | None = None) -> Refused:
        """The error to raise: it names the field's label and never the value."""
        sentence = _("Field '%(label)s' %(text)s") % {"label": self.name, "text": text}
        return Refused([Problem(sentence, code, hint=hint)])

    def wrong_type(self, hint: str | None = None) -> Refused:
        return self.problem(str(self.text), self.problem_code, hint=hint)

    def run_validation(self, data: Any = None) -> Any:
        return self.to_internal_value(data)

    def to_internal_value(self, data: Any) -> Any:
        raise NotImplementedError

    def ends_at(self, value: Any) -> datetime | None:
        """When a checked value ends, where it says so by itself; in UTC."""
        return None

    def to_representation(self, value: Any) -> Any:
        return value

    # The JSON Schema of a value that is not blank.

    def value_schema(self) -> Schema:
        raise NotImplementedError

    # The form: a widget and two conversions, no rules.

    def form_field(self) -> forms.Field:
        spec = self.spec
        field = forms.Field(
            required=False,
            label=self.name,
            # Django prints help texts unescaped; this one is data.
            help_text=escape(text_of(spec, "help_text")),
            widget=never_echoing(self.form_widget()) if spec.secure else self.form_widget(),
            initial=None if spec.secure else self.to_form(spec.default),
        )
        if self.direction:
            field.widget.attrs.setdefault("dir", self.direction)
        field.spec = spec  # type: ignore[attr-defined]
        return field

    def form_widget(self) -> forms.Widget:
        attrs = {"placeholder": self.placeholder} if self.placeholder else {}
        return self.widget(attrs=attrs)

    def from_form(self, typed: Any) -> Any:
        """The JSON value of what was typed; what cannot be converted is passed on to be refused."""
        return typed

    def to_form(self, value: Any) -> Any:
        """What a widget shows for a stored value that is not secret."""
        return "" if value is None else value


class AnyField(SpecField):
    """Any JSON value, for our own contracts: what it means is checked by its reader."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def value_schema(self) -> Schema:
        return {}
