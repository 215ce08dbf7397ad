"""Text in all its shapes. A shape is a pattern, run here and published in the JSON Schema alike."""

import re
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations import patterns, problems
from integrations.field_types.base import BLANK, Schema, SpecField, is_blank
from integrations.texts import text_of

CONTROL = r"\x00-\x1f\x7f-\x9f"
_CONTROL_ON_LINE = re.compile(f"[{CONTROL}\ud800-\udfff]")
_CONTROL_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
EDGE = rf"[^{BLANK}](?:[\s\S]*[^{BLANK}])?"
_BLANK_EDGE = re.compile(rf"\A[{BLANK}]|[{BLANK}]\Z")
_BLANKS = "".join(filter(is_blank, map(chr, (*range(0x3001), 0xFEFF))))

# What people are shown in place of a secret, and what some programs send back unchanged.
_MASKS = "*\u2022\u25cf"
MASK = r"[*\u2022\u25cf]+"

LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
LAST_LABEL = r"[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOSTNAME = rf"(?:{LABEL}\.)*{LAST_LABEL}"
# Letters of other scripts, without the spaces and the specials among them.
WIDE = r"\u00a1-\u167f\u1681-\u1fff\u2070-\u2fff\u3001-\ud7ff\uf900-\ufefe\uff01-\uffef"
# Characters that stand for ASCII in a host name: fullwidth digits would become `127.0.0.1`, and
# the sign for "account of" the path `a/c`. Whole blocks where most of a block is of that kind.
DISGUISED = (
    r"\u00a1-\u00bf\u0132\u0133\u013f\u0140\u0149\u017f\u01c4-\u01cc\u01f1-\u01f3\u02b0-\u02ff"
    r"\u037a\u037e\u0384\u0385\u0387\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e"
    r"\u1d00-\u1dbf\u1e9a\u1fbd-\u1fc1\u1fcd-\u1fcf\u1fdd-\u1fdf\u1fed-\u1fef\u1ffd\u1ffe"
    r"\u2070-\u2bff\u2c7c\u2c7d\u3001-\u3004\u3008-\u3020\u3030\u309b\u309c\u3200-\u33ff"
    r"\ua7f2-\ua7f4\ufb00-\ufb06\ufb29\ufc5e-\ufc63\ufdfa\ufdfb\ufe00-\ufe7f\uff01-\uffef"
)


class StringField(SpecField):
    """One line of text without control characters or blank edges."""

    # The type's own shape over the whole value, beside the spec's pattern.
    shape: ClassVar[str] = ""
    # What must not be found anywhere in a value of that shape.
    never: ClassVar[str] = ""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise self.wrong_type()
        value = self.normalise(data)
        if is_blank(value):
            raise problems.Refused([problems.required(self.name)])
        self.check_length(value)
        self.check_characters(value)
        self.check_patterns(value)
        return value

    def normalise(self, value: str) -> str:
        """Take off what the spec says a paste may carry: `Bearer `, quotes, the shown prefix."""
        spec = self.spec
        for what in spec.strip:
            value = _stripped(value, what)
        if spec.prefix and value.startswith(spec.prefix):
            value = value[len(spec.prefix) :]
        if spec.suffix and value.endswith(spec.suffix) and value != spec.suffix:
            value = value[: -len(spec.suffix)]
        return value

    def check_length(self, value: str) -> None:
        if len(value) > self.max_length:
            text = _("must be at most %(count)d characters") % {"count": self.max_length}
            raise self.problem(text, "max_length")
        shortest = self.spec.min_length
        if shortest and len(value) < shortest:
            text = _("must be at least %(count)d characters") % {"count": shortest}
            raise self.problem(text, "min_length")

    def check_characters(self, value: str) -> None:
        if _BLANK_EDGE.search(value):
            raise self.problem(
                _("must not start or end with a space or line break"),
                "surrounding_space",
                hint=_("Remove what was copied along with the value."),
            )
        if _CONTROL_ON_LINE.search(value):
            raise self.wrong_type(_("Remove line breaks and control characters."))

    def check_patterns(self, value: str) -> None:
        spec = self.spec
        if spec.secure and not value.strip(_MASKS):
            raise self.problem(_("must be the value itself, not a mask"), "masked")
        if self.shape and not patterns.whole(self.shape).matches(value):
            raise self.wrong_type()
        if self.never and patterns.anywhere(self.never).matches(value):
            raise self.wrong_type()
        if spec.pattern and not patterns.whole(spec.pattern).matches(value):
            raise self._misfit()
        if spec.forbidden_pattern and patterns.anywhere(spec.forbidden_pattern).matches(value):
            raise self._misfit()

    @property
    def direction(self) -> str:
        # What has a shape is an address or a code; the rest may be words of any language.
        return "ltr" if self.shape or self.spec.secure else "auto"

    def _misfit(self) -> problems.Refused:
        said = text_of(self.spec, "pattern_message") or _("has an invalid format")
        return self.problem(said, "pattern")

    def character_patterns(self) -> list[str]:
        return [patterns.anchored(rf"[^{CONTROL}]*"), patterns.anchored(EDGE)]

    def value_schema(self) -> Schema:
        spec = self.spec
        held = self.character_patterns()
        held += [patterns.anchored(one) for one in (self.shape, spec.pattern) if one]
        schema: Schema = {
            "type": "string",
            "minLength": spec.min_length or 1,
            "maxLength": self.max_length,
            "allOf": [{"pattern": one} for one in held],
        }
        refused = [spec.forbidden_pattern, self.never]
        refused.append(patterns.anchored(MASK) if spec.secure else "")
        schema["allOf"] += [{"not": {"pattern": one}} for one in refused if one]
        return schema

    def form_widget(self) -> forms.Widget:
        if self.spec.secure:
            return forms.PasswordInput(
                render_value=False,
                attrs={"autocomplete": "off", "placeholder": self.placeholder},
            )
        return super().form_widget()


def _stripped(value: str, what: str) -> str:
    if what == "space":
        return value.strip(_BLANKS)
    if what == "quotes":
        is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'`"
        return value[1:-1] if is_quoted else value
    return value[len(what) :] if value.startswith(what) else value


class TextField(StringField):
    """Text of several lines."""

    default_max_length = 65_536

    def check_characters(self, value: str) -> None:
        if _CONTROL_IN_TEXT.search(value):
            raise self.wrong_type()

    def character_patterns(self) -> list[str]:
        return [
            patterns.anchored(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*"),
            f"[^{BLANK}]",
        ]

    def form_widget(self) -> forms.Widget:
        return forms.Textarea(attrs={"rows": 4, "placeholder": self.placeholder})

    def from_form(self, typed: Any) -> Any:
        # Browsers send every line break of a text area as CR LF.
        return typed.replace("\r\n", "\n") if isinstance(typed, str) else typed


class PasswordField(StringField):
    """A secret of one line."""


class EmailField(StringField):
    _atom = rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~{WIDE}-]+"
    _label = rf"[A-Za-z0-9{WIDE}](?:[A-Za-z0-9{WIDE}-]{{0,61}}[A-Za-z0-9{WIDE}])?"
    _last = rf"[A-Za-z{WIDE}][A-Za-z0-9{WIDE}-]{{0,61}}[A-Za-z0-9{WIDE}]"
    shape = rf"{_atom}(?:\.{_atom})*@(?:{_label}\.)+{_last}"
    never = f"[{DISGUISED}]"
    text = gettext_lazy("must be a valid email address")
    problem_code = "invalid_email"
    default_max_length = 254
    widget = forms.EmailInput

    def form_widget(self) -> forms.Widget:
        # `type=email` makes browsers rewrite addresses in other scripts before they are sent.
        return (
            super().form_widget()
            if self.spec.secure
            else forms.TextInput(attrs={"inputmode": "email", "placeholder": self.placeholder})
        )


class UUIDField(StringField):
    shape = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    text = gettext_lazy("must be a valid UUID")
    problem_code = "invalid_uuid"


class PhoneField(StringField):
    """A number in E.164 form: `+` and 7 to 15 digits."""

    shape = r"\+[1-9][0-9]{6,14}"
    text = gettext_lazy("must be a valid phone number")
    problem_code = "invalid_phone"


class SlugField(StringField):
    """A name in addresses: lower-case ASCII words joined by hyphens. For our own contracts."""

    shape = r"[a-z0-9]+(?:[-_][a-z0-9]+)*"
    text = gettext_lazy("must be lower-case letters, digits and hyphens")
    problem_code = "invalid_slug"
    default_max_length = 100
