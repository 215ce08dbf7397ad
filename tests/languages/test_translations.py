"""Definitions bring their texts in other languages: readers get them, programs the originals."""

import pytest
from django.utils import translation

from integrations.catalogue import integration_definition, with_fields
from integrations.export import dump
from integrations.files import FileError, parse
from integrations.lint import lint
from integrations.models import Integration
from integrations.requirements import build_requirements
from integrations.services import definition_digest, load_definition
from integrations.texts import label_of, localised, options_of, text_of

FILE = """
slug: post
name: Post office
type: api
description: Letters and parcels.
fields:
  - key: branch
    target: config
    type: string
    label: Branch
    translations: {de: {label: Filiale}, pt-BR: {label: Filial}}
auth_methods:
  - id: key
    name: Counter key
    description: From the counter.
    kind: custom
    default: true
    fields:
      - key: counter_key
        type: password
        label: Counter key
        help_text: Ask at the counter.
        placeholder: ck
        group: Counter
        pattern: 'ck[0-9]+'
        pattern_message: must be ck and digits
        examples: [ck1]
        translations:
          de:
            label: Schalterschlüssel
            help_text: Fragen Sie am Schalter.
            placeholder: ck0
            group: Schalter
            pattern_message: muss ck und Ziffern sein
      - key: speed
        target: config
        type: select
        label: Speed
        options: [{value: slow, label: Slow}, {value: fast, label: Fast}]
        translations: {de: {label: Tempo, options: {slow: Langsam, fast: Schnell}}}
    translations: {de: {name: Mit Schlüssel, description: Vom Schalter.}}
translations:
  de: {name: Die Post, description: Briefe und Pakete.}
"""


def texts(integration):
    method = integration.methods[0]
    spec, speed = method.spec("counter_key"), method.spec("speed")
    return {
        "integration": (integration.name, integration.description),
        "method": (method.name, method.description),
        "field": (spec.label, spec.help_text, spec.placeholder, spec.group, spec.pattern_message),
        "options": [label for _value, label in speed.options],
        "branch": method.spec("branch").label,
    }


ORIGINAL = {
    "integration": ("Post office", "Letters and parcels."),
    "method": ("Counter key", "From the counter."),
    "field": ("Counter key", "Ask at the counter.", "ck", "Counter", "must be ck and digits"),
    "options": ["Slow", "Fast"],
    "branch": "Branch",
}
GERMAN = {
    "integration": ("Die Post", "Briefe und Pakete."),
    "method": ("Mit Schlüssel", "Vom Schalter."),
    "field": (
        "Schalterschlüssel",
        "Fragen Sie am Schalter.",
        "ck0",
        "Schalter",
        "muss ck und Ziffern sein",
    ),
    "options": ["Langsam", "Schnell"],
    "branch": "Filiale",
}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", GERMAN),
        ("de-at", GERMAN),
        ("en", ORIGINAL),
        (None, ORIGINAL),
        # Not in the file, but all languages know the word.
        ("fr", ORIGINAL),
        ("pt-br", {**ORIGINAL, "branch": "Filial"}),
    ],
    ids=["de", "region", "original", "program", "not-there", "only-region"],
)
def test_reader_gets_the_texts_of_the_language(language, expected):
    definition = parse(FILE)
    with translation.override(language):
        assert texts(localised(definition)) == expected
        # What is shown is made once for each language.
        assert language is None or localised(definition) is localised(definition)
    assert texts(definition) == ORIGINAL


def test_localised_twice_says_the_same():
    with translation.override("de"):
        once = localised(parse(FILE))
        assert texts(localised(once)) == texts(once)
        assert label_of(once.methods[0].spec("branch")) == "Filiale"
        assert options_of(once.methods[0].spec("speed"))[0] == ("slow", "Langsam")


def test_texts_of_the_built_in_catalogue_are_translated_without_a_word_in_the_file():
    definition = parse(FILE.replace("label: Branch", "label: API key"))
    spec = definition.methods[0].spec("branch")
    with translation.override("fr"):
        assert text_of(spec, "label") == "Clé d’API"
    with translation.override("de"):
        assert text_of(spec, "label") == "Filiale"


@pytest.mark.parametrize(
    ("language", "problems"),
    [
        (
            "de",
            {
                "credentials.counter_key": "Feld „Schalterschlüssel“ muss ck und Ziffern sein",
                "config.branch": "Feld „Filiale“ ist erforderlich",
                "config.speed": "Feld „Tempo“ muss eines davon sein: slow, fast",
            },
        ),
        (
            None,
            {
                "credentials.counter_key": "Field 'Counter key' must be ck and digits",
                "config.branch": "Field 'Branch' is required",
                "config.speed": "Field 'Speed' must be one of: slow, fast",
            },
        ),
    ],
    ids=["page", "program"],
)
def test_messages_name_the_field_as_the_reader_knows_it(language, problems):
    definition = parse(FILE)
    # Built once, whoever asks first.
    rules = build_requirements(definition, definition.methods[0])
    found = {}
    with translation.override(language):
        rules().checked({"credentials": {"counter_key": "x"}, "config": {"speed": "x"}}, found)
    assert {path: str(one[0]) for path, one in found.items()} == problems


def test_exported_file_brings_its_translations_back():
    definition = parse(FILE)
    again = parse(dump(definition))
    assert again == definition
    assert definition_digest(again) == definition_digest(definition)
    assert definition_digest(parse(FILE.replace("Pakete", "Päckchen"))) != definition_digest(again)


@pytest.mark.django_db
def test_stored_definition_keeps_its_translations():
    definition = parse(FILE)
    assert load_definition(definition) == "created"
    assert load_definition(definition) == "unchanged"
    row = Integration.objects.get(slug="post")
    assert row.translations == {"de": {"name": "Die Post", "description": "Briefe und Pakete."}}
    stored = integration_definition(with_fields().get(slug="post"))
    with translation.override("de"):
        assert texts(localised(stored)) == GERMAN
        assert text_of(row, "description") == "Briefe und Pakete."


def line_of(words):
    return next(at for at, line in enumerate(FILE.split("\n"), 1) if words in line)


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("  de: {name: Die Post", "  d_e: {name: Die Post", "Die Post", "'d_e' is no language tag"),
        ("  de: {name: Die Post", "  Deutsch: {name: Die Post", "Die Post", "no language tag"),
        ("pt-BR:", "DE:", "Filiale", "the language 'DE' stands here twice"),
        (
            "{de: {label: Filiale}, pt-BR: {label: Filial}}",
            "{de: Filiale}",
            "Filiale",
            "'de' must map attributes to texts",
        ),
        (
            "translations: {de: {label: Filiale}, pt-BR: {label: Filial}}",
            "translations: [Filiale]",
            "Filiale",
            "'translations' must map languages to texts",
        ),
        ("label: Schalter", "lable: Schalter", "Schalterschl", "Unknown field 'lable'"),
        ("group: Schalter", "group: 7", "group: Schalter", "must be text"),
        ("{name: Mit Schl", "{label: Mit Schl", "Mit Schl", "Unknown field 'label'"),
        ("slow: Langsam", "slow: [1]", "Langsam", "must be name and value pairs"),
    ],
    ids=[
        "no-tag",
        "name-of-a-language",
        "twice",
        "no-mapping",
        "no-languages",
        "unknown-of-field",
        "no-text",
        "unknown-of-method",
        "options",
    ],
)
def test_wrong_translation_is_refused_with_its_line(old, new, at, message):
    assert old in FILE
    with pytest.raises(FileError) as refused:
        parse(FILE.replace(old, new, 1))
    assert str(refused.value).startswith(f"line {line_of(at)}: ")
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "where", "name"),
    [
        ("description: Letters and parcels.\n", "", "", "description"),
        ("    description: From the counter.\n", "", "key", "description"),
        ("        group: Counter\n", "", "key.counter_key", "group"),
        ("fast: Schnell", "express: Express", "key.speed", "options.express"),
    ],
    ids=["integration", "method", "field", "option"],
)
def test_translation_without_an_original_is_a_warning(old, new, where, name):
    assert not [one for one in lint(parse(FILE)) if one.code == "needless_translation"]
    found = [one for one in lint(parse(FILE.replace(old, new, 1))) if "translation" in one.code]
    assert [(one.level, one.where, one.code) for one in found] == [
        ("warning", where, "needless_translation")
    ]
    assert f"'{name}'" in found[0].message
