"""What is due right now, for those who have cron and no worker."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections.jobs.housekeeping import tidy_up
from connections.jobs.sweep import Sweep

LONGEST = 3600.0


class Command(BaseCommand):
    help = "Refresh tokens and test connections that are due, then stop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="what is due now, and no more")
        parser.add_argument("--threads", type=int, default=16, help="pieces of work at once")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["once"]:
            raise CommandError("Add --once; `manage.py worker` is what goes on for ever.")
        sweep = Sweep(max(1, options["threads"]))
        sweep.run_all(LONGEST)
        sweep.close()
        tidy_up()
        done = sweep.done
        self.stdout.write(
            "Refreshed: {}, not: {}. Tested: {}, not: {}.".format(
                *(
                    done[kind, went_well]
                    for kind in ("refresh", "test")
                    for went_well in (True, False)
                )
            )
        )
