"""The order of a run: start, fill, measure both stacks in turn, fill further, measure the lists."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench import seed
from tests.bench.measures import Cell, measure, send
from tests.bench.server import Server
from tests.bench.stacks import LONG_PAGE, PAGE, Stack

STARTS = 3
ROUNDS = 4  # A B A B ...: a machine that slows down meanwhile slows both
SAMPLES = 100
WARM_CALLERS, WARM_SECONDS = 16, 1.0
CALLERS = (1, 16)
LONG_PAGES_WALKED = 100
STRIDE = 61  # of 100 offsets: a short measure, too, sees all of the table

VERBS = ("create", "read", "reveal", "decrypt")


@dataclass
class Run:
    """What is compared, and everything that was found out."""

    servers: list[Server]
    database_pid: int
    seconds: float
    place: str  # the machine and the versions, for whoever compares two runs
    rows: dict[tuple[str, str], dict[str, Cell]] = field(default_factory=dict)
    loaded_mib: dict[str, float] = field(default_factory=dict)
    rules_us: float | None = None
    failures: list[str] = field(default_factory=list)  # what ended the run before its time

    def start(self, *, is_measured: bool) -> None:
        """Start both, several times where the start itself is measured."""
        for attempt in range(STARTS if is_measured else 1):
            self.stop()
            for server in self.servers:
                say(f"start {server.stack.name}, {attempt + 1}")
                server.start()

    def stop(self) -> None:
        for server in self.servers:
            server.stop()

    def warm(self) -> None:
        """Create the connections that are read later, and open every thread's database session."""
        for server in self.servers:
            say(f"warm {server.stack.name}")
            stack = server.stack
            stack.call("POST", stack.path("create"), stack.body())  # shows a refusal whole
            create = stack.requests("create", [])
            send(server, create, callers=4, seconds=60, most=SAMPLES - 1)
            stack.samples = stack.ids(stack.call("GET", stack.walk_path(None)))
            for verb in VERBS[1:]:
                reading = stack.requests(verb, stack.samples)
                send(server, reading, callers=WARM_CALLERS, seconds=WARM_SECONDS)

    def compare(
        self, row: tuple[str, str], requests_of: Callable[[Stack], list[str]], *, callers: int
    ) -> None:
        say(" ".join(row))
        cells = self.rows[row] = {server.stack.name: Cell() for server in self.servers}
        prepared = {server.stack.name: requests_of(server.stack) for server in self.servers}
        for _ in range(ROUNDS):
            for server in self.servers:
                cell = measure(
                    server,
                    prepared[server.stack.name],
                    database_pid=self.database_pid,
                    callers=callers,
                    seconds=self.seconds / ROUNDS,
                )
                cells[server.stack.name].add(cell)

    def verbs(self, wanted: list[str]) -> None:
        for verb in wanted:
            for callers in CALLERS:
                self.compare(
                    (verb, f"{callers} caller{'s' * (callers > 1)}"),
                    lambda stack, verb=verb: stack.requests(verb, stack.samples),
                    callers=callers,
                )
        self.loaded_mib = {server.stack.name: server.memory_mib() for server in self.servers}

    def lists(self, size: int) -> None:
        self.compare(
            ("page by cursor", f"{size:,} stored"),
            lambda stack: by_cursor(stack, size),
            callers=1,
        )
        self.compare(
            ("page by offset", f"{size:,} stored"),
            lambda stack: by_offset(stack, size),
            callers=1,
        )

    def rules(self) -> None:
        """Only Mielto has rules."""
        for stack in (server.stack for server in self.servers):
            if stack.rules_module:
                say(f"rules of {stack.name}")
                self.rules_us = float(stack.python(stack.rules_module))

    def fill(self, size: int) -> None:
        for stack in (server.stack for server in self.servers):
            say(f"fill {stack.name} up to {size:,}")
            seed.fill(stack, size=size)

    def errors(self) -> list[str]:
        refused = [
            f"{' '.join(row)}, {name}: {dict(cell.errors)} {cell.first_error}"
            for row, cells in self.rows.items()
            for name, cell in cells.items()
            if cell.errors
        ]
        return refused + self.failures


def by_offset(stack: Stack, size: int) -> list[str]:
    """100 pages from the newest to the oldest row, in an order that jumps."""
    last = max(0, size - PAGE)
    offsets = [number * STRIDE % 100 * last // 99 for number in range(100)]
    return [stack.request("GET", stack.offset_path(offset)) for offset in offsets]


def by_cursor(stack: Stack, size: int) -> list[str]:
    """Pages from the newest on, far into the table; the first one has no cursor and is left out."""
    step = min(LONG_PAGE, max(PAGE, size // LONG_PAGES_WALKED))
    cursors, cursor = [], None
    for _ in range(LONG_PAGES_WALKED):
        cursor = stack.next_cursor(stack.call("GET", stack.walk_path(cursor, limit=step)))
        if cursor is None:
            break
        cursors.append(cursor)
    return [stack.request("GET", stack.walk_path(cursor)) for cursor in cursors]


def say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")
