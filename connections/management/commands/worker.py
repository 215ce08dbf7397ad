"""The work in the background, in one process: refreshes, live tests, queued tasks."""

import os
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from connections.jobs.worker import Worker

STOP = (signal.SIGTERM, signal.SIGINT)


class Command(BaseCommand):
    help = "Refresh tokens, test connections and carry out queued tasks until told to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--threads", type=int, default=16, help="pieces of work at once")
        parser.add_argument("--poll", type=float, default=2.0, help="seconds between two looks")
        parser.add_argument(
            "--with-parent", action="store_true", help="end when the process that started it ends"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        parent = os.getppid()
        is_alone = not options["with_parent"]
        worker = Worker(
            threads=max(1, options["threads"]),
            poll=max(0.05, options["poll"]),
            goes_on=lambda: is_alone or os.getppid() == parent,
        )
        for number in STOP:
            signal.signal(number, lambda _number, _frame: self.stop(worker))
        worker.run()

    def stop(self, worker: Worker) -> None:
        """Finish what was begun; whoever insists gets their way."""
        for number in STOP:
            signal.signal(number, signal.SIG_DFL)
        worker.stop()
