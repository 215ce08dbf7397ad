"""Texts that are data, in the reader's language: what definitions say, and what was stored.

A definition's own `translations` come first; then the message catalogues, where the texts of the
built-in catalogue stand under their originals with the context `catalogue`. Where no language is
active, which is so for programs, every text is its original.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import get_language, gettext, pgettext

from integrations.specs import IntegrationDefinition, MethodDefinition, Spec, label_from_key

CONTEXT = "catalogue"
Translations = Mapping[str, Mapping[str, Any]]
# Wordings of rules that name a field and were stored as they were found.
_NAMING_A_FIELD = (
    "Field '%(label)s' is required",
    "Field '%(label)s' has expired",
    "Field '%(label)s' is not applicable here",
    "Field '%(label)s' cannot be changed",
    "Field '%(label)s' %(text)s",
)


def translated(original: str) -> str:
    """A text of the built-in catalogue; any other stays as it is."""
    if not original or get_language() is None:
        return original
    return pgettext(CONTEXT, original)


def text_of(owner: Any, name: str) -> str:
    """The text `name` of a spec, a method, an integration or one of their rows."""
    original: str = getattr(owner, name)
    if not original:
        return original
    return _own(owner.translations, name) or translated(original)


def has_words(integration: Any, words: str) -> bool:
    """Whether the words are in what its reader reads of it, in any case."""
    texts = (integration.slug, text_of(integration, "name"), text_of(integration, "description"))
    return any(words.casefold() in text.casefold() for text in texts)


def options_of(spec: Spec) -> tuple[tuple[str, str], ...]:
    """The options with their labels as the reader reads them."""
    own: Mapping[str, str] = _own(spec.translations, "options") or {}
    return tuple((value, own.get(value) or translated(label)) for value, label in spec.options)


def label_of(spec: Spec) -> str:
    return text_of(spec, "label") or label_from_key(spec.key)


def _own(translations: Translations, name: str) -> Any:
    """What the definition itself says in the active language, or in that of its region."""
    language = get_language()
    if not translations or language is None:
        return None
    by_tag = {tag.lower(): texts for tag, texts in translations.items()}
    for tag in (language.lower(), language.partition("-")[0].lower()):
        if by_tag.get(tag, {}).get(name):
            return by_tag[tag][name]
    return None


def localised(integration: IntegrationDefinition) -> IntegrationDefinition:
    """The definition as its reader reads it, to be shown; made once per revision and language."""
    language = get_language()
    if language is None:
        return integration
    # A space: no method is called like that.
    key = f"in {language}"
    if key not in integration.built:
        integration.built[key] = replace(
            integration,
            name=text_of(integration, "name"),
            description=text_of(integration, "description"),
            methods=tuple(map(localised_method, integration.methods)),
            translations={},
            built={},
        )
    found: IntegrationDefinition = integration.built[key]
    return found


def localised_method(method: MethodDefinition) -> MethodDefinition:
    return replace(
        method,
        name=text_of(method, "name"),
        description=text_of(method, "description"),
        specs=tuple(map(_localised_spec, method.specs)),
        translations={},
    )


def _localised_spec(spec: Spec) -> Spec:
    return replace(
        spec,
        label=label_of(spec),
        help_text=text_of(spec, "help_text"),
        placeholder=placeholder_of(spec),
        pattern_message=text_of(spec, "pattern_message"),
        group=text_of(spec, "group"),
        options=options_of(spec),
        translations={},
    )


def placeholder_of(spec: Spec) -> str:
    """An example of a value: in other words only where the definition itself has some."""
    return _own(spec.translations, "placeholder") or spec.placeholder


def stored_in_words(stored: str) -> str:
    """A sentence that was stored in its original wording, in the reader's.

    What no message catalogue knows stays as it was stored.
    """
    if not stored or get_language() is None:
        return stored
    sentence = stored.removesuffix(".")
    for original, ending in ((stored, ""), (sentence, ".")):
        if gettext(original) != original:
            return gettext(original) + ending
    return _field_in_words(sentence) + stored[len(sentence) :]


def _field_in_words(sentence: str) -> str:
    for wording in _NAMING_A_FIELD:
        pattern = re.escape(wording).replace(r"%\(label\)s", "(?P<label>.+?)")
        found = re.fullmatch(pattern.replace(r"%\(text\)s", "(?P<text>.+)"), sentence)
        if found:
            named = {"label": translated(found["label"])}
            if "text" in found.groupdict():
                named["text"] = _rule_in_words(found["text"])
            return gettext(wording) % named
    return sentence


def _rule_in_words(text: str) -> str:
    """`must be at least 8 characters`, or the pattern message of a definition."""
    count = re.search(r"\d+", text)
    if count:
        wording = text.replace(count.group(), "%(count)d", 1)
        if gettext(wording) != wording:
            return gettext(wording) % {"count": int(count.group())}
    return gettext(text) if gettext(text) != text else translated(text)
