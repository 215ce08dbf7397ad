"""How the fields of a method are laid out on a page, and how stored values read there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from connections.forms import LABELS
from integrations.field_types import build_field
from integrations.specs import Condition, MethodDefinition, Spec, label_from_key

_ONE_LINE = (forms.TextInput, forms.PasswordInput)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCondition:
    """A condition in words, and as the script compares it; `controller` is "" where it cannot."""

    label: str
    value: str
    controller: str = ""
    values: str = "[]"
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """One input with all that stands around it."""

    field: forms.BoundField
    spec: Spec | None = None
    condition: ShownCondition | None = None
    required_condition: ShownCondition | None = None
    is_required: bool = False
    clear: forms.BoundField | None = None
    file: forms.BoundField | None = None
    # Where the service's documentation says where the value is found.
    docs_url: str = ""
    # Where somebody else is asked for it; "" where nobody may be.
    ask_url: str = ""

    @property
    def group(self) -> str:
        return self.spec.group if self.spec else ""

    @property
    def is_advanced(self) -> bool:
        return self.spec is not None and self.spec.advanced

    @property
    def paste(self) -> str:
        """What a script may take off a paste, as JSON; "" where a paste is left alone."""
        widget, spec = self.field.field.widget, self.spec
        if spec is None or not isinstance(widget, _ONE_LINE):
            return ""
        taken = {"strip": spec.strip, "prefix": spec.prefix, "suffix": spec.suffix}
        if not spec.secure and not any(taken.values()):
            return ""
        return json.dumps({**taken, "isSecret": spec.secure})


@dataclass(slots=True, kw_only=True)
class Group:
    title: str
    is_advanced: bool = False
    rows: list[FieldRow] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        return any(row.field.errors for row in self.rows)


def condition_of(form: Any, condition: Condition | None) -> ShownCondition | None:
    controller = form.method.spec(condition.field) if condition else None
    if condition is None or controller is None:
        return None
    built = build_field(controller)
    shown = form.fields.get(controller.path)
    # A blank secret keeps what is stored, so the page cannot know what it says.
    is_known = shown is not None and not shown.is_stored
    words = [value_text(controller, value) for value in condition.values]
    return ShownCondition(
        label=built.name,
        value=_(" or ").join(words),
        controller=controller.path if is_known else "",
        values=json.dumps([str(built.to_form(value)) for value in condition.values]),
        default=str(built.to_form(controller.default)),
    )


def value_text(spec: Spec | None, value: Any) -> str:
    """A value in words: an option's label, Yes, a list on one line."""
    options = dict(spec.options) if spec else {}
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(value_text(spec, item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(options.get(str(value), value))


def shown_config(method: MethodDefinition, config: Mapping[str, Any]) -> list[tuple[str, str]]:
    """`(label, text)` of the values that are no secrets."""
    specs = {key: method.spec(f"config.{key}") for key in config}
    return [
        (field_name(method, f"config.{key}"), value_text(specs[key], value))
        for key, value in config.items()
    ]


def field_name(method: MethodDefinition, name: str) -> str:
    """What a field is called on the page, by `key` or `target.key`; fields may be gone by now."""
    spec = method.spec(name)
    if spec is not None:
        return build_field(spec).name
    return str(LABELS.get(name) or label_from_key(name.rpartition(".")[2] or name))


def web_address(url: str) -> str:
    """The address if it is one of the web, else nothing: it becomes a link."""
    return url if url.startswith(("https://", "http://")) else ""
