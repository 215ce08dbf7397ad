"""Parts of the editor that are drawn often: `{% fieldset_of_row fieldset prefix row number %}`."""

from typing import Any

from django import template
from django.template import engines
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
HEADING_LEVEL = 4


@register.simple_tag
def fieldset_of_row(fieldset: Any, prefix: str, row: int, number: int) -> SafeString:
    """A group of inputs of the row; `prefix`, `row` and `number` make its id."""
    drawn = engines["jinja2"].get_template("admin/fieldset.html")
    parts = {
        "fieldset": fieldset,
        "id": f"{prefix}-{row}-{number}",
        "heading_level": HEADING_LEVEL,
    }
    # The engine escapes all but what Django's forms drew.
    return mark_safe(drawn.render(parts))  # noqa: S308
