#!/usr/bin/env python
"""Run a management command of Mielto Connections."""

import os
import sys

from mielto import demo_environment


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mielto.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError:
        sys.exit("mielto: Django is not installed for this Python. Use .venv/bin/python: README.md")
    if command == "demo":
        demo_environment.prepare(sys.argv[2:], os.environ)
    try:
        if command == "new_key":
            print_new_key()
        else:
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # A wrong setting is the operator's to mend: one line, no stack trace.
        sys.exit(f"mielto: {error}")


def print_new_key() -> None:
    """Without settings: they do not load before there is a key."""
    from connections.management.commands.new_key import Command

    Command().run_from_argv(sys.argv)


if __name__ == "__main__":
    main()
