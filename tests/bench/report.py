"""The answer: one table with both stacks and their ratio, and what was aimed at."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from tests.bench.measures import Cell
from tests.bench.plan import Run

OURS, OTHER = "mielto", "ordinary"
CELL_HEAD = f"{'/s':>7} {'p50 ms':>7} {'p95 ms':>7} {'srv ms':>7} {'db ms':>7}"
MISSING = "-"


@dataclass(frozen=True)
class Aim:
    text: str
    value: float | None  # None: not measured in this run
    limit: float
    is_least: bool
    unit: str

    def verdict(self) -> str:
        if self.value is None:
            return "not measured"
        is_met = self.value >= self.limit if self.is_least else self.value <= self.limit
        return f"{'met' if is_met else 'MISSED'}, {self.value:.2f} {self.unit}".rstrip()


def table(run: Run) -> Iterator[str]:
    yield f"{'':<33} | {OURS:^39} | {OTHER:^39} | {'ratio':^11}"
    yield f"{'':<33} | {CELL_HEAD} | {CELL_HEAD} | {'/s':>5} {'cpu':>5}"
    for (name, detail), cells in run.rows.items():
        ours, other = cells.get(OURS), cells.get(OTHER)
        yield (
            f"{name:<16} {detail:<16} | {figures(ours)} | {figures(other)} | "
            f"{number(rate_ratio(cells)):>5} {number(cpu_ratio(cells)):>5}"
        )


def figures(cell: Cell | None) -> str:
    if cell is None or not cell.latencies:
        return f"{MISSING:>39}"
    return (
        f"{cell.per_second:7.0f} {cell.percentile_ms(50):7.2f} {cell.percentile_ms(95):7.2f} "
        f"{cell.server_ms():7.2f} {cell.database_ms():7.2f}"
    )


def number(value: float | None) -> str:
    return MISSING if value is None else f"{value:.2f}"


def rate_ratio(cells: dict[str, Cell]) -> float | None:
    """Above 1: more requests a second than the ordinary stack."""
    return quotient({name: cell.per_second for name, cell in cells.items()})


def cpu_ratio(cells: dict[str, Cell]) -> float | None:
    """Below 1: less processor time a request, server and database together."""
    return quotient({name: cell.server_ms() + cell.database_ms() for name, cell in cells.items()})


def quotient(values: dict[str, float]) -> float | None:
    if OURS not in values or not values.get(OTHER):
        return None
    return values[OURS] / values[OTHER]


def resources(run: Run) -> Iterator[str]:
    ready = {one.stack.name: median(one.ready_seconds) for one in run.servers if one.ready_seconds}
    idle = {one.stack.name: median(one.idle_mib) for one in run.servers if one.idle_mib}
    for name, unit, values in (
        ("ready (start to first answer)", "s", ready),
        ("memory idle (PSS, all processes)", "MiB", idle),
        ("memory after the load", "MiB", run.loaded_mib),
    ):
        ours, other = number(values.get(OURS)), number(values.get(OTHER))
        yield (
            f"{name:<33} | {ours:>32} {unit:<6} | {other:>32} {unit:<6} | "
            f"{number(quotient(values)):>5}"
        )


def aims(run: Run) -> Iterator[Aim]:
    for verb, least in (("create", 1.5), ("reveal", 1.0)):
        for detail in ("1 caller", "16 callers"):
            yield ratio_aim(run, verb, detail, least=least)
    for (name, detail), cells in run.rows.items():
        if name == "page by cursor":
            p50 = cells[OURS].percentile_ms(50) if OURS in cells else None
            yield Aim(f"{name}, {detail}: p50 at most 3 ms", p50, 3, is_least=False, unit="ms")
    yield Aim("rules of five fields: under 150 µs", run.rules_us, 150, is_least=False, unit="µs")
    ours = next((one for one in run.servers if one.stack.name == OURS), None)
    ready = median(ours.ready_seconds) if ours and ours.ready_seconds else None
    idle = median(ours.idle_mib) if ours and ours.idle_mib else None
    yield Aim("ready: in about 1 s", ready, 1.2, is_least=False, unit="s")
    yield Aim("idle: under 150 MiB", idle, 150, is_least=False, unit="MiB")


def ratio_aim(run: Run, verb: str, detail: str, *, least: float) -> Aim:
    ratio = rate_ratio(run.rows.get((verb, detail), {}))
    text = f"{verb}, {detail}: at least {least} times the ordinary stack"
    return Aim(text, ratio, least, is_least=True, unit="times")


def lines(run: Run) -> Iterator[str]:
    yield run.place
    yield ""
    yield from table(run)
    yield ""
    yield from resources(run)
    yield f"{'rules alone, five fields':<33} | {number(run.rules_us):>32} µs"
    yield ""
    for aim in aims(run):
        yield f"{aim.text:<58} {aim.verdict()}"
    for error in run.errors():
        yield f"ERROR {error}"
