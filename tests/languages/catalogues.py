"""The message catalogues: what the code, the templates and the catalogue files say, language by
language, in `locale/<language>/LC_MESSAGES/django.po` and, compiled, `.mo`.

Both are committed: whoever installs has no gettext. Extraction takes `xgettext`.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

from connections.forms import LABELS
from integrations.files import read_file
from integrations.management.commands.load_catalog import BUILT_IN
from integrations.texts import CONTEXT

ROOT = Path(__file__).resolve().parents[2]
SOURCE_FOLDERS = ("connections", "integrations", "mielto", "templates")
# The originals are English.
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
PLURALS = {
    "de": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "es": "nplurals=2; plural=(n != 1);",
    "ar": (
        "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : "
        "n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5);"
    ),
}
KEYWORDS = (
    "gettext_noop",
    "gettext_lazy",
    "ngettext_lazy:1,2",
    "pgettext:1c,2",
    "pgettext_lazy:1c,2",
    "npgettext:1c,2,3",
    "npgettext_lazy:1c,2,3",
)
# `%(name)s`, `%s` and `{name}`: what a translation has to keep.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
Key = tuple[str, str]


@dataclass
class Message:
    """A text to translate; `places` are files, without lines, which would change every day."""

    msgid: str
    context: str = ""
    plural: str = ""
    places: set[str] = field(default_factory=set)

    @property
    def key(self) -> Key:
        return self.context, self.msgid


def po_path(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def extract() -> dict[Key, Message]:
    """Every text, by context and original."""
    found: dict[Key, Message] = {}
    for message in (*_of_sources(), *_of_definitions()):
        known = found.setdefault(message.key, message)
        known.places |= message.places
        known.plural = known.plural or message.plural
    return dict(sorted(found.items()))


def _of_sources() -> Iterator[Message]:
    with tempfile.TemporaryDirectory() as folder:
        listed = []
        for path in _sources():
            name = str(path.relative_to(ROOT))
            copy = Path(folder, name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8")
            copy.write_text(text if path.suffix == ".py" else templatize(text), encoding="utf-8")
            listed.append(name)
        keywords = [f"--keyword={keyword}" for keyword in KEYWORDS]
        output = subprocess.run(
            ["xgettext", "--language=Python", "--from-code=UTF-8", "-o", "-", *keywords, *listed],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    for entry in polib.pofile(output):
        places = {place for place, _line in entry.occurrences}
        yield Message(entry.msgid, entry.msgctxt or "", entry.msgid_plural, places)


def _sources() -> list[Path]:
    paths = (path for folder in SOURCE_FOLDERS for path in (ROOT / folder).rglob("*"))
    return sorted(
        path
        for path in paths
        if path.suffix in (".py", ".html", ".txt") and "migrations" not in path.parts
    )


def _of_definitions() -> Iterator[Message]:
    # Problems name a field of the contract as programs do; on a page it is the reader's word.
    for name in LABELS:
        yield Message(name, CONTEXT, places={"connections/forms.py"})
    for path in sorted(BUILT_IN.glob("*.yaml")):
        place = {str(path.relative_to(ROOT))}
        for text in _texts_of(path):
            if _is_worded(text):
                yield Message(text, CONTEXT, places=set(place))


def _texts_of(path: Path) -> Iterator[str]:
    """What texts.py looks up; placeholders are data."""
    integration = read_file(path)
    yield from (integration.name, integration.description)
    for method in integration.methods:
        yield from (method.name, method.description)
        for spec in method.specs:
            yield from (spec.label, spec.help_text, spec.pattern_message, spec.group)
            yield from (label for _value, label in spec.options)


def _is_worded(text: str) -> bool:
    """Whether there is anything to translate: more than a code such as `us-east-1`."""
    is_code = re.fullmatch(r"[\w.:-]*\d[\w.:-]*", text) is not None
    return re.search(r"[A-Za-z]{2}", text) is not None and not is_code


def read(language: str) -> polib.POFile:
    path = po_path(language)
    return polib.pofile(str(path)) if path.exists() else polib.POFile()


def write(language: str, messages: dict[Key, Message], known: polib.POFile) -> None:
    """The catalogue with exactly these messages, what is known of them filled in; and compiled."""
    before = {(entry.msgctxt or "", entry.msgid): entry for entry in known}
    po = polib.POFile(wrapwidth=98)
    po.metadata = {
        "Project-Id-Version": "mielto-connections",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    for key, message in messages.items():
        po.append(_entry(language, message, before.get(key)))
    po_path(language).parent.mkdir(parents=True, exist_ok=True)
    po.save(str(po_path(language)))
    po.save_as_mofile(str(po_path(language).with_suffix(".mo")))


def _entry(language: str, message: Message, known: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(
        msgid=message.msgid,
        msgctxt=message.context or None,
        occurrences=[(place, "") for place in sorted(message.places)],
    )
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = dict.fromkeys(range(forms_of(language)), "")
        if known is not None and known.msgid_plural == message.plural:
            entry.msgstr_plural |= known.msgstr_plural
    elif known is not None and not known.msgid_plural:
        entry.msgstr = known.msgstr
    return entry


def forms_of(language: str) -> int:
    return int(PLURALS[language].split(";")[0].partition("=")[2])


def strings_of(entry: polib.POEntry) -> list[str]:
    if entry.msgid_plural:
        return [entry.msgstr_plural.get(form, "") for form in sorted(entry.msgstr_plural)]
    return [entry.msgstr]


def is_translated(entry: polib.POEntry) -> bool:
    return all(strings_of(entry)) and "fuzzy" not in entry.flags


def wrong_with(entry: polib.POEntry) -> str:
    """What is wrong with a translation, or nothing.

    In plural forms the number may be said in words: `one connection`.
    """
    for text in filter(None, strings_of(entry)):
        wanted = sorted(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        found = sorted(PLACEHOLDER.findall(text))
        if entry.msgid_plural:
            numbers = {"%(count)d", "%(count)s", "%(counter)s"}
            wanted, found = (sorted(set(names) - numbers) for names in (wanted, found))
        if wanted != found:
            return f"placeholders {found} instead of {wanted}"
        if text.startswith("\n") != entry.msgid.startswith("\n"):
            return "a line break at its start"
        if text.endswith("\n") != entry.msgid.endswith("\n"):
            return "a line break at its end"
    return ""
