"""Parts of the editor that are drawn often."""

from typing import Any

from django import template
from django.template import engines
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def drawn_fieldset(
    fieldset: Any, prefix: str, row: int, number: int, *, heading_level: int
) -> SafeString:
    """A group of inputs of a form in the admin; `prefix`, `row` and `number` make its id."""
    drawn = engines["jinja2"].get_template("admin/fieldset.html")
    parts = {
        "fieldset": fieldset,
        "id": f"{prefix}-{row}-{number}",
        "heading_level": heading_level,
    }
    # The engine escapes all but what Django's forms drew.
    return mark_safe(drawn.render(parts))  # noqa: S308
