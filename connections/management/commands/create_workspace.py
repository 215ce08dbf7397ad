"""Make a workspace: `manage.py create_workspace SLUG --name NAME`."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections.keyring_check import verify_keyring
from connections.models import Workspace, make_workspace


class Command(BaseCommand):
    help = "Make a workspace with a key of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        # Its first key is sealed under the keyring, which had better be the right one.
        verify_keyring()
        workspace = Workspace(slug=options["slug"], name=options["name"] or options["slug"])
        try:
            workspace.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        made = make_workspace(slug=workspace.slug, name=workspace.name)
        self.stdout.write(f"{made.public_id} {made.slug}")
