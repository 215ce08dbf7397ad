"""Print a fresh entry for the keyring. Runs without settings, which do not load without one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections.vault import Keyring, KeyringError, new_key


class Command(BaseCommand):
    help = "Print a new key-encryption key, to be put first in MIELTO_KEYRING."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        # No option: Django has a `--version` of its own.
        parser.add_argument("name", nargs="?", default="v1", help="its version, by default v1")

    def handle(self, *args: Any, **options: Any) -> None:
        entry = f"{options['name']}:{new_key()}"
        try:
            Keyring.parse(entry)
        except KeyringError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(entry)
