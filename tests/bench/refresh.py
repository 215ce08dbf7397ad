"""What refreshing costs: by one worker, and what finding the due ones takes in a large table.

    python -m tests.bench.refresh [--grants 4000] [--size 1000000] [--threads 16]

On a temporary PostgreSQL that is as durable as one in production; the service answers after 20 ms,
in a process of its own. All of it shares this machine's cores.

    refreshes   so many due grants of 20 workspaces, refreshed by `manage.py sweep --once`: a second
                as the service saw it, from its first call to its last
    find        reading the 1,000 rows that are due among `size`; a worker reads a batch of 16
    claim       one batch: found, leased, loaded with its connections
    sweep       the 1,000, refreshed, with the start of the process

Aims: 200 refreshes a second on two cores, due rows found in under 50 ms. It is no test: a missed
aim is printed and changes nothing.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.cluster import temporary_cluster
from tests.bench.processes import cpu_seconds

ROOT = Path(__file__).resolve().parents[2]
DUE = 1000


class Bench:
    def __init__(self, database_url: str) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environ = kept | {
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "mielto.settings",
            "DATABASE_URL": database_url,
            "SECRET_KEY": secrets.token_urlsafe(60),
            "MIELTO_MODE": "test",
            "MIELTO_KEYRING": f"v1:{b64encode(secrets.token_bytes(32)).decode()}",
            "MIELTO_ENV_FILE": os.devnull,
            "ALLOWED_HOSTS": "127.0.0.1",
            "LIVE_TESTS": "false",
            "EGRESS_ALLOW_CIDRS": "127.0.0.0/8",
            "EGRESS_ALLOW_HTTP_HOSTS": "127.0.0.1",
        }

    def python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=1800,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def rows(self, *arguments: str) -> str:
        return self.python("-m", "tests.bench.refresh_rows", *arguments)

    def sweep(self, threads: int) -> tuple[str, float, float]:
        """What it said, how long it took, and its processor time."""
        began, before = time.monotonic(), cpu_seconds(os.getpid())
        said = self.python("manage.py", "sweep", "--once", f"--threads={threads}")
        return said.strip(), time.monotonic() - began, cpu_seconds(os.getpid()) - before


@contextmanager
def token_service() -> Iterator[Any]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.token_service"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.stdin.close()


def told(service: Any) -> dict[str, float]:
    service.stdin.write("\n")
    service.stdin.flush()
    return json.loads(service.stdout.readline())


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description="What refreshing costs.")
    parser.add_argument("--grants", type=int, default=4000)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=16)
    options = parser.parse_args()
    with temporary_cluster() as cluster, token_service() as service:
        bench = Bench(cluster.create("refresh"))
        url = f"http://127.0.0.1:{json.loads(service.stdout.readline())}"
        bench.python("manage.py", "migrate", "--verbosity=0")
        bench.rows("make", url, str(options.grants))
        bench.rows("due", str(options.grants))
        # As autovacuum would have done by then.
        bench.rows("analyze")
        told(service)
        said, _seconds, cpu = bench.sweep(options.threads)
        seen = told(service)
        rate = (seen["calls"] - 1) / seen["seconds"]
        say(f"refreshes   {rate:.0f}/s with {options.threads} threads ({said})")
        say(f"            {1000 * cpu / seen['calls']:.2f} ms of the worker's processor time each")
        if options.size > options.grants:
            say_of_a_large_table(bench, service, options)


def say_of_a_large_table(bench: Bench, service: Any, options: argparse.Namespace) -> None:
    bench.rows("copy", str(options.size))
    bench.rows("due", str(DUE))
    costs = json.loads(bench.rows("claim"))
    say(f"find        {costs['find_ms']:.1f} ms for {costs['due']} due of {options.size}")
    say(f"claim       {costs['claim_ms']:.1f} ms for a batch of {costs['batch']}")
    bench.rows("due", str(DUE))
    said, seconds, _cpu = bench.sweep(options.threads)
    say(f"sweep       {seconds:.1f} s for {told(service)['calls']:.0f} of them ({said})")


if __name__ == "__main__":
    main()
