"""Choices, lists and name-value pairs."""

import json
import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations import patterns
from integrations.field_types.base import Schema, SpecField
from integrations.field_types.text import CONTROL
from integrations.field_types.typed_json import read_json
from integrations.texts import options_of

LONGEST_ITEM = 4096
LONGEST_NAME = 255
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


def lines_of(typed: str) -> list[str]:
    """The lines of a text area that say something. `splitlines` would break inside a value."""
    return [line.strip() for line in _LINE_BREAK.split(typed) if line.strip()]


class SelectField(SpecField):
    problem_code = "invalid_choice"

    @property
    def values(self) -> list[str]:
        return [value for value, _label in self.spec.options]

    @property
    def direction(self) -> str:
        return ""

    def wrong_type(self, hint: str | None = None) -> Any:
        text = _("must be one of: %(values)s") % {"values": ", ".join(self.values)}
        return self.problem(text, self.problem_code, hint=hint)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.values:
            raise self.wrong_type()
        return data

    def value_schema(self) -> Schema:
        return {"type": "string", "enum": self.values}

    def form_widget(self) -> forms.Widget:
        return forms.Select(choices=[("", "—"), *options_of(self.spec)])


class ListField(SpecField):
    """Distinct texts; `min_length` and `max_length` count them."""

    text = gettext_lazy("must be a list")
    problem_code = "invalid_list"
    default_max_length = 1000
    item: ClassVar[str] = rf"[^{CONTROL}]+"

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list):
            raise self.wrong_type()
        self.check_count(data)
        if not all(isinstance(item, str) and self.is_item(item) for item in data):
            raise self.wrong_type(_("Each entry is a short text of its own."))
        if len(set(data)) != len(data):
            raise self.problem(_("must not name anything twice"), "duplicate")
        return data

    def check_count(self, items: Sequence[Any]) -> None:
        if len(items) > self.max_length:
            text = _("must have at most %(count)d entries") % {"count": self.max_length}
            raise self.problem(text, "max_length")
        if self.spec.min_length and len(items) < self.spec.min_length:
            text = _("must have at least %(count)d entries") % {"count": self.spec.min_length}
            raise self.problem(text, "min_length")

    def is_item(self, item: str) -> bool:
        return len(item) <= LONGEST_ITEM and patterns.whole(self.item).matches(item)

    def item_schema(self) -> Schema:
        return {
            "type": "string",
            "maxLength": LONGEST_ITEM,
            "pattern": patterns.anchored(self.item),
        }

    def value_schema(self) -> Schema:
        return {
            "type": "array",
            "items": self.item_schema(),
            "minItems": self.spec.min_length or 1,
            "maxItems": self.max_length,
            "uniqueItems": True,
        }

    def form_widget(self) -> forms.Widget:
        return forms.Textarea(attrs={"rows": 3, "placeholder": self.placeholder})

    def from_form(self, typed: Any) -> Any:
        """One entry on each line, or a list in JSON: for entries that a line cannot hold."""
        if not isinstance(typed, str):
            return typed
        listed = read_json(typed)
        if isinstance(listed, list) and all(isinstance(item, str) for item in listed):
            return listed
        return lines_of(typed)

    def to_form(self, value: Any) -> Any:
        if not isinstance(value, list):
            return ""
        lines = "\n".join(value)
        return lines if self.from_form(lines) == value else json.dumps(value, ensure_ascii=False)


class MultiSelectField(SelectField, ListField):
    def is_item(self, item: str) -> bool:
        return item in self.values

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list):
            raise self.wrong_type()
        self.check_count(data)
        if not all(isinstance(item, str) and item in self.values for item in data):
            raise self.wrong_type()
        if len(set(data)) != len(data):
            raise self.problem(_("must not name anything twice"), "duplicate")
        return data

    def value_schema(self) -> Schema:
        return ListField.value_schema(self)

    def item_schema(self) -> Schema:
        return {"type": "string", "enum": self.values}

    def form_widget(self) -> forms.Widget:
        return forms.CheckboxSelectMultiple(choices=list(options_of(self.spec)))

    def from_form(self, typed: Any) -> Any:
        return typed

    def to_form(self, value: Any) -> Any:
        return value or []


class ScopesField(ListField):
    """Scope tokens (RFC 6749, section 3.3), as a list or separated by spaces; kept as a list."""

    text = gettext_lazy("must be a list of scopes")
    problem_code = "invalid_scopes"
    item = r"[\x21\x23-\x5b\x5d-\x7e]+"
    unsaid = "counts and tells apart the scopes of a text as those of a list"

    def to_internal_value(self, data: Any) -> list[str]:
        if isinstance(data, str):
            if not patterns.whole(rf"{self.item}(?: {self.item})*").matches(data):
                raise self.wrong_type()
            data = data.split(" ")
        return super().to_internal_value(data)

    def value_schema(self) -> Schema:
        text = {"type": "string", "pattern": patterns.anchored(rf"{self.item}(?: {self.item})*")}
        return {"anyOf": [super().value_schema(), text]}

    def form_widget(self) -> forms.Widget:
        return SpecField.form_widget(self)

    def from_form(self, typed: Any) -> Any:
        return typed.split() if isinstance(typed, str) else typed

    def to_form(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list) else value or ""


class KeyValuesField(SpecField):
    """An object of texts; the lengths count its members, one at least if nothing else is said."""

    text = gettext_lazy("must be name and value pairs")
    problem_code = "invalid_pairs"
    default_max_length = 100
    member: ClassVar[str] = rf"[^{CONTROL}]+"
    content: ClassVar[str] = rf"[^{CONTROL}]*"

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict) or len(data) < self.min_length:
            raise self.wrong_type()
        if len(data) > self.max_length:
            text = _("must have at most %(count)d entries") % {"count": self.max_length}
            raise self.problem(text, "max_length")
        if not all(self.is_pair(name, value) for name, value in data.items()):
            raise self.wrong_type(_("Names and values are texts of one line."))
        return data

    @property
    def min_length(self) -> int:
        return 1 if self.spec.min_length is None else self.spec.min_length

    def is_pair(self, name: str, value: Any) -> bool:
        return (
            isinstance(value, str)
            and len(name) <= LONGEST_NAME
            and len(value) <= LONGEST_ITEM
            and patterns.whole(self.member).matches(name)
            and patterns.whole(self.content).matches(value)
        )

    def value_schema(self) -> Schema:
        return {
            "type": "object",
            "minProperties": self.min_length,
            "maxProperties": self.max_length,
            "propertyNames": {
                "maxLength": LONGEST_NAME,
                "pattern": patterns.anchored(self.member),
            },
            "additionalProperties": {
                "type": "string",
                "maxLength": LONGEST_ITEM,
                "pattern": patterns.anchored(self.content),
            },
        }

    def form_widget(self) -> forms.Widget:
        placeholder = self.placeholder or gettext_lazy("Name: value")
        return forms.Textarea(attrs={"rows": 3, "placeholder": placeholder})

    def from_form(self, typed: Any) -> Any:
        """`Name: value` on each line, or an object in JSON: for what a line cannot hold.

        A line without a colon is left for the rule to refuse.
        """
        if not isinstance(typed, str) or not typed.strip():
            return typed
        listed = read_json(typed)
        if isinstance(listed, dict):
            return listed
        pairs = [line.partition(":") for line in lines_of(typed)]
        if not all(colon for _name, colon, _value in pairs):
            return typed
        names = [name.strip() for name, _colon, _value in pairs]
        if len(set(names)) != len(names):
            return typed
        return {name.strip(): value.strip() for name, _colon, value in pairs}

    def to_form(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return ""
        lines = "\n".join(f"{name}: {content}" for name, content in value.items())
        return lines if self.from_form(lines) == value else json.dumps(value, ensure_ascii=False)


class HeadersField(KeyValuesField):
    """HTTP fields (RFC 9110, section 5): a token as name, no line break in the value."""

    member = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
    content = (
        r"(?:[^\x00-\x20\x7f-\x9f]"
        r"(?:[^\x00-\x08\x0a-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\x9f])?)?"
    )
