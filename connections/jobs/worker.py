"""The worker: sweeps what is due and carries out queued tasks until it is told to stop."""

import logging
import threading
import time
from collections.abc import Callable

from django.db import close_old_connections, connections
from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME
from django_tasks_db.management.commands.db_worker import Worker as TaskRunner
from django_tasks_db.models import DBTaskResult

from connections.jobs.housekeeping import tidy_up
from connections.jobs.sweep import Sweep

logger = logging.getLogger("connections.jobs")

SECONDS_TO_FINISH = 20.0
SECONDS_AFTER_A_FAILURE = 5.0
SECONDS_BETWEEN_TIDYING = 600.0


class Worker:
    """`run` returns after `stop`, once what was begun is finished or has had its time."""

    def __init__(self, *, threads: int, poll: float, goes_on: Callable[[], bool]) -> None:
        self.sweep = Sweep(threads)
        self.poll = poll
        # Asked at every turn: a worker that was started by another process ends with it.
        self.goes_on = goes_on
        self.tasks = task_runner()
        self._stopped = threading.Event()

    def stop(self) -> None:
        self.tasks.running = False
        self._stopped.set()

    def run(self) -> None:
        beside = threading.Thread(target=self._turn_until_stopped, args=(self.run_tasks,))
        beside.start()
        self._turn_until_stopped(self.run_sweep)
        beside.join(SECONDS_TO_FINISH)
        self.sweep.wait_until_idle(SECONDS_TO_FINISH)
        self.sweep.close()

    def _turn_until_stopped(self, turn: Callable[[], float]) -> None:
        """`turn` returns after how many seconds it wants to be called again."""
        while not self._stopped.is_set():
            try:
                close_old_connections()
                seconds = turn()
            except Exception:
                # A database that is away comes back; whatever else it is, the rest goes on.
                logger.exception("the worker stumbled: trying again")
                connections.close_all()
                seconds = SECONDS_AFTER_A_FAILURE
            self._stopped.wait(seconds)
        connections.close_all()

    def run_sweep(self) -> float:
        if not self.goes_on():
            self.stop()
            return 0.0
        if not self.sweep.start_due():
            return self.poll
        self.sweep.wait_for_room(self.poll)
        return 0.0

    def run_tasks(self) -> float:
        """Everything that is queued, one after the other."""
        if DBTaskResult.objects.ready().exists():
            self.tasks.run()
        if time.monotonic() >= self._tidied_at + SECONDS_BETWEEN_TIDYING:
            self._tidied_at = time.monotonic()
            tidy_up()
        return self.poll

    _tidied_at = -SECONDS_BETWEEN_TIDYING


def task_runner() -> TaskRunner:
    """The runner of the task library, as one that returns when the queue is empty."""
    return TaskRunner(
        queue_names=[DEFAULT_TASK_QUEUE_NAME],
        interval=0,
        batch=True,
        backend_name=DEFAULT_TASK_BACKEND_ALIAS,
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )
