"""A language that nobody speaks: every text that can be translated stands in ⟦brackets⟧.

Django's own texts are in it too. What a page shows outside of brackets, and is no data, was never
handed to gettext.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import django
import polib
from django.apps import apps

from tests.languages import catalogues

LANGUAGE = "tlh"
SHOWN_ATTRIBUTES = ("placeholder", "aria-label", "title", "alt", "content", "label", "data-words")
# How dates are written is not a matter of words.
SILENT = ("script", "style", "code", "pre", "time")
# Void elements have no end tag.
VOID = ("meta", "link", "input", "br", "img", "hr", "wbr", "source")


def write_language(folder: Path) -> None:
    """The message catalogue of the language below `folder`, which is one of LOCALE_PATHS."""
    po = polib.POFile()
    po.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    seen = set()
    for context, msgid, plural in (*_own(), *_of_libraries()):
        if (context, msgid) in seen:
            continue
        seen.add((context, msgid))
        entry = polib.POEntry(msgid=msgid, msgctxt=context or None)
        if plural:
            entry.msgid_plural = plural
            entry.msgstr_plural = {0: _marked(msgid), 1: _marked(plural)}
        else:
            entry.msgstr = _marked(msgid)
        po.append(entry)
    path = folder / LANGUAGE / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    po.save_as_mofile(str(path))


def _marked(text: str) -> str:
    return f"⟦{text}⟧"


def _own() -> Iterator[tuple[str, str, str]]:
    # From the German file and not from the sources: this walk takes no xgettext.
    for entry in catalogues.read("de"):
        yield entry.msgctxt or "", entry.msgid, entry.msgid_plural


def _of_libraries() -> Iterator[tuple[str, str, str]]:
    folders = [
        Path(django.__file__).parent / "conf",
        *(Path(app.path) for app in apps.get_app_configs()),
    ]
    for folder in folders:
        for path in folder.glob("locale/en/LC_MESSAGES/django.po"):
            for entry in polib.pofile(str(path)):
                yield entry.msgctxt or "", entry.msgid, entry.msgid_plural


class ShownTexts(HTMLParser):
    """The texts of a page that people see or hear."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            # What is in another language says so: the names of languages do.
            is_silent = tag in SILENT or (bool(given.get("lang")) and tag != "html")
            # Letters of a name, instead of a picture.
            is_silent = is_silent or "tile" in (given.get("class") or "").split()
            self.open.append(f"{tag} silent" if is_silent else tag)
        if tag == "meta":
            return
        self.texts += [given[name] or "" for name in SHOWN_ATTRIBUTES if name in given]
        if tag == "input" and given.get("type") in ("submit", "button", "reset"):
            self.texts.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop().split()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(tag.endswith("silent") for tag in self.open):
            self.texts.append(data)


def untranslated(page: str, data: tuple[str, ...]) -> list[str]:
    """Shown texts with letters outside of brackets, once `data` is taken away."""
    found = []
    for text in ShownTexts(page).texts:
        rest = text
        while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", "", rest)) != rest:
            rest = shorter
        for word in sorted(data, key=len, reverse=True):
            rest = rest.replace(word, "")
        if re.search(r"[A-Za-z]{2}", rest):
            found.append(" ".join(text.split()))
    return found
