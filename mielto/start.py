"""How a server starts: with the application, or with one line that says why not."""

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

Application = TypeVar("Application")

# For gunicorn this exit code means "could not boot": it stops instead of trying for ever.
COULD_NOT_BOOT = 3


def started(handler: Callable[[], Application]) -> Application:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mielto.settings")
    try:
        # The prefix comes with each request.
        django.setup(set_prefix=False)
        application = handler()
        # An ASGI server imports its application inside the event loop, where Django lets nobody
        # query; and a connection of this process must not be inherited by forked workers.
        with ThreadPoolExecutor(max_workers=1) as aside:
            aside.submit(_verify_keyring).result()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"mielto: {error}\n")
        sys.exit(COULD_NOT_BOOT)
    return application


def _verify_keyring() -> None:
    # Models can be imported once the applications are set up, not before.
    from connections.keyring_check import verify_keyring

    try:
        verify_keyring()
    finally:
        connections.close_all()
