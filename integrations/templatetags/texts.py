"""Stored texts in the reader's language: `{{ connection.status_reason.message|in_words }}`."""

from typing import Any

from django import template

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
