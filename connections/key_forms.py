"""The inputs of an API key, for its workspace's owners and for staff: the rules are the API's."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connections.key_serializers import ApiKeySerializer

LABELS = {
    "label": _("Label"),
    "permissions": _("Permissions"),
    "expires_at": _("Expires"),
    "ip_whitelist": _("Allowed addresses"),
    "status": _("Status"),
}
HELP = {
    "expires_at": _("Date, time and zone, such as 2030-01-31T12:00:00Z. Blank: never."),
    "ip_whitelist": _("Addresses or networks, one on each line. Blank: from everywhere."),
}


def key_inputs() -> dict[str, forms.Field]:
    """The widgets of the contract's fields: its rules stay in its serializer."""
    inputs = {name: ApiKeySerializer.spec_fields[name].form_field() for name in LABELS}
    for name, field in inputs.items():
        field.label, field.help_text = LABELS[name], HELP.get(name, "")
    return inputs


def key_serializer(form: forms.Form, *, is_new: bool) -> ApiKeySerializer:
    """What was typed, as the API would get it."""
    body = {
        name: ApiKeySerializer.spec_fields[name].from_form(form.cleaned_data.get(name))
        for name in LABELS
        if name in form.fields
    }
    return ApiKeySerializer(data=body, partial=not is_new)


def shown_value(key: Any, name: str) -> Any:
    """What an input starts with."""
    value = getattr(key, name)
    if name == "expires_at" and value is not None:
        value = value.isoformat()
    return ApiKeySerializer.spec_fields[name].to_form(value)
