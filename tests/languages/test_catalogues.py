"""The message catalogues are complete, compiled, and say what the code says."""

import os
import shutil

import polib
import pytest

from tests.languages import catalogues
from tests.languages.__main__ import put

EVERY_LANGUAGE = pytest.mark.parametrize("language", catalogues.LANGUAGES)


@EVERY_LANGUAGE
def test_every_text_is_translated(language):
    missing = [
        entry.msgid for entry in catalogues.read(language) if not catalogues.is_translated(entry)
    ]
    assert missing == []


@EVERY_LANGUAGE
def test_translations_keep_placeholders_and_line_breaks(language):
    wrong = {
        entry.msgid: problem
        for entry in catalogues.read(language)
        if (problem := catalogues.wrong_with(entry))
    }
    assert wrong == {}


@EVERY_LANGUAGE
def test_plural_forms_are_those_of_the_language(language):
    po = catalogues.read(language)
    assert po.metadata["Plural-Forms"] == catalogues.PLURALS[language]
    counts = {len(entry.msgstr_plural) for entry in po if entry.msgid_plural}
    assert counts == {catalogues.forms_of(language)}


@EVERY_LANGUAGE
def test_compiled_file_says_what_the_source_says(language):
    compiled = polib.mofile(str(catalogues.po_path(language).with_suffix(".mo")))

    def said(entries):
        return {
            (entry.msgctxt or "", entry.msgid): catalogues.strings_of(entry) for entry in entries
        }

    assert said(compiled) == said(catalogues.read(language))


def test_catalogues_hold_exactly_the_texts_of_the_code():
    if shutil.which("xgettext") is None and "CI" not in os.environ:
        pytest.skip("extraction takes xgettext, of Debian's package gettext")
    wanted = {(key, message.plural) for key, message in catalogues.extract().items()}
    for language in catalogues.LANGUAGES:
        held = {
            ((entry.msgctxt or "", entry.msgid), entry.msgid_plural)
            for entry in catalogues.read(language)
        }
        hint = "run: python -m tests.languages update, translate, and take: see its help"
        assert held == wanted, hint


def an_entry(msgid, plural=""):
    forms = dict.fromkeys(range(2), "") if plural else {}
    return polib.POEntry(msgid=msgid, msgid_plural=plural, msgstr_plural=forms)


@pytest.mark.parametrize(
    ("msgid", "plural", "given", "problem"),
    [
        ("Delete %(label)s", "", "%(label)s löschen", ""),
        ("Delete %(label)s", "", "%(Label)s löschen", "placeholders"),
        ("Delete %(label)s", "", "Löschen", "placeholders"),
        ("Use {name}", "", "Nimm {nam}", "placeholders"),
        ("%(count)d row", "%(count)d rows", ["eine Zeile", "%(count)d Zeilen"], ""),
        ("%(count)d row", "%(count)d rows", ["eine Zeile"], "2 plural forms"),
        ("%(count)d row of %(name)s", "%(count)d rows of %(name)s", ["a", "b"], "placeholders"),
    ],
    ids=["fits", "renamed", "lost", "braces", "number-in-words", "forms", "lost-in-plural"],
)
def test_what_a_translator_hands_in_is_checked(msgid, plural, given, problem):
    entry = an_entry(msgid, plural)
    found = put("de", entry, given)
    assert problem in found
    assert bool(found) is bool(problem)
    # What is wrong is left out.
    assert any(catalogues.strings_of(entry)) is not bool(problem)
