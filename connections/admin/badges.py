"""A status in words and in colour; the words say it all."""

from django.utils.html import format_html

from connections.models import Connection


def status_badge(status: str) -> str:
    label = Connection.STATUS_LABELS.get(status, status)
    return format_html('<span class="state state-{}">{}</span>', status, label)
