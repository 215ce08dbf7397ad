"""Load catalogue files: `manage.py load_catalog [PATH]`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from integrations import lint
from integrations.files import FileError, read_file
from integrations.services import load_definition
from integrations.specs import IntegrationDefinition

BUILT_IN = Path(__file__).resolve().parents[2] / "catalog"
SENTENCES = {
    "created": "created",
    "updated": "updated",
    "kept": "kept as staff edited it; its file has not changed",
    "conflict": "NOT loaded: staff edited it and its file changed; --overwrite takes the file's",
}


class Command(BaseCommand):
    help = "Load integrations from a YAML file or a folder of them (by default the built-in ones)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="?", type=Path, default=BUILT_IN)
        parser.add_argument(
            "--overwrite", action="store_true", help="replace definitions that staff edited"
        )
        parser.add_argument(
            "--all-or-nothing", action="store_true", help="load nothing if one file is refused"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        definitions, refused = self._read(options["path"])
        if refused and options["all_or_nothing"]:
            raise CommandError(f"{refused} file(s) refused; nothing was loaded.")
        counts: dict[str, int] = {}
        with transaction.atomic():
            for definition in definitions:
                outcome = load_definition(definition, overwrite=options["overwrite"])
                counts[outcome] = counts.get(outcome, 0) + 1
                if outcome in SENTENCES:
                    self.stdout.write(f"{definition.slug}: {SENTENCES[outcome]}")
        summary = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
        self.stdout.write(summary or "nothing to load")
        if refused:
            raise CommandError(f"{refused} file(s) refused; the others were loaded.")

    def _read(self, path: Path) -> tuple[list[IntegrationDefinition], int]:
        if not path.exists():
            raise CommandError(f"{path} does not exist.")
        files = sorted(path.glob("*.y*ml")) if path.is_dir() else [path]
        definitions: list[IntegrationDefinition] = []
        named: dict[str, str] = {}
        for file in files:
            try:
                definition = read_file(file)
            except FileError as error:
                self.stderr.write(f"{file.name}: {error}")
                continue
            wrong = [str(finding) for finding in lint.errors(definition)]
            if definition.slug in named:
                wrong.append(f"{named[definition.slug]} has the slug '{definition.slug}' already")
            for sentence in wrong:
                self.stderr.write(f"{file.name}: {sentence}")
            if not wrong:
                named[definition.slug] = file.name
                definitions.append(definition)
        return definitions, len(files) - len(definitions)
