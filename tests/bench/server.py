"""gunicorn with 2 workers of 4 threads, the same for both stacks."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.bench.load import HOST
from tests.bench.processes import proportional_mib
from tests.bench.stacks import ROOT, Stack

OPTIONS = ["--workers=2", "--threads=4", "--worker-class=gthread", "--log-level=warning"]
READY_PATH = "/healthz"
START_SECONDS = 60
REST_SECONDS = 1.5  # both workers have loaded by then; nothing has been asked of them


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, stack: Stack, logs: Path) -> None:
        self.stack = stack
        self.process: subprocess.Popen[bytes] | None = None
        self.log = logs / f"{stack.name}.log"
        self.ready_seconds: list[float] = []
        self.idle_mib: list[float] = []

    def start(self) -> None:
        """Start, and note the seconds until the first answer and the memory at rest."""
        self.stack.port = free_port()
        command = [sys.executable, "-m", "gunicorn", self.stack.wsgi, *OPTIONS]
        command += [f"--bind={HOST}:{self.stack.port}", "--no-control-socket"]
        started = time.perf_counter()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.stack.environ, stdout=log, stderr=log
            )
        self.wait_until_ready()
        self.ready_seconds.append(time.perf_counter() - started)
        time.sleep(REST_SECONDS)
        self.idle_mib.append(self.memory_mib())

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.stack.name} did not start: {self.log_end()}")
            time.sleep(0.005)

    def is_ready(self) -> bool:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            url = f"http://{HOST}:{self.stack.port}{READY_PATH}"
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status == 200
        return False

    def memory_mib(self) -> float:
        return proportional_mib(self.process.pid)

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log_end(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]
