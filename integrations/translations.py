"""The `translations` of a definition: `{de: {label: …, help_text: …}, …}`, as files and forms write
them. Which language is shown is the matter of texts.py.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from integrations import patterns
from integrations.requirements import StrictSerializer
from integrations.specs import Spec

# A language and at most two subtags (RFC 5646): `de`, `pt-BR`, `zh-Hant-TW`.
LANGUAGE_TAG = r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}"


def _text(key: str, longest: int) -> Spec:
    return Spec(key=key, type="text", label=key, required=False, max_length=longest)


class FieldTexts(StrictSerializer):
    specs = (
        _text("label", 100),
        _text("help_text", 4096),
        _text("placeholder", 255),
        _text("pattern_message", 255),
        _text("group", 100),
        # By the value of each option.
        Spec(key="options", type="key_values", label="options", required=False, max_length=500),
    )


class MethodTexts(StrictSerializer):
    specs = (_text("name", 255), _text("description", 4096))


class IntegrationTexts(StrictSerializer):
    specs = (_text("name", 255), _text("description", 4096))


def translation_problems(
    texts: type[StrictSerializer], translations: Any
) -> Iterator[tuple[tuple[str, ...], str]]:
    """`(path, what is wrong)`; the path leads to the key that is to be mended."""
    if not isinstance(translations, Mapping):
        yield (), "'translations' must map languages to texts"
        return
    seen: set[str] = set()
    for tag, found in translations.items():
        if not patterns.whole(LANGUAGE_TAG).matches(tag):
            yield (tag,), f"'{tag}' is no language tag such as de or pt-BR"
        elif tag.lower() in seen:
            yield (tag,), f"the language '{tag}' stands here twice"
        elif not isinstance(found, Mapping):
            yield (tag,), f"'{tag}' must map attributes to texts"
        else:
            serializer = texts(data=found)
            if not serializer.is_valid():
                for name, problems in serializer.problems.items():
                    yield (tag, name), str(problems[0])
        seen.add(tag.lower())


def needless_translations(owner: Any) -> Iterator[tuple[str, str]]:
    """`(language, attribute)` of texts whose original does not exist: nobody will ever see them."""
    for tag, texts in owner.translations.items():
        for name in texts:
            if not getattr(owner, name):
                yield tag, name
        values = {value for value, _label in getattr(owner, "options", ())}
        for value in texts.get("options", {}):
            if values and value not in values:
                yield tag, f"options.{value}"
