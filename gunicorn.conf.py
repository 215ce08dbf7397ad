"""How gunicorn serves `mielto.wsgi` when it is started in this folder. Options on its command line,
and WEB_CONCURRENCY for the number of workers, come first."""

import os

worker_class = "mielto.worker.PatientWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# Once, before the workers: a wrong setting or keyring stops the start instead of each worker.
preload_app = True
# Nobody has to steer it from outside; signals do.
control_socket_disable = True
