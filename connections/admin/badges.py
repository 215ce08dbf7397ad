"""A status in words and in colour; the words say it all."""

from django.utils.html import format_html

from connections.models import Connection

LABELS = dict(Connection.Status.choices)


def status_badge(status: str) -> str:
    return format_html('<span class="state state-{}">{}</span>', status, LABELS.get(status, status))
