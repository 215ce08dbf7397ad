"""How gunicorn serves `mielto.wsgi` when it is started in this folder. Options on its command line,
and WEB_CONCURRENCY for the number of workers, come first."""

import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

worker_class = "mielto.worker.PatientWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# Once, before the workers: a wrong setting or keyring stops the start instead of each worker.
preload_app = True
# Nobody has to steer it from outside; signals do.
control_socket_disable = True
# Longer than any call of ours may take, shorter than what supervisors wait before they kill.
graceful_timeout = 20

_TOLD_TO_STOP = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}


def pre_fork(_server, _worker):
    # A worker that is told to stop before it has set up its signals would never hear of it, and
    # the stop would take until the kill: signals wait until the worker listens.
    signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD_TO_STOP)


def _hear_signals():
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _TOLD_TO_STOP)


os.register_at_fork(after_in_parent=_hear_signals)


def post_worker_init(worker):
    # One thread is always there for requests that wait for nobody else.
    import_module("connections.services.waiting").limit_to(max(1, worker.cfg.threads - 1))
    _hear_signals()


# A worker for the background beside the server, for those who run everything in one place.
_BESIDE = []
_MANAGE = str(Path(__file__).resolve().with_name("manage.py"))
_SECONDS_TO_FINISH = 30


def when_ready(_server):
    if os.environ.get("MIELTO_WORKER_BESIDE") == "true":
        # In a session of its own: Ctrl-C is for the server, which tells it.
        command = [sys.executable, _MANAGE, "worker", "--with-parent"]
        _BESIDE.append(subprocess.Popen(command, start_new_session=True))  # noqa: S603 - ours


def on_exit(_server):
    for worker in _BESIDE:
        worker.terminate()
    for worker in _BESIDE:
        try:
            worker.wait(_SECONDS_TO_FINISH)
        except subprocess.TimeoutExpired:
            worker.kill()
