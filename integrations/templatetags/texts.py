"""Stored texts in the reader's language: `{{ connection.status_reason.message|in_words }}`."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from integrations.texts import stored_in_words, text_of

register = template.Library()


@register.filter
def in_words(stored: str | None) -> str:
    """A sentence that was stored in its original wording: a reason, a hint."""
    return stored_in_words(stored or "")


@register.filter
def text(owner: Any, name: str) -> str:
    """`{{ integration|text:"description" }}`: of a row or a definition of the catalogue."""
    return text_of(owner, name)


@register.filter
def moment(at: datetime | None) -> str:
    """A moment as the reader's language writes it, with its zone, for people and for programs."""
    if at is None:
        return ""
    # Apart from its surroundings: the direction of a date is that of its language.
    return format_html(
        '<time datetime="{}"><bdi>{}</bdi></time>',
        timezone.localtime(at).isoformat(timespec="seconds"),
        moment_text(at),
    )


@register.filter
def moment_text(at: datetime) -> str:
    """The same as plain text, for the middle of a sentence."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'DATETIME_FORMAT')} {timezone.get_current_timezone_name()}"
