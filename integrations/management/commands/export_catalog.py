"""Write definitions as catalogue files: `manage.py export_catalog [SLUG ...] [--to FOLDER]`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations import patterns
from integrations.catalogue import integration_definition, with_fields
from integrations.export import dump
from integrations.field_types.text import SlugField
from integrations.models import Integration


class Command(BaseCommand):
    help = "Write everybody's integrations as YAML: one to the terminal, or each to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="SLUG", help="by default all of them")
        parser.add_argument("--to", type=Path, metavar="FOLDER", help="where the files go")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = self._rows(options["slugs"])
        folder: Path | None = options["to"]
        if folder is None:
            if len(rows) != 1:
                raise CommandError("Name one integration, or say where the files go with --to.")
            self.stdout.write(dump(integration_definition(rows[0])), ending="")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for row in rows:
            self._write(row, folder)
        self.stdout.write(f"{len(rows)} written to {folder}")

    def _rows(self, slugs: list[str]) -> list[Integration]:
        rows = with_fields().filter(workspace_id=None, draft_of=None).order_by("slug")
        if slugs:
            rows = rows.filter(slug__in=slugs)
            missing = sorted(set(slugs) - {row.slug for row in rows})
            if missing:
                raise CommandError(f"There is no integration {', '.join(missing)}.")
        return list(rows)

    def _write(self, row: Integration, folder: Path) -> None:
        if not patterns.whole(SlugField.shape).matches(row.slug):
            raise CommandError(f"The slug of '{row.name}' cannot name a file.")
        (folder / f"{row.slug}.yaml").write_text(
            dump(integration_definition(row)), encoding="utf-8"
        )
