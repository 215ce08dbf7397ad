"""Make the ready-made roles of staff, or bring them up to date: part of each release."""

from typing import Any

from django.core.management.base import BaseCommand

from connections.roles import make_roles


class Command(BaseCommand):
    help = "Make the groups Viewer, Operator, Catalogue editor and Administrator, or update them."

    def handle(self, *args: Any, **options: Any) -> None:
        make_roles(self.stdout.write)
