"""One measure: how many requests, how long each took, and the processor time they cost."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from tests.bench.processes import cpu_seconds
from tests.bench.server import Server
from tests.bench.stacks import ROOT

UNBOUNDED = 10_000_000


@dataclass
class Cell:
    """What one stack did in one measure, over all its rounds."""

    elapsed: float = 0.0
    latencies: list[float] = field(default_factory=list)  # seconds, of successful requests
    server_cpu: float = 0.0
    database_cpu: float = 0.0
    errors: Counter[str] = field(default_factory=Counter)
    first_error: str = ""

    def add(self, other: "Cell") -> None:
        self.elapsed += other.elapsed
        self.latencies += other.latencies
        self.server_cpu += other.server_cpu
        self.database_cpu += other.database_cpu
        self.errors += other.errors
        self.first_error = self.first_error or other.first_error

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.elapsed if self.elapsed else 0.0

    def percentile_ms(self, percent: int) -> float:
        if len(self.latencies) < 2:
            return 1000 * sum(self.latencies)
        return 1000 * quantiles(self.latencies, n=100, method="inclusive")[percent - 1]

    def server_ms(self) -> float:
        return 1000 * self.server_cpu / max(1, len(self.latencies))

    def database_ms(self) -> float:
        return 1000 * self.database_cpu / max(1, len(self.latencies))


def send(
    server: Server, requests: list[str], *, callers: int, seconds: float, most: int = UNBOUNDED
) -> dict[str, Any]:
    """Let the callers' process send `requests`, and return what it saw."""
    order = {
        "port": server.stack.port,
        "callers": callers,
        "seconds": seconds,
        "most": most,
        "requests": requests,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        cwd=ROOT,
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=seconds + 120,
    )
    if done.returncode:
        raise RuntimeError(f"{server.stack.name}: the callers failed: {done.stderr[-1000:]}")
    return json.loads(done.stdout)


def measure(
    server: Server, requests: list[str], *, database_pid: int, callers: int, seconds: float
) -> Cell:
    """The callers' own processor time is in neither figure."""
    server_before, database_before = cpu_seconds(server.process.pid), cpu_seconds(database_pid)
    seen = send(server, requests, callers=callers, seconds=seconds)
    return Cell(
        elapsed=seen["elapsed"],
        latencies=seen["latencies"],
        server_cpu=cpu_seconds(server.process.pid) - server_before,
        database_cpu=cpu_seconds(database_pid) - database_before,
        errors=Counter(seen["errors"]),
        first_error=seen["first_error"],
    )
