"""Definitions that come and go as files: several in one text or archive, judged one by one.

Reading is bounded before anything is parsed: an upload, a text and an archive alike.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from integrations.catalogue import integration_definition, with_fields
from integrations.export import dump
from integrations.files import LARGEST_FILE, FileError, parse
from integrations.lint import lint
from integrations.models import Integration
from integrations.services import Outcome, outcome_of_import
from integrations.specs import IntegrationDefinition

# A form of that size is the most that is read at all.
LARGEST_IMPORT = 1000 * 1024
MOST_ITEMS = 500
# Lines and commas: the parser takes its time for each part, whatever its length.
MOST_PARTS = 40_000


class Unreadable(ValueError):
    """What was brought is no text of definitions at all; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One definition of an import, and what importing it would do.

    `errors` are sentences, with lines where there are any; `definition` is None where the text is
    none. `stored` is what it would replace.
    """

    name: str
    text: str = field(repr=False, default="")
    definition: IntegrationDefinition | None = None
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    outcome: Outcome | None = None
    stored: IntegrationDefinition | None = None


def texts_of(content: bytes) -> str:
    """The text of an upload: YAML, or an archive of YAML files, joined as documents."""
    if len(content) > LARGEST_IMPORT:
        raise Unreadable(_("It is larger than one megabyte."))
    if content.startswith(b"PK\x03\x04"):
        return "\n---\n".join(_unpacked(content))
    return _decoded(content)


def _unpacked(content: bytes) -> Iterator[str]:
    """The files of an archive, read no further than they may be long; names lead nowhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [
                one for one in archive.infolist() if one.filename.endswith((".yaml", ".yml"))
            ]
            if len(members) > MOST_ITEMS:
                raise Unreadable(_("The archive holds too many files."))
            left = LARGEST_IMPORT
            for member in members:
                with archive.open(member) as packed:
                    text = packed.read(LARGEST_FILE + 1)
                left -= len(text)
                if len(text) > LARGEST_FILE or left < 0:
                    raise Unreadable(_("The archive holds more than may be imported at once."))
                yield _decoded(text)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise Unreadable(_("The archive cannot be read.")) from error


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(_("It is not text in UTF-8.")) from error


def items_of(text: str) -> list[Item]:
    """Every document of the text with its report, in order. Raises Unreadable."""
    text = text.replace("\r\n", "\n")
    if len(text.encode(errors="replace")) > LARGEST_IMPORT:
        raise Unreadable(_("It is larger than one megabyte."))
    if text.count("\n") + text.count(",") > MOST_PARTS:
        raise Unreadable(_("It holds more than may be imported at once."))
    documents = list(_documents(text))
    if not documents:
        raise Unreadable(_("There is no definition in it."))
    if len(documents) > MOST_ITEMS:
        raise Unreadable(_("It holds more than may be imported at once."))
    seen: set[str] = set()
    return [_item(line, document, seen) for line, document in documents]


def _documents(text: str) -> Iterator[tuple[int, str]]:
    """`(line, text)` of each document; they are parted by lines of three hyphens."""
    start, lines = 0, text.split("\n")
    for number, line in enumerate([*lines, "---"]):
        if line.rstrip() in ("---", "..."):
            document = "\n".join(lines[start:number])
            if any(one.strip() and not one.lstrip().startswith("#") for one in lines[start:number]):
                yield start, document
            start = number + 1


def _item(line: int, text: str, seen: set[str]) -> Item:
    place = _("Line %(line)d") % {"line": line + 1}
    if len(text.encode(errors="replace")) > LARGEST_FILE:
        too_large = _("It is larger than %(count)d bytes.") % {"count": LARGEST_FILE}
        return Item(name=place, errors=(too_large,))
    try:
        # Its lines keep their numbers.
        definition = parse("\n" * line + text)
    except FileError as error:
        return Item(name=place, errors=(str(error),))
    if definition.slug in seen:
        twice = _("Another definition of this import has the slug '%(slug)s'.")
        return Item(name=definition.slug, errors=(twice % {"slug": definition.slug},))
    seen.add(definition.slug)
    return _judged(definition, text)


def _judged(definition: IntegrationDefinition, text: str) -> Item:
    found = lint(definition)
    errors = tuple(str(one) for one in found if one.level == "error")
    row = with_fields().filter(slug=definition.slug, workspace_id=None).first()
    return Item(
        name=definition.slug,
        text=text,
        definition=definition,
        errors=errors,
        warnings=tuple(str(one) for one in found if one.level == "warning"),
        outcome=None if errors else outcome_of_import(definition, row),
        stored=None if row is None else integration_definition(row),
    )


def exported(rows: Any) -> tuple[str, bytes]:
    """`(name, content)` of a file with one definition, or of an archive with several."""
    files = dict(_named_files(rows))
    if len(files) == 1:
        return next((name, text.encode()) for name, text in files.items())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return "integrations.zip", packed.getvalue()


def _named_files(rows: list[Integration]) -> Iterator[tuple[str, str]]:
    """A slug names its file; one that a workspace has of its own says so."""
    for row in rows:
        own = f"-{row.workspace_id}" if row.workspace_id else ""
        yield f"{row.slug}{own}.yaml", dump(integration_definition(row))
