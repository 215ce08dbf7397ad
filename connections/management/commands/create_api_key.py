"""Make an API key and print it, once: nothing else goes to standard output."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections.access.actors import Actor
from connections.key_serializers import ApiKeySerializer
from connections.models import Workspace
from connections.services.api_keys import create_api_key


class Command(BaseCommand):
    help = "Make an API key for a workspace and print it. It cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="the workspace's slug")
        parser.add_argument("--label", required=True)
        parser.add_argument("--permissions", default="read", help="such as read,write")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace '{options['workspace']}'.")
        permissions = [one.strip() for one in options["permissions"].split(",")]
        serializer = ApiKeySerializer(data={"label": options["label"], "permissions": permissions})
        if not serializer.is_valid():
            raise CommandError(" ".join(map(str, sum(serializer.problems.values(), []))))
        actor = Actor(name="command", workspace=workspace)
        _key, secret = create_api_key(actor=actor, columns=serializer.columns())
        self.stdout.write(secret)
