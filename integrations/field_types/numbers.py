"""Numbers and truth values: the JSON type itself. Forms convert what was typed."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.field_types.base import Schema, SpecField

LARGEST = 2**63 - 1
# As many digits as a body may have.
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,307})\Z", re.ASCII)
_DECIMAL = re.compile(
    r"-?(?:0|[1-9][0-9]{0,307})(?:\.[0-9]{1,340})?(?:[eE][+-]?[0-9]{1,3})?\Z", re.ASCII
)


class NumberField(SpecField):
    text = gettext_lazy("must be a number")
    problem_code = "invalid_number"

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, int | float) or not self.is_right(data):
            raise self.wrong_type()
        low, high = self.bounds()
        if low is not None and data < low:
            raise self.problem(_("must be at least %(bound)s") % {"bound": _plain(low)}, "minimum")
        if high is not None and data > high:
            raise self.problem(_("must be at most %(bound)s") % {"bound": _plain(high)}, "maximum")
        return data

    def is_right(self, data: float) -> bool:
        # Neither NaN nor infinity is a JSON value; no body holds one, a form might.
        return data == data and abs(data) != float("inf")

    def bounds(self) -> tuple[float | None, float | None]:
        return self.spec.minimum, self.spec.maximum

    def value_schema(self) -> Schema:
        low, high = self.bounds()
        schema: Schema = {"type": "number"}
        if low is not None:
            schema["minimum"] = _plain(low)
        if high is not None:
            schema["maximum"] = _plain(high)
        return schema

    def form_widget(self) -> forms.Widget:
        if self.spec.secure:
            return forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"})
        return forms.TextInput(attrs={"inputmode": "decimal", "placeholder": self.placeholder})

    def from_form(self, typed: Any) -> Any:
        text = typed.strip() if isinstance(typed, str) else ""
        if _WHOLE.match(text):
            return int(text)
        return float(text) if _DECIMAL.match(text) else typed

    def to_form(self, value: Any) -> Any:
        return "" if value is None else str(value)


class IntegerField(NumberField):
    """A whole number that a signed 64-bit column holds."""

    text = gettext_lazy("must be a whole number")
    problem_code = "invalid_integer"
    unsaid = "is written without a fraction or an exponent (`7`, not `7.0`)"

    def is_right(self, data: float) -> bool:
        return isinstance(data, int)

    def bounds(self) -> tuple[float | None, float | None]:
        low, high = super().bounds()
        return (-LARGEST - 1 if low is None else low), (LARGEST if high is None else high)

    def value_schema(self) -> Schema:
        return {**super().value_schema(), "type": "integer"}

    def from_form(self, typed: Any) -> Any:
        text = typed.strip() if isinstance(typed, str) else ""
        return int(text) if _WHOLE.match(text) and text != "-0" else typed


def _plain(bound: float) -> float:
    """`5.0` from a column that holds both kinds reads `5`."""
    return int(bound) if float(bound).is_integer() and abs(bound) < 2**53 else bound


class BooleanField(SpecField):
    text = gettext_lazy("must be true or false")
    problem_code = "invalid_boolean"

    @property
    def direction(self) -> str:
        return ""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise self.wrong_type()
        return data

    def value_schema(self) -> Schema:
        return {"type": "boolean"}

    def form_widget(self) -> forms.Widget:
        # A list, not a check box: an unticked box cannot say "not answered".
        return forms.Select(
            choices=[("", "—"), ("true", gettext_lazy("Yes")), ("false", gettext_lazy("No"))]
        )

    def from_form(self, typed: Any) -> Any:
        return {"true": True, "false": False}.get(typed, typed) if isinstance(typed, str) else typed

    def to_form(self, value: Any) -> Any:
        if not isinstance(value, bool):
            return ""
        return "true" if value else "false"
