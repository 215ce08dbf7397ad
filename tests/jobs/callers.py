"""A process full of callers who all want the credentials of the same connections at once.

Reads `{workspace, connections, callers}` in one line, answers `"ready"`, begins at the next line
and answers with the access tokens that each caller got, by connection.
"""

import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

django.setup()

from django.db import connections  # noqa: E402

from connections.access.actors import Actor  # noqa: E402
from connections.models import Connection, Workspace  # noqa: E402
from connections.services.locks import Overtaken  # noqa: E402
from connections.services.refresh import RefreshFailed, fresh_credential  # noqa: E402


def main() -> None:
    order = json.loads(sys.stdin.readline())
    workspace = Workspace.objects.get(pk=order["workspace"])
    say("ready")
    sys.stdin.readline()
    with ThreadPoolExecutor(order["callers"]) as pool:
        found = list(
            pool.map(lambda _n: read_all(workspace, order["connections"]), range(order["callers"]))
        )
    say(found)


def say(message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def read_all(workspace: Workspace, ids: list[str]) -> dict[str, Any]:
    actor = Actor(name="caller", workspace=workspace)
    got = {}
    for public_id in random.sample(ids, len(ids)):
        row = Connection.objects.find(workspace, public_id)
        assert row is not None
        try:
            credential = fresh_credential(row, actor=actor)
            got[public_id] = credential.get_values()["access_token"] if credential else None
        except (RefreshFailed, Overtaken) as error:
            got[public_id] = f"{type(error).__name__} {error}"
    connections.close_all()
    return got


if __name__ == "__main__":
    main()
