"""Make a small installation to try everything out, tell how to get in, and serve it.

What it needs before the settings load is in mielto/demo_environment.py.
"""

import json
import os
import secrets
import shlex
import socket
import sys
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connections, transaction

from connections.access.actors import Actor
from connections.keyring_check import verify_keyring
from connections.models import ApiKey, Membership, Workspace, make_workspace
from connections.roles import make_roles
from connections.services.api_keys import create_api_key, delete_api_key
from mielto.demo_environment import MODE, NOT_HERE

HOST = "127.0.0.1"
SLUG = "demo"
KEY_LABEL = "demo"
PERMISSIONS = ["read", "write", "reveal"]
STAFF, END_USER = "admin", "user"

CONNECTION = {
    "integration": "openai",
    "integration_type": "model",
    "label": "My first connection",
    "credentials": {"api_key": "sk-EXAMPLE-aaaaaaaaaaaaaaaaaaaa"},
}
# Three mistakes at once: the answer names them all.
REFUSED_CONNECTION = {
    "integration": "zendesk",
    "integration_type": "connectors",
    "config": {"subdomain": "acme.example/agent"},
    "credentials": {"email": "agent@localhost"},
}


@dataclass
class NewSecrets:
    """What was made in this run and can be shown in this run only."""

    passwords: dict[str, str] = field(default_factory=dict)
    api_key: str = ""


class Command(BaseCommand):
    help = "Make a demo with a database of its own, print how to get in, and serve it."
    # `verify_keyring` says the same in one line.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="on 127.0.0.1, by default 8000")
        parser.add_argument("--no-serve", action="store_true", help="prepare everything, then stop")
        parser.add_argument(
            "--new-secrets", action="store_true", help="replace the passwords and the API key"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MIELTO_MODE != MODE:
            raise CommandError(NOT_HERE.format(mode=settings.MIELTO_MODE))
        port, listener = options["port"], None
        if not options["no_serve"]:
            listener = listen(port)
            port = listener.getsockname()[1]
        catalogue = prepare_database()
        made = make_demo(replace_secrets=options["new_secrets"])
        self.stdout.write(f"Catalogue: {catalogue}.\n\n{way_in(f'http://{HOST}:{port}', made)}")
        if listener is not None:
            self.stdout.write("\nServing. Ctrl-C stops it.")
            serve(listener, port)


def listen(port: int) -> socket.socket:
    """The socket that the server will use: a port in use is known before anything else is done."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        reason = os.strerror(error.errno or 0)
    except OverflowError:
        reason = "a port is a number up to 65535"
    raise CommandError(f"Port {port} cannot be used ({reason}): choose another with --port.")


def prepare_database() -> str:
    """Make or update the tables and the catalogue; return what happened to the catalogue."""
    report = StringIO()
    try:
        call_command("migrate", verbosity=0)
        verify_keyring()
        call_command("load_catalog", stdout=report)
        make_roles()
    except OperationalError as error:
        database = settings.DATABASES["default"]["NAME"]
        raise CommandError(f"The database {database} cannot be used: {error}.") from error
    return report.getvalue().splitlines()[-1]


@transaction.atomic
def make_demo(*, replace_secrets: bool) -> NewSecrets:
    """A workspace, its people and a key. What is there stays, secrets too unless told otherwise."""
    made = NewSecrets()
    workspace = Workspace.objects.filter(slug=SLUG).first()
    if workspace is None:
        workspace = make_workspace(slug=SLUG, name="Demo")
    for name, role in ((STAFF, Membership.Role.OWNER), (END_USER, Membership.Role.MEMBER)):
        user, is_new = get_user_model().objects.get_or_create(
            username=name,
            defaults={"is_staff": name == STAFF, "is_superuser": name == STAFF},
        )
        Membership.objects.get_or_create(workspace=workspace, user=user, defaults={"role": role})
        if is_new or replace_secrets:
            made.passwords[name] = secrets.token_urlsafe(12)
            user.set_password(made.passwords[name])
            user.save(update_fields=["password"])
    made.api_key = make_key(workspace, replace_secrets=replace_secrets)
    return made


def make_key(workspace: Workspace, *, replace_secrets: bool) -> str:
    """The secret of a new key; empty where there is one already and it is to stay."""
    actor = Actor(name="command", workspace=workspace)
    there = ApiKey.objects.within(workspace.id).filter(label=KEY_LABEL)
    if there and not replace_secrets:
        return ""
    for key in there:
        delete_api_key(actor=actor, key=key)
    columns = {"label": KEY_LABEL, "permissions": PERMISSIONS}
    return create_api_key(actor=actor, columns=columns)[1]


def way_in(url: str, made: NewSecrets) -> str:
    unknown = "(as first shown)"
    lines = [
        f"Web        {url}/",
        f"Admin      {url}/admin/",
        f"API docs   {url}/api/docs",
        "",
        f"Staff      {STAFF}  {made.passwords.get(STAFF, unknown)}",
        f"End user   {END_USER}   {made.passwords.get(END_USER, unknown)}",
        f"API key    {made.api_key or unknown}",
        "",
    ]
    if not made.passwords or not made.api_key:
        lines += [
            "Passwords and keys are stored as digests and cannot be shown again.",
            "`manage.py demo --new-secrets` makes new ones.",
        ]
    if made.api_key:
        lines += [
            "Write them down: they are not shown again.",
            "",
            "A connection; the key is made up, so OpenAI is not asked:",
            curl(f"{url}/api/v1/connections?verify=never", made.api_key, CONNECTION),
            "",
            "One that is refused, with every reason:",
            curl(f"{url}/api/v1/connections", made.api_key, REFUSED_CONNECTION),
        ]
    return "\n".join(lines)


def curl(url: str, api_key: str, body: dict[str, Any]) -> str:
    parts = (
        ("curl", url),
        ("-H", f"Authorization: Bearer {api_key}"),
        ("-H", "Content-Type: application/json"),
        ("-d", json.dumps(body)),
    )
    return " \\\n  ".join(map(shlex.join, parts))


def serve(listener: socket.socket, port: int) -> None:
    """Become gunicorn, so that Ctrl-C and signals reach it and nothing stands in between."""
    connections.close_all()
    listener.set_inheritable(True)
    sys.stdout.flush()
    command = [sys.executable, "-m", "gunicorn", "mielto.wsgi", "--log-level=warning"]
    command += [f"--chdir={settings.BASE_DIR}", f"--config={settings.BASE_DIR}/gunicorn.conf.py"]
    command += [f"--bind=fd://{listener.fileno()}"]
    # Tokens are refreshed and connections tried by a worker that comes and goes with the server.
    environ = {
        **os.environ,
        "PUBLIC_URL": f"http://{HOST}:{port}",
        "MIELTO_WORKER_BESIDE": "true",
    }
    os.execve(sys.executable, command, environ)  # noqa: S606 - our own interpreter, no shell
