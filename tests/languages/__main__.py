"""For whoever changes or translates texts: `python -m tests.languages COMMAND`.

    update               extract every text into locale/, keep what is translated, compile
    untranslated         what some language lacks, as JSON: the file that a translator fills in
    take FILE            put such a file back, placeholders checked, and compile

The JSON is a list of `{context, msgid, plural, places, de: "", fr: "", …}`; a text with a plural
takes a list of its forms. A language that is left out, or blank, stays as it is.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mielto.settings")
# Nothing here opens a database or a secret.
os.environ.setdefault("MIELTO_MODE", "test")
os.environ.setdefault("SECRET_KEY", "of no installation: it only lets the settings be read, once")
os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")
os.environ.setdefault("MIELTO_ENV_FILE", os.devnull)
os.environ.setdefault("MIELTO_KEYRING", "v1:" + "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=")

import django  # noqa: E402

django.setup()

from tests.languages import catalogues  # noqa: E402


def update() -> None:
    messages = catalogues.extract()
    for language in catalogues.LANGUAGES:
        catalogues.write(language, messages, catalogues.read(language))


def untranslated() -> list[dict[str, Any]]:
    rows: dict[catalogues.Key, dict[str, Any]] = {}
    for language in catalogues.LANGUAGES:
        for entry in catalogues.read(language):
            if catalogues.is_translated(entry):
                continue
            row = rows.setdefault(
                (entry.msgctxt or "", entry.msgid),
                {
                    "context": entry.msgctxt or "",
                    "msgid": entry.msgid,
                    "plural": entry.msgid_plural,
                    "places": [place for place, _line in entry.occurrences],
                },
            )
            row[language] = [""] * catalogues.forms_of(language) if entry.msgid_plural else ""
    return list(rows.values())


def take(rows: list[dict[str, Any]]) -> list[str]:
    """Put translations in; what is wrong with those that were left out."""
    wrong = []
    for language in catalogues.LANGUAGES:
        po = catalogues.read(language)
        by_key = {(entry.msgctxt or "", entry.msgid): entry for entry in po}
        for row in rows:
            entry = by_key.get((row.get("context") or "", row["msgid"]))
            problem = "no such text" if entry is None else put(language, entry, row.get(language))
            if problem:
                wrong.append(f"{language}: {row['msgid']!r}: {problem}")
        catalogues.write(language, catalogues.extract(), po)
    return wrong


def put(language: str, entry: Any, given: Any) -> str:
    forms = given if isinstance(given, list) else [given]
    if not all(forms):
        return ""
    if len(forms) != (catalogues.forms_of(language) if entry.msgid_plural else 1):
        return f"{catalogues.forms_of(language)} plural forms are needed"
    before = entry.msgstr, entry.msgstr_plural
    if entry.msgid_plural:
        entry.msgstr_plural = dict(enumerate(forms))
    else:
        entry.msgstr = forms[0]
    problem = catalogues.wrong_with(entry)
    if problem:
        entry.msgstr, entry.msgstr_plural = before
    return problem


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.languages", usage=__doc__)
    parser.add_argument("command", choices=["update", "untranslated", "take"])
    parser.add_argument("file", nargs="?", type=Path)
    chosen = parser.parse_args()
    if chosen.command == "update":
        update()
    elif chosen.command == "untranslated":
        json.dump(untranslated(), sys.stdout, ensure_ascii=False, indent=1)
    else:
        wrong = take(json.loads(chosen.file.read_text(encoding="utf-8")))
        sys.stderr.write("".join(f"{line}\n" for line in wrong))
        return 1 if wrong else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
