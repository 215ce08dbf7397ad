"""What a request costs, beside an ordinary stack that does the same without rules.

    python -m tests.bench [--quick] [--sizes 1000,100000,1000000] [--seconds 5]
                          [--only start,create,read,reveal,decrypt,list,rules]
                          [--stacks mielto,ordinary]

Both applications run at the same time, each on its own database of one temporary PostgreSQL, under
gunicorn with 2 workers of 4 threads, and are asked in turn (A B A B), so that a machine that slows
down slows both. The ordinary stack is in `ordinary/`: ModelSerializer, TokenAuthentication, the
default middleware, ATOMIC_REQUESTS, AES-GCM with one key, one audit row. It checks no rules, has no
envelope and no workspaces.

How to read it. `/s`, `p50` and `p95` are what the callers saw; `srv` and `db` are milliseconds of
processor time a request in gunicorn and in PostgreSQL; the callers' own time is in none of them.
`ratio /s` above 1 and `ratio cpu` below 1 speak for Mielto. The ordinary stack measured against
itself on a busy machine gave ratios between 0.8 and 1.2: run it on a quiet one, and trust `cpu`.

    create     a connection by the five-field method of `five_fields.py`, with its audit row
    read       one connection, without its secret
    reveal     the secret, decrypted, with an audit row on both sides
    decrypt    the same, beside a stack that hands secrets out without an audit row
    page by    100 connections by one caller: by cursor, from the newest on, or by offset, at 100
               places from the newest to the oldest; `stored` is what the table held
    ready      from the start of gunicorn to the first 200; memory is the sum of PSS of its
               processes, 1.5 s after the start (idle) and after the load; medians of three starts.
               Both stacks share the files of Python, so PSS is a little less than either alone
    rules      the requirements serializer over the five fields, in one process, no database

Two more commands measure what leaves: `python -m tests.bench.refresh` (tokens refreshed a second,
due rows found among a million) and `python -m tests.bench.egress` (what the door to it costs).

It is no test: a missed aim is printed and changes nothing. Only an answer that is not 2xx, or a
stack that cannot be set up, makes the exit code 1. All traffic stays on the loopback interface.
"""

import argparse
import os
import platform
import sys
import tempfile
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from tests.bench.cluster import Cluster, temporary_cluster
from tests.bench.ours import Mielto
from tests.bench.plan import VERBS, Run, say
from tests.bench.report import lines
from tests.bench.rival import Ordinary
from tests.bench.server import Server
from tests.databases import termination_as_interrupt

STACKS = {stack.name: stack for stack in (Mielto, Ordinary)}
SIZES, SECONDS = [1_000, 100_000, 1_000_000], 5.0
QUICK_SIZES, QUICK_SECONDS = [1_000], 2.0
PARTS = ("start", *VERBS, "list", "rules")


def names(allowed: tuple[str, ...]) -> object:
    def parse(text: str) -> list[str]:
        chosen = text.split(",")
        for name in chosen:
            if name not in allowed:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(allowed)}")
        return chosen

    return parse


def sizes(text: str) -> list[int]:
    return sorted(int(size) for size in text.split(","))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1,000 stored and 2 s each")
    parser.add_argument("--sizes", type=sizes, help="how many stored connections")
    parser.add_argument("--seconds", type=float, help="for each figure")
    parser.add_argument("--only", type=names(PARTS), default=list(PARTS))
    parser.add_argument("--stacks", type=names(tuple(STACKS)), default=list(STACKS))
    options = parser.parse_args()
    options.sizes = options.sizes or (QUICK_SIZES if options.quick else SIZES)
    options.seconds = options.seconds or (QUICK_SECONDS if options.quick else SECONDS)
    return options


def set_up(options: argparse.Namespace, cleanup: ExitStack) -> Run:
    cluster = cleanup.enter_context(temporary_cluster())
    logs = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
    stacks = [STACKS[name](cluster.create(f"bench_{name}")) for name in options.stacks]
    for stack in stacks:
        say(f"prepare {stack.name}")
        stack.prepare()
    servers = [Server(stack, logs) for stack in stacks]
    run = Run(servers, cluster.pid, options.seconds, place(cluster))
    cleanup.callback(run.stop)
    return run


def place(cluster: Cluster) -> str:
    versions = [f"{name} {version(name)}" for name in ("Django", "gunicorn", "psycopg")]
    parts = [f"{os.cpu_count()} cores", f"Python {platform.python_version()}", *versions]
    return ", ".join([*parts, f"PostgreSQL {cluster.version()}"])


def carry_out(run: Run, options: argparse.Namespace) -> None:
    if "rules" in options.only:
        run.rules()
    run.start(is_measured="start" in options.only)
    run.warm()
    for place, size in enumerate(options.sizes):
        if "list" in options.only:
            run.fill(size)
            run.lists(size)
        if place == 0:
            run.verbs([verb for verb in VERBS if verb in options.only])


def main() -> int:
    options = arguments()
    with ExitStack() as cleanup:
        cleanup.enter_context(termination_as_interrupt())
        try:
            run = set_up(options, cleanup)
        except RuntimeError as error:
            sys.exit(f"bench: {error}")
        try:
            carry_out(run, options)
        except RuntimeError as error:
            run.failures.append(str(error))  # what was measured until then is worth showing
        sys.stdout.write("\n".join(lines(run)) + "\n")
        return 1 if run.errors() else 0


if __name__ == "__main__":
    sys.exit(main())
